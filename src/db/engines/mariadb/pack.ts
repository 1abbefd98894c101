import type { Knex } from 'knex';
import type { PackedColumn } from '../../dialect/dialect.js';

interface Answer {
  readonly 0: readonly (readonly unknown[])[];
  readonly 1: readonly { readonly name: string }[];
}

/** See `Dialect.packRows`. The server's own JSON functions are slower than its plain rows. */
export async function packMariadbRows(
  executor: Knex,
  query: Knex.QueryBuilder,
  columns: readonly PackedColumn[],
): Promise<string | null> {
  const names = columns.map(({ name }) => name);
  const answer: Answer = await executor.raw('?', [query]).options({ rowsAsArray: true });
  const { 0: rows, 1: fields } = answer;
  if (rows.length === 0) return null;
  const places = names.map((name) => fields.findIndex((field) => field.name === name));
  const inOrder = places.every((place, index) => place === index) && fields.length === names.length;
  const texts = rows.map((row) => (inOrder ? row : places.map((place) => row[place])).map(textOf));
  return JSON.stringify(texts);
}

const textOf = (value: unknown) => (value instanceof Uint8Array ? Buffer.from(value).toString() : value);
