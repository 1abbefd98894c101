import type { Connection, Executor } from '../db/connect/connection.js';
import { readTableMap } from '../db/introspection/table-map.js';
import { transaction } from '../db/transactions/transaction.js';
import { findApp, findModel } from '../registry/define.js';
import { type ClearedRows, clearAtOnce, countCleared } from '../rows/clear.js';
import { type ClearStep, planDeletion } from '../rows/clear-plan.js';

/** A content type whose model is not there any more. */
export interface StaleContentType {
  readonly id: number | string;
  readonly app: string;
  readonly model: string;
}

export interface StaleContentTypes {
  readonly stale: readonly StaleContentType[];
  /** Those whose model the registry does not have, and whose table is still there: they are in use elsewhere. */
  readonly inUse: readonly (StaleContentType & { readonly table: string })[];
  /** Those that the registry has as proxy models, which are not looked for among the tables. */
  readonly proxies: readonly StaleContentType[];
}

/**
 * Finds content types of models that neither the registry nor, under its usual name, a table has any more. Those of apps
 * that the registry does not have, and proxy models of those that have no other, are only looked at with `includeStaleApps`.
 */
export async function findStaleContentTypes(
  { registry, dialect }: Pick<Connection, 'registry' | 'dialect'>,
  executor: Executor,
  { includeStaleApps = false }: { readonly includeStaleApps?: boolean } = {},
): Promise<StaleContentTypes> {
  const model = findModel(registry, 'contenttypes.contenttype');
  const names = new Set(await dialect.tableNames(executor));
  if (model === undefined || !names.has(model.table)) return { stale: [], inUse: [], proxies: [] };
  const rows: { id: number | string; app_label: string; model: string }[] = await executor(model.table)
    .select('id', 'app_label', 'model')
    .orderBy(['app_label', 'model']);
  const isProxy = ({ app, model: name }: StaleContentType) => {
    const declared = findApp(registry, app);
    const gone = includeStaleApps && declared?.models.length === 0;
    return !gone && declared?.proxies.includes(name) === true;
  };
  const without = rows
    .filter((row) => findModel(registry, `${row.app_label}.${row.model}`) === undefined)
    .filter((row) => includeStaleApps || findApp(registry, row.app_label) !== undefined)
    .map((row) => ({ id: row.id, app: row.app_label, model: row.model, table: `${row.app_label}_${row.model}` }));
  const gone = without.filter((each) => !isProxy(each));
  return {
    proxies: without.filter(isProxy),
    stale: gone.filter(({ table }) => !names.has(table)).map(({ id, app, model: name }) => ({ id, app, model: name })),
    inUse: gone.filter(({ table }) => names.has(table)),
  };
}

/** What removing these content types would delete and change, with numbers of rows. */
export async function previewRemoval(
  connection: Pick<Connection, 'registry' | 'dialect'>,
  executor: Executor,
  stale: readonly StaleContentType[],
): Promise<ClearedRows[]> {
  return countCleared(executor, { steps: await stepsOf(connection, executor, stale) });
}

/**
 * Removes content types with their permissions and what else refers to them, in one transaction.
 *
 * @throws CommandError where rows that are protected or of no known model refer to them. Nothing is changed then.
 */
export async function removeContentTypes(
  connection: Connection,
  stale: readonly StaleContentType[],
): Promise<ClearedRows[]> {
  return transaction(connection, async (executor) =>
    clearAtOnce(executor, { steps: await stepsOf(connection, executor, stale) }),
  );
}

async function stepsOf(
  connection: Pick<Connection, 'registry' | 'dialect'>,
  executor: Executor,
  stale: readonly StaleContentType[],
): Promise<ClearStep[]> {
  const table = findModel(connection.registry, 'contenttypes.contenttype')?.table;
  if (table === undefined || stale.length === 0) return [];
  const start = new Map([[table, `"id" IN (${stale.map(({ id }) => BigInt(id)).join(', ')})`]]);
  const map = await readTableMap(connection, executor);
  return planDeletion(connection.registry, executor, { map, start, cascade: false });
}
