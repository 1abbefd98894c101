import { CommandError } from '../../errors.js';
import type { Connection } from '../connect/connection.js';
import type { LoadedMigration } from './load.js';
import type { Migration, MigrationUserModel } from './migration.js';
import { rehearse } from './rehearse.js';

/**
 * Whether everything that a first migration of an app makes is there already, so that it need only be recorded. Goes
 * beyond Django 5.2 (db/migrations/executor.py, `detect_soft_applied`), which looks at the tables' names alone.
 *
 * @throws CommandError where its tables are there but lack a column.
 */
export async function isInitialApplied(
  connection: Connection,
  { key, app }: LoadedMigration,
  migration: Migration,
  { userModel, now }: { readonly userModel: MigrationUserModel; readonly now: Date },
): Promise<boolean> {
  if (migration.dependencies.some((dependency) => dependency.startsWith(`${app}.`))) return false;
  const { effects } = await rehearse(connection, migration, { backwards: false, userModel, now });
  const made = effects.flatMap((effect) =>
    effect.kind === 'create_table'
      ? [{ table: effect.table.name, columns: effect.table.columns.map(({ name }) => name) }]
      : effect.kind === 'add_column'
        ? [{ table: effect.table, columns: [effect.column] }]
        : [],
  );
  const names = [...new Set(made.map(({ table }) => table))];
  const { tables } = await connection.dialect.introspect(connection.db, { tables: names });
  if (made.length === 0 || names.some((name) => tables.get(name)?.kind !== 'table')) return false;
  for (const { table, columns } of made) {
    const there = new Set(tables.get(table)?.columns.map(({ name }) => name.toLowerCase()));
    const missing = columns.find((column) => !there.has(column.toLowerCase()));
    if (missing === undefined) continue;
    throw new CommandError(`The tables of ${key} are there already, but "${table}" has no column "${missing}".`, {
      code: 'unexpected_schema',
      hint: 'If a later migration took it away, record the migrations as applied.',
    });
  }
  return true;
}
