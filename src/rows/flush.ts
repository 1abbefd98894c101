import { modelPermissions, type SyncResult, syncPermissions } from '../auth/permissions/sync.js';
import type { Connection, Executor } from '../db/connect/connection.js';
import { sqlAsIs } from '../db/dialect/sql-as-is.js';
import { tableNamed } from '../db/introspection/table-map.js';
import { everyRow } from '../db/read/conditions.js';
import { isBound, transaction } from '../db/transactions/transaction.js';
import type { EmptiedTable } from '../db/write/truncate.js';
import { findModel } from '../registry/define.js';
import { typedModels } from '../registry/inheritance.js';
import type { Registry } from '../registry/types.js';
import { type EmptyOptions, type EmptyPlan, planEmptying } from './empty-plan.js';
import { alone } from './run-lock.js';
import { runSql } from './run-statements.js';

export interface FlushOptions extends EmptyOptions {
  /** How long to wait for locks of other programs. */
  readonly lockTimeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** A table and how many of its rows go. */
export interface EmptiedRows {
  readonly table: string;
  readonly rows: number;
}

export interface FlushPreview extends EmptyPlan {
  readonly emptied: readonly EmptiedRows[];
  /** Permissions, as `app.codename`, that go for good: no model of the registry has them. */
  readonly lost: readonly string[];
}

export interface FlushResult extends FlushPreview {
  /** What was made again. */
  readonly created: SyncResult;
  /** Content types and permissions of the models that stay, where those tables are `untouched`. */
  readonly kept: { readonly contentTypes: number; readonly permissions: number };
}

/**
 * Statements that empty all tables of the registry's models, or those that `options` name, and restart their keys: what
 * {@link flush} runs. None where there are no tables.
 *
 * @throws CommandError as {@link planEmptying} does.
 */
export async function flushSql(connection: Connection, executor: Executor, options?: EmptyOptions): Promise<string[]> {
  const { tables } = await planEmptying(connection, executor, options);
  if (tables.length === 0) return [];
  const restarts = await connection.dialect.restartKeysSql?.(tables);
  return [...(await connection.dialect.emptySql(executor, tables)), ...(restarts ?? [])];
}

/**
 * What {@link flush} would do, with numbers of rows.
 *
 * @throws CommandError as {@link planEmptying} does, and where a lock cannot be had in time.
 */
export async function previewFlush(
  connection: Connection,
  { lockTimeoutMs, ...options }: FlushOptions = {},
): Promise<FlushPreview> {
  return transaction(connection, (bound) => countRows(bound, options), {
    mode: 'snapshot',
    ...(lockTimeoutMs === undefined ? {} : { lockTimeoutMs }),
  });
}

interface Counted extends FlushPreview {
  /** Labels of the models that have content types. */
  readonly typesBefore: ReadonlySet<string>;
}

async function countRows(connection: Connection, options: EmptyOptions): Promise<Counted> {
  const { registry, db: executor } = connection;
  const plan = await planEmptying(connection, executor, options);
  const emptied: EmptiedRows[] = [];
  for (const { table, place, where } of plan.tables) {
    const [row]: { count?: string | number }[] = await connection.db
      .count({ count: '*' })
      .from(tableNamed(connection.db, table, place))
      .whereRaw(sqlAsIs(where ?? everyRow));
    emptied.push({ table, rows: Number(row?.count ?? 0) });
  }
  emptied.push(...plan.untouched.map((table) => ({ table, rows: 0 })));
  const [types, permissions] = ['contenttypes.contenttype', 'auth.permission'].map((label) => {
    const table = findModel(registry, label)?.table;
    return plan.tables.find((each) => each.table === table);
  });
  const before: { app_label: string; model: string }[] =
    types === undefined ? [] : await executor(types.table).select('app_label', 'model');
  return {
    ...plan,
    emptied,
    typesBefore: new Set(before.map(({ app_label, model }) => `${app_label}.${model}`)),
    lost: permissions === undefined ? [] : await lostPermissions(registry, executor, permissions),
  };
}

/** The permissions that go and that no model has. */
async function lostPermissions(
  registry: Registry,
  executor: Executor,
  { table, where }: EmptiedTable,
): Promise<string[]> {
  const types = findModel(registry, 'contenttypes.contenttype')?.table ?? 'django_content_type';
  const made = new Set(
    registry.apps
      .flatMap(typedModels)
      .flatMap((model) => modelPermissions(model).map(([codename]) => `${model.label}.${codename}`)),
  );
  const rows: { app_label: string; model: string; codename: string }[] = await executor(table)
    .join(types, `${types}.id`, `${table}.content_type_id`)
    .select('app_label', 'model', 'codename')
    .whereRaw(sqlAsIs(where ?? everyRow))
    .orderBy(`${table}.id`);
  return rows
    .filter(({ app_label, model, codename }) => !made.has(`${app_label}.${model}.${codename}`))
    .map(({ app_label, codename }) => `${app_label}.${codename}`);
}

/**
 * Empties tables and makes content types and permissions again, in one transaction. Tables of no known model, and
 * `django_migrations`, are left as they are. Other runs that fill or empty tables are waited for.
 *
 * @throws CommandError as {@link planEmptying} does, and where a lock cannot be had in time. Nothing is changed then.
 */
export async function flush(
  connection: Connection,
  { lockTimeoutMs, signal, ...options }: FlushOptions = {},
): Promise<FlushResult> {
  const empty = () =>
    transaction(
      connection,
      async (bound) => {
        const preview = await countRows(bound, options);
        const kept = await countKept(bound, preview);
        if (preview.tables.length === 0) return { ...preview, created: nothing, kept };
        const { db, dialect } = bound;
        const statements = await dialect.emptySql(db, preview.tables);
        await dialect.deferReferences(db, () => runSql(db, statements));
        return { ...preview, created: await makeAgain(bound, preview), kept };
      },
      { repeatable: true, ...(lockTimeoutMs === undefined ? {} : { lockTimeoutMs }) },
    );
  const emptyAndRestart = async () => {
    const result = await empty();
    // Inside of another transaction it would commit that.
    const restarts = isBound(connection) ? [] : await connection.dialect.restartKeysSql?.(result.tables);
    await runSql(connection.db, restarts ?? []);
    return result;
  };
  return alone(connection, { timeoutMs: lockTimeoutMs, ...(signal === undefined ? {} : { signal }) }, emptyAndRestart);
}

const nothing: SyncResult = { contentTypes: [], permissions: [], renamed: [] };

/**
 * Makes content types and permissions again where they were emptied: those of models that had them, that have a table, or
 * that need none. What a site does not have, such as Django's own users beside others, it does not get.
 */
async function makeAgain(connection: Connection, { tables, typesBefore }: Counted): Promise<SyncResult> {
  const { registry, dialect } = connection;
  const own = ['contenttypes.contenttype', 'auth.permission'].map((label) => findModel(registry, label)?.table);
  if (!tables.some(({ table }) => own.includes(table))) return nothing;
  const names = new Set(await dialect.tableNames(connection.db));
  return syncPermissions(connection, {
    restarted: dialect.restartKeysSql !== undefined,
    has: ({ label, table, managed }) => !managed || names.has(table) || typesBefore.has(label),
  });
}

async function countKept(
  { registry, db: executor }: Connection,
  { untouched }: EmptyPlan,
): Promise<FlushResult['kept']> {
  const [types, permissions] = ['contenttypes.contenttype', 'auth.permission'].map(
    (label) => findModel(registry, label)?.table ?? '',
  );
  if (types === undefined || !untouched.includes(types)) return { contentTypes: 0, permissions: 0 };
  const rows: { id: number; app_label: string; model: string }[] = await executor(types).select(
    'id',
    'app_label',
    'model',
  );
  const typed = new Set(registry.apps.flatMap(typedModels).map(({ label }) => label));
  const own = new Set(
    rows.filter(({ app_label, model }) => typed.has(`${app_label}.${model}`)).map(({ id }) => String(id)),
  );
  if (permissions === undefined || !untouched.includes(permissions)) return { contentTypes: own.size, permissions: 0 };
  const found: { content_type_id: number }[] = await executor(permissions).select('content_type_id');
  return {
    contentTypes: own.size,
    permissions: found.filter(({ content_type_id }) => own.has(String(content_type_id))).length,
  };
}
