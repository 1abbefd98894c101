import { isUtf8 } from 'node:buffer';
import type { Knex } from 'knex';
import { storedField } from '../../registry/define.js';
import type { Field, Model } from '../../registry/types.js';
import type { DbContext, Executor } from '../connect/connection.js';
import type { Value } from '../dialect/dialect.js';
import { type TextDialect, textKeys } from '../dialect/text-dialect.js';
import { fill, type LinkedKeys, linkedKeys, linkedKeysOfRow, type RelationPart } from './linked-keys.js';
import { type Executors, type KeyedPage, readInParallel } from './parallel-pages.js';

/** What a record's text is made of: literal text, a column, the list of linked keys. */
export type TextPart = string | { readonly field: Field } | RelationPart;

/** Rows as the text that they are to be written as. */
export interface TextPage extends KeyedPage {
  readonly text: string | Uint8Array;
}

/** Thrown where a column holds what its field does not mean: somebody has to look at it value by value. */
export class UntrustedText extends Error {
  override name = 'UntrustedText';
}

type Precision = 'full' | 'milliseconds';
type Context = DbContext;

/**
 * Reads a table in pages that are text already, which costs a fraction of reading rows; several executors, which have to
 * see one state, read at the same time. Undefined where the engine cannot make that text exactly. The generator throws
 * UntrustedText before it has yielded a page that is wrong.
 */
export async function createTextPages(
  connection: Context,
  executor: Executor,
  model: Model,
  parts: readonly TextPart[],
  { separator, precision }: { readonly separator: string; readonly precision: Precision },
): Promise<((executors: Executors, after: Value | undefined) => AsyncGenerator<TextPage, void>) | undefined> {
  const { dialect, registry } = connection;
  const texts = await dialect.textRows(executor);
  const key = storedField(registry, model.primaryKey);
  if (texts === undefined || !textKeys.has(key.type)) return undefined;
  const record = recordText(connection, texts, model, parts, precision);
  if (record === undefined) return undefined;
  const column = `${model.table}.${model.primaryKey.column}`;
  const table: KeyedTable = {
    model,
    column,
    behind: (reader, query, of, after) =>
      after === undefined ? query : query.where(of, '>', dialect.bind(reader, key, after)),
    rowsAfter: (reader, columns, after) =>
      table.behind(reader, reader(model.table).select(columns), column, after).orderBy(column),
  };
  return (executors, after) =>
    readInParallel(
      executors,
      {
        read: (reader, from, limit) => readPage(reader, texts, table, record, { from, limit, separator }),
        findLast: (reader, from, limit) => findLast(reader, table, from, limit),
      },
      after,
    );
}

/** The table that is read, in the order of its key. */
interface KeyedTable {
  readonly model: Model;
  /** Of the key, with the table's name. */
  readonly column: string;
  /** Narrows a query to what comes after a key. */
  behind(executor: Executor, query: Knex.QueryBuilder, of: string, after: Value | undefined): Knex.QueryBuilder;
  /** The rows after a key. */
  rowsAfter(executor: Executor, columns: string | Knex.Raw, after: Value | undefined): Knex.QueryBuilder;
}

/** The SQL that makes the text of one record, and the lists of links that are joined for it. */
interface RecordText {
  readonly sql: string;
  readonly bindings: readonly string[];
  readonly lists: readonly LinkedKeys[];
}

/** Undefined where the engine cannot make the text of a part exactly. */
function recordText(
  connection: Context,
  texts: TextDialect,
  model: Model,
  parts: readonly TextPart[],
  precision: Precision,
): RecordText | undefined {
  // Keys of text are ordered by a collation, so that a page cannot be told by a range of them.
  const atOnce = texts.links === 'page' && storedField(connection.registry, model.primaryKey).type !== 'CharField';
  const sql: string[] = [];
  const bindings: string[] = [];
  const lists: LinkedKeys[] = [];
  for (const part of withoutNeighbours(parts)) {
    if (typeof part === 'string') {
      sql.push(connection.dialect.asText('?'));
      bindings.push(part);
    } else if ('field' in part) {
      const expression = texts.json(storedField(connection.registry, part.field), precision);
      if (expression === undefined) return undefined;
      sql.push(expression);
      bindings.push(...fill(expression, `${model.table}.${part.field.column}`));
    } else {
      const list = linkedKeys(connection, texts, part, precision);
      if (list === undefined) return undefined;
      const value = atOnce
        ? { sql: "'[' || coalesce(??, '') || ']'", bindings: [`list_${lists.length}.items`] }
        : linkedKeysOfRow(texts, list, model);
      if (atOnce) lists.push(list);
      sql.push(`(${value.sql})`);
      bindings.push(...value.bindings);
    }
  }
  return { sql: concatenation(sql), bindings, lists };
}

/** The same parts, with texts that follow each other as one. */
function withoutNeighbours(parts: readonly TextPart[]): TextPart[] {
  const merged: TextPart[] = [];
  for (const part of parts) {
    const last = merged.at(-1);
    if (typeof part === 'string' && typeof last === 'string') merged[merged.length - 1] = last + part;
    else merged.push(part);
  }
  return merged;
}

interface PageRequest {
  readonly from: Value | undefined;
  readonly limit: number;
  readonly separator: string;
}

async function readPage(
  executor: Executor,
  texts: TextDialect,
  table: KeyedTable,
  record: RecordText,
  { from, limit, separator }: PageRequest,
): Promise<TextPage | undefined> {
  const { model, column } = table;
  // One NULL in it makes NULL of the whole record.
  const columns = executor.raw(`${record.sql} AS record, ?? AS pk`, [...record.bindings, column]);
  const rows: Knex.QueryBuilder =
    record.lists.length === 0
      ? table.rowsAfter(executor, columns, from).limit(limit)
      : executor
          .from(table.rowsAfter(executor, `${model.table}.*`, from).limit(limit).as(model.table))
          .select(columns)
          .orderBy(column);
  for (const [index, list] of record.lists.entries()) {
    const joined = linksOfPage(executor, texts, table, list, { from, limit });
    rows.leftJoin(joined.as(`list_${index}`), `list_${index}.owner`, column);
  }
  const join = texts.joinWith?.('record');
  const page =
    join === undefined ? await joinHere(rows, separator) : await joinThere(executor, texts, rows, join, separator);
  if (page.rows === 0) return undefined;
  if (page.wrong > 0 || (typeof page.text !== 'string' && !isUtf8(page.text))) throw new UntrustedText();
  return page;
}

interface JoinedRecords extends TextPage {
  /** How many of them are NULL. */
  readonly wrong: number;
}

async function joinThere(
  executor: Executor,
  texts: TextDialect,
  records: Knex.QueryBuilder,
  join: string,
  separator: string,
): Promise<JoinedRecords> {
  const query = executor
    .from(records.as('page'))
    .select(
      executor.raw(`${join} AS text`, [separator]),
      executor.raw('CAST(count(*) AS text) AS rows'),
      executor.raw('CAST(count(*) - count(record) AS text) AS wrong'),
      executor.raw('CAST(max(pk) AS text) AS last'),
    );
  const [page] = texts.readBytes === undefined ? (await query).map(Object.values) : await texts.readBytes(query);
  const [text, rows, wrong, last] = page ?? [];
  return {
    text: text instanceof Uint8Array ? text : String(text),
    rows: Number(rows ?? 0),
    wrong: Number(wrong ?? 0),
    last: String(last),
  };
}

async function joinHere(rows: Knex.QueryBuilder, separator: string): Promise<JoinedRecords> {
  const page: { readonly record: string | null; readonly pk: unknown }[] = await rows;
  const records = page.flatMap(({ record }) => record ?? []);
  return {
    text: records.join(separator),
    rows: page.length,
    wrong: page.length - records.length,
    last: String(page.at(-1)?.pk),
  };
}

/** The links of all rows of a page, a list for each owner. */
function linksOfPage(
  executor: Executor,
  texts: TextDialect,
  table: KeyedTable,
  list: LinkedKeys,
  { from, limit }: Pick<PageRequest, 'from' | 'limit'>,
): Knex.QueryBuilder {
  const { model, column } = table;
  const page = table.rowsAfter(executor, column, from).limit(limit).as('page');
  const links = table
    .behind(executor, executor.from(executor.raw(list.from, list.joined)), list.owner, from)
    .select(executor.raw(`?? AS owner, ${list.item}`, [list.owner, ...list.items]))
    .where(list.owner, '<=', executor.from(page).max(model.primaryKey.column))
    .orderByRaw(`??, ${list.order}`, [list.owner, ...list.ordered]);
  return executor
    .from(links.as('links'))
    .select('owner', executor.raw(`${texts.join('item', list.separator)} AS items`))
    .groupBy('owner');
}

async function findLast(
  executor: Executor,
  table: KeyedTable,
  after: Value | undefined,
  limit: number,
): Promise<Value | undefined> {
  const last = executor.raw('CAST(?? AS text) AS last', [table.column]);
  const [row]: Record<string, unknown>[] = await table
    .rowsAfter(executor, last, after)
    .limit(1)
    .offset(limit - 1);
  return row && String(row.last);
}

/** Texts put together as a tree: put together one by one, each step would copy all that is there before it. */
function concatenation(texts: readonly string[]): string {
  if (texts.length < 2) return texts.join('');
  const half = texts.length >> 1;
  return `(${concatenation(texts.slice(0, half))} || ${concatenation(texts.slice(half))})`;
}
