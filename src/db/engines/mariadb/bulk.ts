import type { Knex } from 'knex';
import type { Executor } from '../../connect/connection.js';
import type { Value } from '../../dialect/dialect.js';
import { joinKey } from '../../values/composite-key.js';
import type { Zone } from '../../values/moments.js';
import type { Bulk, BulkColumn, BulkRows } from '../../write/bulk.js';
import { rowsOf } from './rows-of.js';
import { quote } from './sql-text.js';
import { bindMariadb, mariadbExpression, readMariadb } from './values.js';

/** Characters of one statement, about: far below what any server takes. */
const STATEMENT = 1_000_000;

interface Writing {
  readonly zone: Zone;
  /** How many temporary tables were made: each has a name of its own. */
  made: number;
}

/**
 * Many rows are written as one statement with their values in it. There is no `ON DUPLICATE KEY UPDATE`: it would change
 * a row that has any other unique value of a new one, and not say so.
 */
export function createMariadbBulk(zone: Zone): Bulk {
  const writing: Writing = { zone, made: 0 };
  return {
    reserveKeys,
    existing: (executor, keys) => existing(zone, executor, keys),
    update: (executor, rows, keys) => update(writing, executor, rows, keys),
    upsert: (executor, rows, columns) => upsert(writing, executor, rows, columns),
    replaceLinks: (executor, rows, owners) => replaceLinks(zone, executor, rows, owners),
    async insert(outer, tables, turn) {
      await turn;
      await outer.transaction(async (executor) => {
        for (const rows of tables) {
          if (!('rows' in rows)) throw new Error('There are no packed rows for this engine.');
          await insertRows(zone, executor, rows);
        }
      });
    },
  };
}

const names = (columns: readonly BulkColumn[]) =>
  columns.map(({ name }) => quote(name).replaceAll('?', '\\?')).join(', ');

async function insertRows(zone: Zone, executor: Executor, { table, columns, rows }: BulkRows): Promise<void> {
  const place = `(${columns.map(() => '?').join(', ')})`;
  for (const part of parts(rows)) {
    await executor.raw(`INSERT INTO ?? (${names(columns)}) VALUES ${part.map(() => place).join(', ')}`, [
      table,
      ...part.flatMap((row) => columns.map(({ field }, index) => bindMariadb(field, row[index] ?? null, zone))),
    ] as Knex.RawBinding[]);
  }
}

/** Runs `work` with a temporary table that has these rows, in columns of the same types. */
async function withRows(
  writing: Writing,
  executor: Executor,
  rows: BulkRows,
  keys: number,
  work: (table: string) => Promise<void>,
): Promise<void> {
  writing.made++;
  const table = `manage_rows_${writing.made}`;
  // To add the index afterwards would commit.
  await executor.raw(
    `CREATE TEMPORARY TABLE ?? (INDEX (${names(rows.columns.slice(0, keys))})) AS SELECT ${names(rows.columns)} FROM ?? LIMIT 0`,
    [table, rows.table],
  );
  try {
    await insertRows(writing.zone, executor, { ...rows, table });
    await work(table);
  } finally {
    await executor.raw('DROP TEMPORARY TABLE IF EXISTS ??', [table]);
  }
}

async function existing(zone: Zone, executor: Executor, { table, columns, rows }: BulkRows): Promise<Set<string>> {
  const found = new Set<string>();
  if (columns.length === 0 || rows.length === 0) return found;
  const spelled = new Map(rows.map(joinKey).map((key) => [folded(String(key)), String(key)]));
  const own = columns.map(({ name }) => name);
  const list = (marks: readonly string[]) => (marks.length === 1 ? marks.join('') : `(${marks.join(', ')})`);
  const place = list(own.map(() => '?'));
  const expressions = columns.map(({ field }, at) => `${mariadbExpression(field)} AS k${at}`).join(', ');
  for (const part of parts(rows)) {
    const values = part.flatMap((row) => columns.map(({ field }, at) => bindMariadb(field, row[at] ?? null, zone)));
    const there = await rowsOf<Record<string, unknown>>(
      executor,
      `SELECT ${expressions} FROM ?? WHERE ${list(own.map(() => '??'))} IN (${part.map(() => place).join(', ')})`,
      [...own, table, ...own, ...values],
    );
    for (const row of there) {
      const text = String(joinKey(columns.map(({ field }, at) => readMariadb(field, row[`k${at}`], zone))));
      found.add(text);
      // A column's collation may take two spellings for the same.
      const asked = spelled.get(folded(text));
      if (asked !== undefined) found.add(asked);
    }
  }
  return found;
}

async function update(writing: Writing, executor: Executor, rows: BulkRows, keys = 1): Promise<void> {
  const [key, changed] = [rows.columns.slice(0, keys), rows.columns.slice(keys)];
  if (changed.length === 0 || rows.rows.length === 0) return;
  const same = key.map(() => '?? = ??').join(' AND ');
  await withRows(writing, executor, rows, keys, async (source) => {
    await executor.raw(`UPDATE ?? JOIN ?? AS source ON ${same} SET ${changed.map(() => '?? = ??').join(', ')}`, [
      rows.table,
      source,
      ...key.flatMap(({ name }) => [`${rows.table}.${name}`, `source.${name}`]),
      ...changed.flatMap(({ name }) => [`${rows.table}.${name}`, `source.${name}`]),
    ]);
  });
}

async function upsert(
  writing: Writing,
  executor: Executor,
  rows: BulkRows,
  { key, update: changed }: Parameters<Bulk['upsert']>[2],
): Promise<void> {
  const at = rows.columns.findIndex(({ name }) => name === key);
  const column = rows.columns[at];
  if (column === undefined || rows.rows.length === 0) return;
  const keys = { table: rows.table, columns: [column], rows: rows.rows.map((row) => [row[at] ?? null]) };
  const there = await existing(writing.zone, executor, keys);
  const isThere = (row: readonly Value[]) => there.has(String(row[at] ?? null));
  const fields = [at, ...changed.map((name) => rows.columns.findIndex((each) => each.name === name))];
  await update(writing, executor, {
    table: rows.table,
    columns: fields.flatMap((index) => rows.columns[index] ?? []),
    rows: rows.rows.filter(isThere).map((row) => fields.map((index) => row[index] ?? null)),
  });
  await insertRows(writing.zone, executor, { ...rows, rows: rows.rows.filter((row) => !isThere(row)) });
}

async function replaceLinks(
  zone: Zone,
  executor: Executor,
  { table, columns, rows }: BulkRows,
  owners: readonly Value[],
): Promise<void> {
  const [owner, other] = columns;
  if (owner === undefined || other === undefined || owners.length === 0) return;
  const bind = ({ field }: BulkColumn, value: Value) => bindMariadb(field, value, zone);
  const read = ({ field }: BulkColumn, raw: unknown) => readMariadb(field, raw, zone);
  const wanted = new Map(rows.map((row) => [pairKey(row[0] ?? null, row[1] ?? null), row]));
  const gone: Value[][] = [];
  for (const part of parts(owners.map((value) => [value]))) {
    const there = await rowsOf<{ a: unknown; b: unknown }>(
      executor,
      `SELECT ?? AS a, ?? AS b FROM ?? WHERE ?? IN (${part.map(() => '?').join(', ')})`,
      [owner.name, other.name, table, owner.name, ...part.map(([value = null]) => bind(owner, value))],
    );
    for (const { a, b } of there) {
      const pair = [read(owner, a), read(other, b)];
      if (!wanted.delete(pairKey(pair[0] ?? null, pair[1] ?? null))) gone.push(pair);
    }
  }
  for (const part of parts(gone)) {
    await executor.raw(`DELETE FROM ?? WHERE (??, ??) IN (${part.map(() => '(?, ?)').join(', ')})`, [
      table,
      owner.name,
      other.name,
      ...part.flatMap(([a = null, b = null]) => [bind(owner, a), bind(other, b)]),
    ] as Knex.RawBinding[]);
  }
  await insertRows(zone, executor, { table, columns, rows: [...wanted.values()] });
}

/** In an empty table they begin with 1 again: a number that has been given stays given even after a rollback. */
const reserveKeys: Bulk['reserveKeys'] = async (executor, { table, column }) => {
  const [row] = await rowsOf<{ last: string | null }>(executor, 'SELECT CAST(MAX(??) AS CHAR) AS last FROM ??', [
    column,
    table,
  ]);
  if (row === undefined || row.last === null) return 1n;
  const [counter] = await rowsOf<{ next: string | number | null }>(
    executor,
    'SELECT AUTO_INCREMENT AS next FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ?',
    [table],
  );
  const [after, next] = [BigInt(row.last) + 1n, BigInt(counter?.next ?? 1)];
  return after > next ? after : next;
};

/** One spelling for texts that a collation may take for the same. */
const folded = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().replace(/ +$/, '');

const pairKey = (a: Value, b: Value) => JSON.stringify([String(a), String(b)]);

/** Rows in parts that each fit into a statement. */
function* parts(rows: readonly (readonly Value[])[]): Generator<readonly (readonly Value[])[]> {
  let [start, size] = [0, 0];
  for (const [index, row] of rows.entries()) {
    for (const value of row)
      size += typeof value === 'string' || value instanceof Uint8Array ? value.length * 2 + 4 : 24;
    if (size < STATEMENT && index < rows.length - 1) continue;
    yield rows.slice(start, index + 1);
    [start, size] = [index + 1, 0];
  }
}
