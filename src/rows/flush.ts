import { type SyncResult, syncPermissions } from '../auth/permissions/sync.js';
import type { Connection, Executor } from '../db/connect/connection.js';
import { sqlAsIs } from '../db/dialect/sql-as-is.js';
import { tableNamed } from '../db/introspection/table-map.js';
import { transaction } from '../db/transactions/transaction.js';
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
}

export interface FlushResult extends FlushPreview {
  /** What was made again. */
  readonly created: SyncResult;
}

/**
 * Statements that empty all tables of the registry's models, or those that `options` name, and restart their keys: what
 * {@link flush} runs. None where there are no tables.
 *
 * @throws CommandError as {@link planEmptying} does.
 */
export async function flushSql(connection: Connection, executor: Executor, options?: EmptyOptions): Promise<string[]> {
  const { tables } = await planEmptying(connection, executor, options);
  return tables.length === 0 ? [] : connection.dialect.emptySql(executor, tables);
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

async function countRows(connection: Connection, options: EmptyOptions): Promise<FlushPreview> {
  const plan = await planEmptying(connection, connection.db, options);
  const emptied: EmptiedRows[] = [];
  for (const { table, place, where } of plan.tables) {
    const [row]: { count?: string | number }[] = await connection.db
      .count({ count: '*' })
      .from(tableNamed(connection.db, table, place))
      .whereRaw(where === undefined ? '1 = 1' : sqlAsIs(where));
    emptied.push({ table, rows: Number(row?.count ?? 0) });
  }
  return { ...plan, emptied };
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
        if (preview.tables.length === 0)
          return { ...preview, created: { contentTypes: [], permissions: [], renamed: [] } };
        await runSql(bound.db, await bound.dialect.emptySql(bound.db, preview.tables));
        return { ...preview, created: await syncPermissions(bound) };
      },
      lockTimeoutMs === undefined ? {} : { lockTimeoutMs },
    );
  return alone(connection, { timeoutMs: lockTimeoutMs, ...(signal === undefined ? {} : { signal }) }, empty);
}
