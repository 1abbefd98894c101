import type { Connection } from '../connect/connection.js';
import type { SchemaEditor, TableDefinition } from '../schema/schema-editor.js';
import type { Migration, MigrationContext, MigrationUserModel } from './migration.js';
import { recordingExecutor } from './recording.js';

/** What a migration would do, in order. */
export type Entry =
  | { readonly kind: 'operation'; readonly description: string }
  /** Work that is not DDL, and does not show. */
  | { readonly kind: 'work'; readonly description: string }
  | { readonly kind: 'statement'; readonly sql: string };

/** What becomes of tables and columns. */
export type Effect =
  | { readonly kind: 'create_table'; readonly table: TableDefinition }
  | { readonly kind: 'add_column'; readonly table: string; readonly column: string }
  | { readonly kind: 'drop_table'; readonly table: string }
  | { readonly kind: 'drop_column'; readonly table: string; readonly column: string };

export interface Rehearsal {
  readonly entries: readonly Entry[];
  readonly effects: readonly Effect[];
}

function observe(schema: SchemaEditor, effects: Effect[]): SchemaEditor {
  return {
    ...schema,
    createTable(table) {
      effects.push({ kind: 'create_table', table });
      return schema.createTable(table);
    },
    addColumn(after, column, options) {
      effects.push({ kind: 'add_column', table: after.name, column });
      return schema.addColumn(after, column, options);
    },
    dropTable(table) {
      effects.push({ kind: 'drop_table', table });
      return schema.dropTable(table);
    },
    dropColumn(before, column) {
      effects.push({ kind: 'drop_column', table: before.name, column });
      return schema.dropColumn(before, column);
    },
  };
}

/**
 * Runs a migration against an executor that only records, and says what it would do. A migration that goes by what it
 * reads in the database finds nothing there, and may fail for that.
 */
export async function rehearse(
  { db, dialect }: Pick<Connection, 'db' | 'dialect'>,
  migration: Migration,
  {
    backwards,
    userModel,
    now,
  }: { readonly backwards: boolean; readonly userModel: MigrationUserModel; readonly now: Date },
): Promise<Rehearsal> {
  const entries: Entry[] = [];
  const effects: Effect[] = [];
  const executor = recordingExecutor(db, (sql) => entries.push({ kind: 'statement', sql }));
  const schema = await dialect.editor(executor, { backwards, now });
  const context: MigrationContext = {
    schema: observe(schema, effects),
    userModel,
    operation(description) {
      entries.push({ kind: 'operation', description });
    },
    async run(description) {
      entries.push({ kind: 'work', description });
    },
  };
  await (backwards ? migration.down?.(executor, context) : migration.up(executor, context));
  await schema.finish();
  return { entries, effects };
}
