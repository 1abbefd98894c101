import type { ColumnDefinition, TableDefinition } from '../../src/db/schema/schema-editor.js';

const table = (...columns: ColumnDefinition[]): TableDefinition => ({
  name: 'django_content_type',
  columns: [
    { name: 'id', type: 'AutoField', primaryKey: true },
    ...columns,
    { name: 'app_label', type: 'CharField', maxLength: 100 },
    { name: 'model', type: 'CharField', maxLength: 100 },
  ],
  uniqueTogether: [['app_label', 'model']],
});

/** The table of content types as 0001 makes it. */
export const named = table({ name: 'name', type: 'CharField', maxLength: 100 });

/** As it is between the two steps of 0002. */
export const named0002 = table({ name: 'name', type: 'CharField', maxLength: 100, null: true });
