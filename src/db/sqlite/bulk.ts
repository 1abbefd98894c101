import type { Knex } from 'knex';
import { amongCondition, type Bulk, type BulkRows, type BulkSource, createBulk, type WantedKeys } from '../bulk.js';
import type { Dialect } from '../dialect.js';
import type { Zone } from '../moments.js';
import { bindSqlite, storedValue } from './values.js';

/** Rows in one statement whose values are bound one by one. */
const MOST_PARAMETERS = 30_000;

/**
 * Rows go into a statement as one JSON text, which is the cheapest way, unless they hold what JSON would lose here:
 * floats, bytes and the character NUL.
 */
export function createSqliteBulk(dialect: Pick<Dialect, 'selectColumn' | 'read'>, executor: Knex, zone: Zone): Bulk {
  return createBulk(dialect, (rows) => sourcesOf(executor, rows, zone), reserveKeys, among);
}

/** See `Dialect.whereAmong`. */
export const sqliteAmong = (executor: Knex, keys: BulkRows, zone: Zone): Knex.Raw =>
  amongCondition(executor, keys, sourcesOf(executor, keys, zone), among);

const among = (list: string) => `IN (${list})`;

function sourcesOf(executor: Knex, rows: BulkRows, zone: Zone): BulkSource[] {
  if (rows.rows.length === 0) return [];
  const json = rows.columns.every(({ field: { type } }) => type !== 'FloatField' && type !== 'BinaryField')
    ? jsonOf(rows, zone)
    : undefined;
  return json === undefined ? valuesSources(executor, rows, zone) : [jsonSource(rows, json)];
}

/** Nobody else writes meanwhile. Keys of deleted rows are not given again, where the table remembers them. */
async function reserveKeys(executor: Knex, { table, column }: WantedKeys): Promise<bigint> {
  const remembers = await executor.raw<unknown[]>("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'");
  const rows = [
    ...(await executor.raw<{ last: string | null }[]>('SELECT CAST(max(??) AS TEXT) AS last FROM ??', [column, table])),
    ...(remembers.length === 0
      ? []
      : await executor.raw<{ last: string | null }[]>(
          'SELECT CAST(seq AS TEXT) AS last FROM sqlite_sequence WHERE name = ?',
          [table],
        )),
  ];
  let highest = 0n;
  for (const { last } of rows) if (last !== null && BigInt(last) > highest) highest = BigInt(last);
  return highest + 1n;
}

function jsonOf({ columns, rows }: BulkRows, zone: Zone): string | undefined {
  const fields = columns.map(({ field }) => field);
  const json = JSON.stringify(
    rows.map((row) =>
      row.map((value, index) => {
        const field = fields[index];
        return field === undefined ? null : storedValue(field, value, zone);
      }),
    ),
  );
  return json.includes('\\u0000') ? undefined : json;
}

function jsonSource({ columns }: BulkRows, json: string): BulkSource {
  const list = columns.map((_, index) => `value ->> ${index} AS ??`).join(', ');
  return { sql: `(SELECT ${list} FROM json_each(?))`, bindings: [...columns.map(({ name }) => name), json] };
}

function valuesSources(executor: Knex, { columns, rows }: BulkRows, zone: Zone): BulkSource[] {
  const most = Math.max(1, Math.floor(MOST_PARAMETERS / columns.length));
  const list = columns.map((_, index) => `column${index + 1} AS ??`).join(', ');
  const sources: BulkSource[] = [];
  for (let at = 0; at < rows.length; at += most) {
    const part = rows.slice(at, at + most);
    const places = part.map(() => `(${columns.map(() => '?').join(', ')})`).join(', ');
    sources.push({
      sql: `(SELECT ${list} FROM (VALUES ${places}))`,
      bindings: [
        ...columns.map(({ name }) => name),
        ...part.flatMap((row) =>
          columns.map(({ field }, index) => bindSqlite(executor, field, row[index] ?? null, zone)),
        ),
      ] as Knex.RawBinding[],
    });
  }
  return sources;
}
