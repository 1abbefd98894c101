import { isUtf8 } from 'node:buffer';
import type { Knex } from 'knex';
import { storedField } from '../../registry/define.js';
import type { Field, Model } from '../../registry/types.js';
import type { Connection, Executor } from '../connect/connection.js';
import type { Value } from '../dialect/dialect.js';
import { textKeys } from '../dialect/text-dialect.js';
import { fill, type LinkedKeys, linkedKeys, linkedKeysOfRow, type RelationPart } from './linked-keys.js';
import { dealtPages, type Executors, type KeyedPage } from './parallel-pages.js';

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

/**
 * Reads a table in pages that are text already, which costs a fraction of reading rows; several executors, which have to
 * see one state, read at the same time. Undefined where the engine cannot make that text exactly. The generator throws
 * UntrustedText before it has yielded a page that is wrong.
 */
export async function createTextPages(
  connection: Pick<Connection, 'dialect' | 'registry'>,
  model: Model,
  parts: readonly TextPart[],
  { separator, precision }: { readonly separator: string; readonly precision: 'full' | 'milliseconds' },
): Promise<((executors: Executors, after: Value | undefined) => AsyncGenerator<TextPage, void>) | undefined> {
  const { dialect, registry } = connection;
  const texts = await dialect.textRows();
  const key = storedField(registry, model.primaryKey);
  if (texts === undefined || !textKeys.has(key.type)) return undefined;

  const atOnce = texts.linksAtOnce && key.type !== 'CharField';
  const sql: string[] = [];
  const bindings: string[] = [];
  const lists: LinkedKeys[] = [];
  for (const part of parts) {
    if (typeof part === 'string') {
      sql.push('CAST(? AS text)');
      bindings.push(part);
    } else if ('field' in part) {
      const expression = texts.json(storedField(registry, part.field), precision);
      if (expression === undefined) return undefined;
      const column = `${model.table}.${part.field.column}`;
      sql.push(expression);
      bindings.push(...fill(expression, column));
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
  const column = `${model.table}.${model.primaryKey.column}`;
  // One NULL in it makes NULL of the whole record.
  const inner = `${concatenation(sql)} AS record, ?? AS pk`;

  const range = (executor: Executor, query: Knex.QueryBuilder, of: string, after: Value | undefined) =>
    after === undefined ? query : query.where(of, '>', dialect.bind(executor, key, after));
  const rowsAfter = (executor: Executor, columns: string | Knex.Raw, after: Value | undefined) =>
    range(executor, executor(model.table).select(columns), column, after).orderBy(column);

  const read = async (executor: Executor, after: Value | undefined, limit: number): Promise<TextPage | undefined> => {
    const rows = executor
      .from(rowsAfter(executor, `${model.table}.*`, after).limit(limit).as(model.table))
      .select(executor.raw(inner, [...bindings, column]))
      .orderBy(column);
    for (const [index, list] of lists.entries()) {
      const page = rowsAfter(executor, column, after).limit(limit).as('page');
      const links = range(executor, executor.from(executor.raw(list.from, list.joined)), list.owner, after)
        .select(executor.raw(`?? AS owner, ${list.item}`, [list.owner, ...list.items]))
        .where(list.owner, '<=', executor.from(page).max(model.primaryKey.column))
        .orderByRaw(`??, ${list.order}`, [list.owner, ...list.ordered]);
      const joined = executor
        .from(links.as('links'))
        .select('owner', executor.raw(`${texts.join('item', list.separator)} AS items`))
        .groupBy('owner');
      rows.leftJoin(joined.as(`list_${index}`), `list_${index}.owner`, column);
    }
    const [page]: Record<string, unknown>[] = await executor
      .from(rows.as('page'))
      .select(
        executor.raw(`${texts.joinWith('record')} AS text`, [separator]),
        executor.raw('CAST(count(*) AS text) AS rows'),
        executor.raw('CAST(count(*) - count(record) AS text) AS wrong'),
        executor.raw('CAST(max(pk) AS text) AS last'),
      );
    const count = Number(page?.rows ?? 0);
    if (count === 0) return undefined;
    if (page?.wrong !== '0') throw new UntrustedText();
    const text = page.text instanceof Uint8Array ? page.text : String(page.text);
    if (typeof text !== 'string' && !isUtf8(text)) throw new UntrustedText();
    return { text, rows: count, last: String(page.last) };
  };
  const findLast = async (executor: Executor, after: Value | undefined, limit: number): Promise<Value | undefined> => {
    const last = executor.raw('CAST(?? AS text) AS last', [column]);
    const [row]: Record<string, unknown>[] = await rowsAfter(executor, last, after)
      .limit(1)
      .offset(limit - 1);
    return row && String(row.last);
  };
  return (executors, after) => dealtPages(executors, { read, findLast }, after);
}

/** Texts put together as a tree: put together one by one, each step would copy all that is there before it. */
function concatenation(texts: readonly string[]): string {
  if (texts.length < 2) return texts.join('');
  const half = texts.length >> 1;
  return `(${concatenation(texts.slice(0, half))} || ${concatenation(texts.slice(half))})`;
}
