import type { Knex } from 'knex';
import type { Field } from '../../../registry/types.js';
import type { Dialect, Value } from '../../dialect/dialect.js';
import {
  amongCondition,
  type Bulk,
  type BulkRows,
  type BulkSource,
  createBulk,
  type WantedKeys,
} from '../../write/bulk.js';
import { copyPacking } from './copy.js';
import { createInsert } from './insert.js';
import { bindPostgres } from './values.js';

/**
 * Rows go into a statement as one JSON text, of which the server makes what the table's own columns are. Numbers are
 * read from their digits, so nothing is rounded.
 */
export async function createPostgresBulk(
  dialect: Pick<Dialect, 'selectColumn' | 'read'>,
  executor: Knex,
): Promise<Bulk> {
  // What is known about a table that has just been filled makes the planner read all of it for each batch.
  await executor.raw('SET LOCAL enable_seqscan = off');
  const bulk = createBulk({ dialect, sourcesOf, among: amongArray }, reserveKeys);
  return { ...bulk, insert: createInsert(), packing: copyPacking };
}

/** An array is looked up in an index whatever the planner believes about a table that was empty a moment ago. */
const amongArray = (list: string) => `= ANY (ARRAY(${list}))`;

/** See `Dialect.whereAmong`. */
export const postgresAmong = (executor: Knex, keys: BulkRows): Knex.Raw =>
  amongCondition(executor, keys, sourcesOf(keys), amongArray);

function sourcesOf(rows: BulkRows): readonly BulkSource[] {
  if (rows.rows.length === 0) return [];
  const columns = rows.columns.map(({ name }) => name);
  return [
    {
      sql: `(SELECT ${columns.map(() => '??').join(', ')} FROM json_populate_recordset(NULL::??, ?))`,
      bindings: [...columns, rows.table, jsonOf(rows)],
    },
  ];
}

/** Moves the column's sequence behind the greatest key and past those that it gives, so that no other program gets them. */
async function reserveKeys(executor: Knex, { table, column, count, passing = false }: WantedKeys): Promise<bigint> {
  // No rollback takes a sequence back.
  const moved = passing ? 'until' : 'CASE WHEN sequence IS NULL THEN until ELSE setval(sequence, until) END';
  const { rows } = await executor.raw<{ rows: { first: string }[] }>(
    `SELECT (${moved} - ?::bigint + 1)::text AS first FROM (
       SELECT sequence, greatest((SELECT max(??) FROM ??), pg_sequence_last_value(sequence), 0) + ?::bigint AS until
       FROM (SELECT pg_get_serial_sequence(quote_ident(?), ?)::regclass AS sequence) named
     ) reserved`,
    [count, column, table, count, table, column],
  );
  return BigInt(rows[0]?.first ?? 1);
}

function jsonOf({ columns, rows }: BulkRows): string {
  const members = columns.map(({ name, field }, index) => ({
    head: `${index === 0 ? '{' : ','}${JSON.stringify(name)}:`,
    field,
  }));
  let json = '[';
  for (const [at, row] of rows.entries()) {
    if (at > 0) json += ',';
    for (let index = 0; index < members.length; index++) {
      const member = members[index];
      if (member !== undefined) json += member.head + valueJson(member.field, row[index] ?? null);
    }
    json += '}';
  }
  return `${json}]`;
}

function valueJson(field: Field, value: Value): string {
  const bound = bindPostgres(field, value);
  if (bound === null || bound === undefined) return 'null';
  if (bound instanceof Uint8Array) return `"\\\\x${Buffer.from(bound).toString('hex')}"`;
  // What is JSON already becomes a part of this one, NULL a null.
  if (field.type === 'JSONField') return String(bound);
  return typeof bound === 'boolean' ? String(bound) : JSON.stringify(bound);
}
