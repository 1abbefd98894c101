import type { Knex } from 'knex';
import { isInteger, isText } from '../../../registry/field-types.js';
import type { Field } from '../../../registry/types.js';
import type { Dialect } from '../../dialect/dialect.js';
import type { AmongRows } from '../../dialect/sql.js';
import { utc, type Zone } from '../../values/moments.js';
import {
  amongCondition,
  type Bulk,
  type BulkColumn,
  type BulkRows,
  type BulkSource,
  createBulk,
  type PackedRows,
  type Packing,
  type WantedKeys,
} from '../../write/bulk.js';
import { bindSqlite, storer } from './values.js';

/** Rows in one statement whose values are bound one by one. */
const MOST_PARAMETERS = 30_000;

/** The table-valued function that takes a JSON text apart. */
type Each = 'json_each' | 'jsonb_each';

/**
 * Rows go into a statement as one JSON text, which is the cheapest way, unless they hold what JSON would lose here:
 * floats, bytes and the character NUL.
 */
export async function createSqliteBulk(
  dialect: Pick<Dialect, 'selectColumn' | 'read'>,
  executor: Knex,
  zone: Zone,
): Promise<Bulk> {
  // From SQLite 3.51 on, the rows in the text need not be parsed again for each of their values.
  const [row] = await executor.raw<{ recent: number; encoding: string; remembers: number }[]>(
    `SELECT sqlite_version() >= '3.51' AS recent, (SELECT encoding FROM pragma_encoding) AS encoding,
       EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence') AS remembers`,
  );
  const each = Number(row?.recent) === 1 ? 'jsonb_each' : 'json_each';
  const style = {
    dialect,
    sourcesOf: (rows: BulkRows) => sourcesOf(executor, rows, zone, each),
    packedSources: (rows: PackedRows) => packedSources(rows, each),
    among,
    orFail: ' OR ABORT',
  };
  const bulk = createBulk(style, (outer, keys) => reserveKeys(outer, keys, Number(row?.remembers) === 1));
  // The bytes of a text are what the database keeps its texts in.
  return row?.encoding === 'UTF-8' ? { ...bulk, packing: packingIn(zone) } : bulk;
}

/**
 * See `Dialect.whereAmong`. Where ANALYZE has found most rows without a value, SQLite would read the whole table for each list of
 * values. CROSS JOIN keeps the tables in their order (sqlite.org/optoverview.html#crossjoin).
 */
export function sqliteAmong(executor: Knex, keys: AmongRows, zone: Zone): Knex.Raw {
  const { table, columns, address } = keys;
  const sources = sourcesOf(executor, keys, zone, 'json_each');
  const [column, ...more] = columns;
  if (address === undefined || column === undefined || more.length > 0 || column.name === address)
    return amongCondition(executor, keys, sources, among);
  const lookedUp = ({ sql, bindings }: BulkSource) =>
    executor.raw(
      `SELECT looked_up.?? FROM ${sql} AS source CROSS JOIN ?? AS looked_up WHERE looked_up.?? = source.??`,
      [address, ...bindings, table, column.name, column.name],
    );
  return amongQueries(executor, `${table}.${address}`, sources.map(lookedUp));
}

/** The condition that a column has a value that one of these queries finds. */
const amongQueries = (executor: Knex, column: string, queries: readonly Knex.Raw[]) =>
  executor.raw(
    queries.length === 0 ? '1 = 0' : `(${queries.map(() => `?? ${among('?')}`).join(' OR ')})`,
    queries.flatMap((query) => [column, query]),
  );

const among = (list: string) => `IN (${list})`;

function sourcesOf(executor: Knex, rows: BulkRows, zone: Zone, each: Each): BulkSource[] {
  if (rows.rows.length === 0) return [];
  const source = jsonSource(rows, zone, each);
  return source === undefined ? valuesSources(executor, rows, zone) : [source];
}

/** Nobody else writes meanwhile. Keys of deleted rows are not given again, where the table remembers them. */
async function reserveKeys(executor: Knex, { table, column }: WantedKeys, remembers: boolean): Promise<bigint> {
  const given = remembers ? ' UNION ALL SELECT seq FROM sqlite_sequence WHERE name = ?' : '';
  const [row] = await executor.raw<{ last: string | null }[]>(
    `SELECT CAST(max(last) AS TEXT) AS last FROM (SELECT max(??) AS last FROM ??${given})`,
    [column, table, ...(remembers ? [table] : [])],
  );
  const last = BigInt(row?.last ?? 0);
  return last < 0n ? 1n : last + 1n;
}

/** Values of these types are the name of a member of a JSON object, to the letter. */
const isName = ({ type }: Field) => isInteger(type) || type === 'UUIDField';

/** Undefined where they hold what JSON would lose. */
function jsonSource(rows: BulkRows, zone: Zone, each: Each): BulkSource | undefined {
  const { columns } = rows;
  if (columns.some(({ field: { type } }) => type === 'FloatField' || type === 'BinaryField')) return undefined;
  const [first, second] = columns;
  if (first !== undefined && second !== undefined && isPairs(columns)) {
    const pairs = pairsJson(rows, first.field, second.field, zone);
    if (pairs !== undefined) return pairsSource(columns, '?', pairs);
  }
  const storers = columns.map(({ field }) => storer(field, zone));
  const json = JSON.stringify(rows.rows.map((row) => storers.map((store, index) => store(row[index] ?? null))));
  if (json.includes('\\u0000')) return undefined;
  return listSource(columns, each, '?', json);
}

/** Rows that are members of an object: their name and value are the columns. */
const pairsSource = (columns: readonly BulkColumn[], place: string, json: string | Buffer): BulkSource => ({
  sql: `(SELECT key AS ??, value AS ?? FROM json_each(${place}))`,
  bindings: [...columns.map(({ name }) => name), json],
});

/** Rows that are lists of their values. */
function listSource(columns: readonly BulkColumn[], each: Each, place: string, json: string | Buffer): BulkSource {
  const list = columns.map((_, index) => `value ->> ${index} AS ??`).join(', ');
  return { sql: `(SELECT ${list} FROM ${each}(${place}))`, bindings: [...columns.map(({ name }) => name), json] };
}

/** Whether rows are bound as pairs. */
const isPairs = ([first, ...others]: readonly BulkColumn[]) =>
  first !== undefined && others.length === 1 && isName(first.field);

function packedSources({ columns, bytes }: PackedRows, each: Each): BulkSource[] {
  if (bytes.length === 0) return [];
  const json = (open: string, close: string) => Buffer.concat([Buffer.from(open), bytes, Buffer.from(close)]);
  return isPairs(columns)
    ? [pairsSource(columns, 'CAST(? AS TEXT)', json('{', '}'))]
    : [listSource(columns, each, 'CAST(? AS TEXT)', json('[', ']'))];
}

/** As the rows that are bound as one JSON text. */
const packingIn = (zone: Zone): Packing => ({
  cell({ type }) {
    if (isText(type) || isInteger(type)) return (json) => json;
    if (type === 'BooleanField') return (json) => (json === 'true' ? '1' : json === 'false' ? '0' : json);
    return type === 'DateTimeField' && zone === utc ? storedMoment : undefined;
  },
  row: (columns) => (isPairs(columns) ? ([name, value]) => `"${name}":${value}` : (cells) => `[${cells.join(',')}]`),
  between: ',',
});

/** Without a fraction or with six digits of it, as Django writes it. */
function storedMoment(json: string): string {
  if (json === 'null') return json;
  const fraction = json.slice(20, -2);
  const digits = /[1-9]/.test(fraction) ? fraction.padEnd(7, '0') : '';
  return `"${json.slice(1, 11)} ${json.slice(12, 20)}${digits}"`;
}

/** Pairs, as rows of join tables are, as members of one object, in which a name may come again: it is read in less time. */
function pairsJson({ rows }: BulkRows, nameField: Field, field: Field, zone: Zone): string | undefined {
  const storeName = storer(nameField, zone);
  const store = storer(field, zone);
  let json = '';
  for (const row of rows) {
    const name = storeName(row[0] ?? null);
    if (name === null) return undefined;
    const stored = store(row[1] ?? null);
    json += `${json === '' ? '{' : ','}"${name}":${typeof stored === 'number' ? stored : JSON.stringify(stored)}`;
  }
  return json.includes('\\u0000') ? undefined : `${json}}`;
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
