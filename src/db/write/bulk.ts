import type { Knex } from 'knex';
import type { Executor } from '../connect/executor.js';
import type { Bulk, BulkColumn, BulkRows, PackedRows } from '../dialect/bulk.js';
import type { Dialect, Value } from '../dialect/dialect.js';
import { joinKey } from '../values/composite-key.js';

export type { Bulk, BulkColumn, BulkRows, PackedRows, Packing, WantedKeys } from '../dialect/bulk.js';

/** Where the rows of a statement come from: a table expression whose columns have the names of the rows' columns. */
export interface BulkSource {
  readonly sql: string;
  readonly bindings: readonly Knex.RawBinding[];
}

/** See `Dialect.whereAmong`. `among` is how one asks whether a column has one of the values of a query. */
export function amongCondition(
  executor: Knex,
  { table, columns }: BulkRows,
  sources: readonly BulkSource[],
  among: (list: string) => string,
): Knex.Raw {
  if (columns.length === 0 || sources.length === 0) return executor.raw('1 = 0');
  const own = columns.map(({ name }) => `${table}.${name}`);
  const list = names(columns);
  const condition = (select: string) => (columns.length === 1 ? `?? ${among(select)}` : `(${list}) IN (${select})`);
  return executor.raw(
    `(${sources.map(({ sql }) => condition(`SELECT ${list} FROM ${sql} AS source`)).join(' OR ')})`,
    sources.flatMap(({ bindings }) => [...own, ...columns.map(({ name }) => name), ...bindings]),
  );
}

const names = (columns: readonly BulkColumn[]) => columns.map(() => '??').join(', ');

/** What differs between engines that write many rows alike. */
interface BulkStyle {
  readonly dialect: Pick<Dialect, 'selectColumn' | 'read'>;
  /** How rows get into a statement. */
  readonly sourcesOf: (rows: BulkRows) => readonly BulkSource[];
  /** The same of rows that are packed. */
  readonly packedSources?: (rows: PackedRows) => readonly BulkSource[];
  /** How one asks whether a column has one of the values of a query. */
  readonly among: (list: string) => string;
  /** What follows INSERT and UPDATE, so that a row which breaks a constraint is always an error. */
  readonly orFail?: string;
}

/** Ways to write many rows whose statements are the same for every engine of a {@link BulkStyle}. */
export function createBulk(style: BulkStyle, reserveKeys: Bulk['reserveKeys']): Bulk {
  return {
    reserveKeys,
    insert: (executor, tables, turn) => insert(style, executor, tables, turn),
    existing: (executor, keys) => existing(style, executor, keys),
    upsert: (executor, rows, columns) => upsert(style, executor, rows, columns),
    update: (executor, rows, keys) => update(style, executor, rows, keys),
    replaceLinks: (executor, rows, owners) => replaceLinks(style, executor, rows, owners),
  };
}

async function insert(
  { sourcesOf, packedSources, orFail = '' }: BulkStyle,
  outer: Executor,
  tables: readonly (BulkRows | PackedRows)[],
  turn: Promise<unknown> | undefined,
): Promise<void> {
  const ready = tables.map((rows) => ({
    rows,
    sources: ('rows' in rows ? sourcesOf(rows) : packedSources?.(rows)) ?? [],
  }));
  await turn;
  await outer.transaction(async (executor) => {
    for (const { rows, sources } of ready) {
      const columns = rows.columns.map(({ name }) => name);
      for (const { sql, bindings } of sources) {
        await executor.raw(
          `INSERT${orFail} INTO ?? (${names(rows.columns)}) SELECT ${names(rows.columns)} FROM ${sql} AS source`,
          [rows.table, ...columns, ...columns, ...bindings],
        );
      }
    }
  });
}

async function existing(
  { dialect, sourcesOf, among }: BulkStyle,
  executor: Executor,
  keys: BulkRows,
): Promise<Set<string>> {
  const found = new Set<string>();
  for (const source of sourcesOf(keys)) {
    const rows: Record<string, unknown>[] = await executor
      .from(keys.table)
      .select(keys.columns.map(({ field, name }) => dialect.selectColumn(executor, field, name)))
      .where(amongCondition(executor, keys, [source], among));
    for (const row of rows) {
      found.add(String(joinKey(keys.columns.map(({ field, name }) => dialect.read(field, row[name])))));
    }
  }
  return found;
}

async function upsert(
  { sourcesOf, orFail = '' }: BulkStyle,
  executor: Executor,
  rows: BulkRows,
  { key, update: changed }: Parameters<Bulk['upsert']>[2],
): Promise<void> {
  const columns = rows.columns.map(({ name }) => name);
  const action = changed.length === 0 ? 'NOTHING' : `UPDATE SET ${changed.map(() => '?? = excluded.??').join(', ')}`;
  for (const { sql, bindings } of sourcesOf(rows)) {
    await executor.raw(
      `INSERT${orFail} INTO ?? (${names(rows.columns)}) SELECT ${names(rows.columns)} FROM ${sql} AS source WHERE true` +
        ` ON CONFLICT (??) DO ${action}`,
      [rows.table, ...columns, ...columns, ...bindings, key, ...changed.flatMap((name) => [name, name])],
    );
  }
}

async function update(
  { sourcesOf, orFail = '' }: BulkStyle,
  executor: Executor,
  rows: BulkRows,
  keys = 1,
): Promise<void> {
  const all = rows.columns.map(({ name }) => name);
  const [key, changed] = [all.slice(0, keys), all.slice(keys)];
  if (changed.length === 0) return;
  const same = key.map(() => '?? = ??').join(' AND ');
  for (const { sql, bindings } of sourcesOf(rows)) {
    await executor.raw(
      `UPDATE${orFail} ?? SET ${changed.map(() => '?? = ??').join(', ')} FROM ${sql} AS source WHERE ${same}`,
      [
        rows.table,
        ...changed.flatMap((name) => [name, `source.${name}`]),
        ...bindings,
        ...key.flatMap((name) => [`${rows.table}.${name}`, `source.${name}`]),
      ],
    );
  }
}

async function replaceLinks(
  { sourcesOf, orFail = '' }: BulkStyle,
  executor: Executor,
  rows: BulkRows,
  owners: readonly Value[],
): Promise<void> {
  const { table, columns } = rows;
  const [owner, other] = columns;
  if (owner === undefined || other === undefined) return;
  const owning = sourcesOf({ table, columns: [owner], rows: owners.map((value) => [value]) });
  const pairs = sourcesOf(rows);
  // Where there are several sources, no single one has all that stays.
  const kept = pairs.length === 1 ? pairs : [];
  for (const { sql, bindings } of owning) {
    await executor.raw(
      `DELETE FROM ?? WHERE ?? IN (SELECT ?? FROM ${sql} AS owners)${kept
        .map((source) => ` AND (??, ??) NOT IN (SELECT ??, ?? FROM ${source.sql} AS pairs)`)
        .join('')}`,
      [
        table,
        owner.name,
        owner.name,
        ...bindings,
        ...kept.flatMap((source) => [owner.name, other.name, owner.name, other.name, ...source.bindings]),
      ],
    );
  }
  for (const { sql, bindings } of pairs) {
    await executor.raw(
      `INSERT${orFail} INTO ?? (??, ??) SELECT ??, ?? FROM ${sql} AS source WHERE true ON CONFLICT DO NOTHING`,
      [table, owner.name, other.name, owner.name, other.name, ...bindings],
    );
  }
}
