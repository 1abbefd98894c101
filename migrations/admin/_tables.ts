import type { MigrationUserModel } from '../../src/db/migrations/migration.js';
import type { TableDefinition } from '../../src/db/schema/schema-editor.js';

/** The log of the admin site; it refers to whatever model holds the accounts. */
export const log = ({ table, pk, pkType, pkMaxLength }: MigrationUserModel): TableDefinition => ({
  name: 'django_admin_log',
  columns: [
    { name: 'id', type: 'AutoField', primaryKey: true },
    { name: 'action_time', type: 'DateTimeField' },
    { name: 'object_id', type: 'TextField', null: true },
    { name: 'object_repr', type: 'CharField', maxLength: 200 },
    { name: 'action_flag', type: 'PositiveSmallIntegerField' },
    { name: 'change_message', type: 'TextField' },
    {
      name: 'content_type_id',
      type: 'IntegerField',
      null: true,
      references: { table: 'django_content_type', column: 'id' },
    },
    {
      name: 'user_id',
      type: pkType,
      ...(pkMaxLength === undefined ? {} : { maxLength: pkMaxLength }),
      references: { table, column: pk },
    },
  ],
});
