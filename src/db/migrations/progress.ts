import type { DbContext } from '../connect/connection.js';
import type { TableDefinition } from '../schema/schema-editor.js';
import type { PlanStep } from './plan.js';

/** Where an engine cannot take DDL back: which migrations have been begun. It is only there while one is under way. */
const progressTable: TableDefinition = {
  name: 'manage_migration_progress',
  columns: [
    { name: 'id', type: 'BigAutoField', primaryKey: true },
    { name: 'migration', type: 'CharField', maxLength: 255 },
    { name: 'direction', type: 'CharField', maxLength: 10 },
  ],
};

const table = progressTable.name;
const rowOf = ({ migration, backwards }: PlanStep) => ({
  migration: migration.key,
  direction: backwards ? 'backwards' : 'forwards',
});

const isThere = async ({ db, dialect }: DbContext) => (await dialect.tableNames(db)).includes(table);

/** Notes that a migration is begun; resolves with whether it was before, by a run that did not come to its end. */
export async function noteBegun(connection: DbContext, step: PlanStep): Promise<boolean> {
  const { db, dialect } = connection;
  if (!(await isThere(connection))) {
    const editor = await dialect.editor(db);
    await editor.createTable(progressTable);
    await editor.finish();
  }
  if ((await db(table).where(rowOf(step)).limit(1)).length > 0) return true;
  await db(table).insert(rowOf(step));
  return false;
}

/** Forgets it, in the transaction that records the migration. */
export async function forgetBegun(connection: DbContext, step: PlanStep): Promise<void> {
  if (await isThere(connection)) await connection.db(table).where(rowOf(step)).delete();
}

/** Drops the table once nothing is under way. */
export async function endProgress(connection: DbContext): Promise<void> {
  const { db, dialect } = connection;
  if (!(await isThere(connection)) || (await db(table).limit(1)).length > 0) return;
  const editor = await dialect.editor(db);
  await editor.dropTable(table);
  await editor.finish();
}
