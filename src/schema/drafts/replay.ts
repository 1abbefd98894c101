import type { Executor } from '../../db/connect/connection.js';
import type { LoadedMigration } from '../../db/migrations/load.js';
import type { MigrationContext, MigrationUserModel } from '../../db/migrations/migration.js';
import type { SchemaEditor, TableDefinition } from '../../db/schema/schema-editor.js';
import { CommandError } from '../../errors.js';

/** What migrations make, as far as they say it through the schema editor. */
export interface Replayed {
  readonly tables: ReadonlyMap<string, TableDefinition>;
  /** Migrations (`app.name`) with SQL of their own, of which nothing is known. */
  readonly unknown: readonly string[];
}

/** An executor that runs nothing and tells that it was asked to: every query finds nothing. */
function silentExecutor(onUse: () => void): Executor {
  const silent: unknown = new Proxy(() => {}, {
    get: (_target, name) => {
      onUse();
      return name === 'then' ? (resolve: (rows: unknown[]) => void) => resolve([]) : silent;
    },
    apply: () => silent,
  });
  return silent as Executor;
}

/** An editor that only keeps what tables there would be. */
function trackingEditor(tables: Map<string, TableDefinition>): SchemaEditor {
  const keep = async (after: TableDefinition) => void tables.set(after.name, after);
  const change = async ({ name }: TableDefinition, edit: (table: TableDefinition) => TableDefinition) => {
    const table = tables.get(name);
    if (table !== undefined) tables.set(name, edit(table));
  };
  const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
  return {
    createTable: keep,
    dropTable: async (name) => void tables.delete(name),
    alterColumn: async (before, after, column) =>
      change(before, (table) => {
        const at = before.columns.findIndex(({ name }) => name === column);
        const changed = after.columns.find(({ name }) => name === column) ?? after.columns[at];
        const columns = table.columns.map((each) => (each.name === column && changed !== undefined ? changed : each));
        return { ...table, columns };
      }),
    addColumn: async (after, column) =>
      change(after, (table) => ({
        ...table,
        columns: [...table.columns, ...after.columns.filter(({ name }) => name === column)],
      })),
    dropColumn: async (before, column) =>
      change(before, (table) => ({ ...table, columns: table.columns.filter(({ name }) => name !== column) })),
    addUniqueTogether: async (after, columns) =>
      change(after, (table) => ({ ...table, uniqueTogether: [...(table.uniqueTogether ?? []), columns] })),
    dropUniqueTogether: async (before, columns) =>
      change(before, (table) => ({
        ...table,
        uniqueTogether: (table.uniqueTogether ?? []).filter((each) => !same(each, columns)),
      })),
    addIndex: async (after, index) =>
      change(after, (table) => ({ ...table, indexes: [...(table.indexes ?? []), index] })),
    dropIndex: async (before, index) =>
      change(before, (table) => ({ ...table, indexes: (table.indexes ?? []).filter((each) => !same(each, index)) })),
    finish: async () => {},
  };
}

/**
 * The tables that these migrations make, in this order. Nothing is run: neither a database nor what is in one is needed.
 *
 * @throws CommandError for a migration that fails without a database.
 */
export async function replay(migrations: readonly LoadedMigration[], userModel: MigrationUserModel): Promise<Replayed> {
  const tables = new Map<string, TableDefinition>();
  const unknown: string[] = [];
  for (const { key, load } of migrations) {
    let used = false;
    const executor = silentExecutor(() => {
      used = true;
    });
    const context: MigrationContext = {
      schema: trackingEditor(tables),
      userModel,
      operation() {},
      async run() {},
    };
    const migration = await load();
    await migration.up(executor, context).catch((cause: unknown) => {
      throw new CommandError(`What the migration ${key} makes cannot be told without a database.`, {
        code: 'unknown_migration_state',
        hint: 'Write the next one by hand.',
        cause,
      });
    });
    if (used) unknown.push(key);
  }
  return { tables, unknown };
}
