import type { Connection } from '../db/connect/connection.js';
import { assertNotShadowed, readTableMap, tablesOfModels } from '../db/introspection/table-map.js';
import type { MigrationUserModel } from '../db/migrations/migration.js';
import type { PlanStep } from '../db/migrations/plan.js';
import { rehearse } from '../db/migrations/rehearse.js';
import { stillNeeded } from '../db/schema/dependents.js';

/** What undoing migrations takes out of a database. */
export interface Losses {
  /** Tables with the number of their rows, in the order in which they go. */
  readonly tables: readonly { readonly table: string; readonly rows: number }[];
  readonly columns: readonly { readonly table: string; readonly column: string }[];
  /** Tables that stay, and refer to one that goes: belonging to others, who need it. */
  readonly references: readonly { readonly from: string; readonly to: string }[];
}

/**
 * Finds out what the backward steps of a plan would drop, among the tables that are there.
 *
 * @throws CommandError where the search path finds another table of the name than the one that others refer to.
 */
export async function findLosses(
  connection: Connection,
  steps: readonly PlanStep[],
  { userModel, now }: { readonly userModel: MigrationUserModel; readonly now: Date },
): Promise<Losses> {
  const { db, dialect } = connection;
  const existing = new Set(await dialect.tableNames(db));
  const tables: { table: string; rows: number }[] = [];
  const columns: { table: string; column: string }[] = [];
  for (const { migration, backwards } of steps) {
    if (!backwards) continue;
    const { effects } = await rehearse(connection, await migration.load(), { backwards, userModel, now });
    for (const effect of effects) {
      if (effect.kind === 'drop_column') columns.push({ table: effect.table, column: effect.column });
      if (effect.kind !== 'drop_table' || !existing.delete(effect.table)) continue;
      const [row]: { count: number | string }[] = await db(effect.table).count({ count: '*' });
      tables.push({ table: effect.table, rows: Number(row?.count ?? 0) });
    }
  }
  // A column of a table that goes anyway is no news.
  const gone = new Set(tables.map(({ table }) => table));
  const map = await readTableMap(connection, db);
  const apps = new Set(steps.filter(({ backwards }) => backwards).map(({ migration }) => migration.app));
  const models = connection.registry.models.filter(({ app }) => apps.has(app));
  assertNotShadowed(map, [...gone, ...tablesOfModels(models)]);
  const references = map.references.filter(({ from, to }) => gone.has(to) && !gone.has(from));
  return { tables, columns: columns.filter(({ table }) => !gone.has(table)), references };
}

/**
 * Refuses to begin what could not be ended: each migration is undone by itself, and the last one would fail.
 *
 * @throws CommandError that names the tables which stay and need one that goes.
 */
export function assertNotNeeded({ references }: Losses): void {
  const [first] = references;
  if (first === undefined) return;
  const needing = references.filter(({ to }) => to === first.to).map(({ from }) => ({ type: 'table', name: from }));
  throw stillNeeded(`The table "${first.to}"`, needing);
}
