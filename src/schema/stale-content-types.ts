import type { Connection, DbContext, Executor } from '../db/connect/connection.js';
import { mayBeTableOf } from '../db/introspection/names.js';
import { readTableMap, type TableMap, tableNamed, tablesOfModels } from '../db/introspection/table-map.js';
import { isAmong } from '../db/read/conditions.js';
import { migrationsTable } from '../db/schema/tables.js';
import { repeatableTransaction } from '../db/transactions/transaction.js';
import { findApp, findModel, isGuessed } from '../registry/define.js';
import { findProxy } from '../registry/inheritance.js';
import type { Registry } from '../registry/types.js';
import { type ClearedRows, clearAtOnce, countCleared } from '../rows/clear.js';
import { type ClearStep, planDeletion } from '../rows/clear-plan.js';

/** A content type whose model is not there any more. */
export interface StaleContentType {
  readonly id: number | string;
  readonly app: string;
  readonly model: string;
}

/** A content type that stays, and why its model may be there all the same. */
export interface LiveContentType extends StaleContentType {
  /** A table that may be its model's, or one that its app may have. */
  readonly table?: string;
  /** Whether migrations of its app are recorded. */
  readonly migrated: boolean;
}

export interface StaleContentTypes {
  readonly stale: readonly StaleContentType[];
  /** Those whose model the registry does not have, and which may be in use elsewhere. */
  readonly inUse: readonly LiveContentType[];
  /** Those that the registry has as proxy models, which are not looked for among the tables. */
  readonly proxies: readonly StaleContentType[];
  /** Those whose permissions somebody holds, with the number of such links. */
  readonly granted: readonly (StaleContentType & { readonly grants: number })[];
}

export interface StaleOptions {
  /** Also those of apps that the registry does not have, if nothing of these is left. */
  readonly includeStaleApps?: boolean;
  /** Also those whose permissions users or groups hold. */
  readonly includeGranted?: boolean;
}

/**
 * Finds content types of models that are gone: neither the registry has them, nor may a table of the database be theirs.
 * Of apps that the registry does not have, they are only looked at with `includeStaleApps`, and only where no migration of
 * the app is recorded and no table may be the app's: a site's settings may still have it. What is not proved to be gone is
 * `inUse`; what is gone, and whose permissions users or groups hold, is only `granted` without `includeGranted`. Never finds more than Django's own command would (Django 5.2 contrib/contenttypes).
 */
export async function findStaleContentTypes(
  connection: DbContext,
  { includeStaleApps = false, includeGranted = false }: StaleOptions = {},
): Promise<StaleContentTypes> {
  const { db: executor, registry } = connection;
  const types = findModel(registry, 'contenttypes.contenttype');
  const map = await readTableMap(connection, executor);
  if (types === undefined || !map.names.has(types.table)) return { stale: [], inUse: [], proxies: [], granted: [] };
  const rows: { id: number | string; app_label: string; model: string }[] = await executor(types.table)
    .select('id', 'app_label', 'model')
    .orderBy(['app_label', 'model']);
  const migrated = await migratedApps(executor, map);
  const candidates = freeTables(registry, await connection.dialect.relationNames(executor), rows);
  const result = { inUse: [] as LiveContentType[], proxies: [] as StaleContentType[] };
  const gone: StaleContentType[] = [];
  for (const { id, app_label: app, model } of rows) {
    if (findModel(registry, `${app}.${model}`) !== undefined) continue;
    const type = { id, app, model };
    const declared = isDeclared(registry, app);
    if (declared && findProxy(registry, `${app}.${model}`) !== undefined) {
      result.proxies.push(type);
      continue;
    }
    if (!declared && !includeStaleApps) continue;
    const isMigrated = !declared && migrated.has(app);
    const table =
      candidates.find((name) => mayBeTableOf(name, type)) ??
      (declared || isMigrated ? undefined : candidates.find((name) => name.startsWith(`${app}_`)));
    if (table !== undefined || isMigrated) {
      result.inUse.push({ ...type, ...(table === undefined ? {} : { table }), migrated: isMigrated });
    } else gone.push(type);
  }
  const stale: StaleContentType[] = [];
  const granted: (StaleContentType & { grants: number })[] = [];
  for (const type of gone) {
    const grants = includeGranted ? 0 : await countGrants(registry, executor, map, type);
    if (grants === 0) stale.push(type);
    else granted.push({ ...type, grants });
  }
  return { stale, ...result, granted };
}

/** An app that only rows of an introspected database name may be gone with all its models. */
const isDeclared = (registry: Registry, label: string) => {
  const app = findApp(registry, label);
  return app !== undefined && (registry.guessed === undefined || app.models.length > 0);
};

async function migratedApps(executor: Executor, { names }: TableMap): Promise<ReadonlySet<string>> {
  if (!names.has(migrationsTable.name)) return new Set();
  return new Set<string>(await executor(migrationsTable.name).distinct('app').pluck('app'));
}

/**
 * Tables that no model is known to have: neither one of the registry, nor, by its usual name, another content type's. Models that
 * Django does not manage may be views, or in another schema.
 */
function freeTables(
  registry: Registry,
  names: readonly string[],
  rows: readonly { readonly app_label: string; readonly model: string }[],
): string[] {
  const taken = new Set([
    migrationsTable.name,
    ...tablesOfModels(registry.models.filter((model) => !isGuessed(registry, model))),
  ]);
  const usual = (name: string) => rows.some(({ app_label, model }) => name === `${app_label}_${model}`);
  const free = names.filter((name) => !taken.has(name));
  // A model's own table counts for its own content type, which is asked first.
  return free.sort((a, b) => Number(usual(b)) - Number(usual(a)));
}

/** How many users and groups are linked to permissions of a content type. */
async function countGrants(
  registry: Registry,
  executor: Executor,
  { names }: TableMap,
  { id }: StaleContentType,
): Promise<number> {
  const permission = findModel(registry, 'auth.permission');
  if (permission === undefined || !names.has(permission.table)) return 0;
  const links = registry.models
    .flatMap(({ manyToMany }) => manyToMany)
    .filter(({ to, through, table }) => to === permission.label && through === undefined && names.has(table));
  let grants = 0;
  for (const { table, reverseColumn } of links) {
    const [row]: Record<string, unknown>[] = await executor
      .count({ count: '*' })
      .from(tableNamed(executor, table))
      .whereIn(reverseColumn, executor(permission.table).select('id').where({ content_type_id: id }));
    grants += Number(row?.count ?? 0);
  }
  return grants;
}

/** What removing these content types would delete and change, with numbers of rows. */
export async function previewRemoval(
  connection: DbContext,
  stale: readonly StaleContentType[],
): Promise<ClearedRows[]> {
  return countCleared(connection.db, { steps: await stepsOf(connection, stale) });
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
  return repeatableTransaction(connection, async (bound) => clearAtOnce(bound, { steps: await stepsOf(bound, stale) }));
}

async function stepsOf(connection: DbContext, stale: readonly StaleContentType[]): Promise<ClearStep[]> {
  const table = findModel(connection.registry, 'contenttypes.contenttype')?.table;
  if (table === undefined || stale.length === 0) return [];
  const ids = stale.map(({ id }) => BigInt(id));
  const start = new Map([[table, isAmong(connection.dialect, 'id', ids)]]);
  const map = await readTableMap(connection, connection.db);
  return planDeletion(connection, connection.db, { map, start, cascade: false });
}
