import { isUtf8 } from 'node:buffer';
import type { Knex } from 'knex';
import { findModel, storedField } from '../registry/define.js';
import type { Field, ManyToMany, Model } from '../registry/types.js';
import type { Connection, Executor } from './connection.js';
import type { Value } from './dialect.js';
import { resolvePaths } from './paths.js';

/** How an engine makes text of rows. */
export interface TextDialect {
  /**
   * An expression of the column `??` that is JSON of a stored field's values, and NULL of what the field cannot mean;
   * undefined where the engine's text would lose something.
   */
  json(field: Field, precision: 'full' | 'milliseconds'): string | undefined;
  /** An aggregate that joins texts. */
  join(expression: string, separator: ListSeparator): string;
  /** An aggregate that joins texts with what is bound for `?`: a text, or its bytes in UTF-8 where they come cheaper. */
  joinWith(expression: string): string;
  /** Whether the links of a whole page are found faster at once than row by row. */
  readonly linksAtOnce: boolean;
}

/** What stands between the keys of a list. */
export type ListSeparator = ', ' | ',';

interface RelationPart {
  readonly relation: ManyToMany;
  readonly separator: ListSeparator;
}

/** What a record's text is made of: literal text, a column, the list of linked keys. */
export type TextPart = string | { readonly field: Field } | RelationPart;

/** Rows as the text that they are to be written as, and how many they are. */
export interface TextPage {
  readonly text: string | Uint8Array;
  readonly rows: number;
}

const FIRST_ROWS = 500;
const PAGE_TEXT = 500_000;
const MOST_ROWS = 4000;

/** Thrown where a column holds what its field does not mean: somebody has to look at it value by value. */
export class UntrustedText extends Error {
  override name = 'UntrustedText';
}

const KEYS: ReadonlySet<Field['type']> = new Set([
  'AutoField',
  'BigAutoField',
  'SmallAutoField',
  'IntegerField',
  'BigIntegerField',
  'CharField',
]);

/**
 * Reads a table in pages that are text already, which costs a fraction of reading rows. Undefined where the engine
 * cannot make that text exactly. The generator throws UntrustedText before it has yielded a page that is wrong.
 */
export async function createTextPages(
  connection: Pick<Connection, 'dialect' | 'registry'>,
  executor: Executor,
  model: Model,
  parts: readonly TextPart[],
  { separator, precision }: { readonly separator: string; readonly precision: 'full' | 'milliseconds' },
): Promise<((after: Value | undefined) => AsyncGenerator<TextPage & { readonly last: Value }>) | undefined> {
  const { dialect, registry } = connection;
  const texts = await dialect.textRows();
  const key = storedField(registry, model.primaryKey);
  if (texts === undefined || !KEYS.has(key.type)) return undefined;

  const atOnce = texts.linksAtOnce && key.type !== 'CharField';
  const sql: string[] = [];
  const bindings: string[] = [];
  const lists: List[] = [];
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
        : ofOneRow(texts, list, model);
      if (atOnce) lists.push(list);
      sql.push(`(${value.sql})`);
      bindings.push(...value.bindings);
    }
  }
  const column = `${model.table}.${model.primaryKey.column}`;
  // One NULL in it makes NULL of the whole record.
  const inner = `${concatenation(sql)} AS record, ?? AS pk`;

  return async function* pages(start) {
    let after = start;
    let limit = FIRST_ROWS;
    for (;;) {
      const range = (query: Knex.QueryBuilder, of: string) =>
        after === undefined ? query : query.where(of, '>', dialect.bind(executor, key, after));
      const pageOf = (columns: string) =>
        range(executor(model.table).select(columns), column).orderBy(column).limit(limit);
      const rows = executor
        .from(pageOf(`${model.table}.*`).as(model.table))
        .select(executor.raw(inner, [...bindings, column]))
        .orderBy(column);
      for (const [index, list] of lists.entries()) {
        const last = executor.from(pageOf(column).as('page')).max(model.primaryKey.column);
        const links = range(executor.from(executor.raw(list.from, list.joined)), list.owner)
          .select(executor.raw(`?? AS owner, ${list.item}`, [list.owner, ...list.items]))
          .where(list.owner, '<=', last)
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
      if (count === 0) return;
      if (page?.wrong !== '0') throw new UntrustedText();
      const text = page.text instanceof Uint8Array ? page.text : String(page.text);
      if (typeof text !== 'string' && !isUtf8(text)) throw new UntrustedText();
      after = String(page.last);
      yield { text, rows: count, last: after };
      if (count < limit) return;
      limit = Math.min(MOST_ROWS, Math.max(1, Math.floor((limit * PAGE_TEXT) / Math.max(1, text.length))));
    }
  };
}

/** The keys of linked rows: parts of a statement, each with what is bound in it. */
interface List {
  readonly separator: ListSeparator;
  readonly item: string;
  readonly items: readonly string[];
  readonly from: string;
  readonly joined: readonly string[];
  readonly owner: string;
  readonly order: string;
  readonly ordered: readonly string[];
}

function linkedKeys(
  { registry }: Pick<Connection, 'registry'>,
  texts: TextDialect,
  { relation, separator }: RelationPart,
  precision: 'full' | 'milliseconds',
): List | undefined {
  const target = findModel(registry, relation.to);
  const stored = target && storedField(registry, target.primaryKey);
  const key = stored && KEYS.has(stored.type) ? texts.json(stored, precision) : undefined;
  if (target === undefined || key === undefined) return undefined;
  const { table, column, reverseColumn } = relation;
  let from = '??';
  const joined: string[] = [table];
  const order: string[] = [];
  const ordered: string[] = [];
  if (target.ordering.length > 0) {
    const paths = resolvePaths(
      registry,
      target,
      target.ordering.map((path) => path.replace(/^-/, '')),
      'linked',
    );
    from += ' JOIN ?? AS linked ON ?? = ??';
    joined.push(target.table, `linked.${target.primaryKey.column}`, `${table}.${reverseColumn}`);
    for (const { table: joinedTable, alias, on } of paths.joins) {
      from += ' JOIN ?? AS ?? ON ?? = ??';
      joined.push(joinedTable, alias, ...on);
    }
    for (const [index, end] of paths.ends.entries()) {
      order.push(target.ordering[index]?.startsWith('-') ? '?? DESC' : '??');
      ordered.push(`${end.table}.${end.field.column}`);
    }
  }
  return {
    separator,
    item: `${key} AS item`,
    items: fill(key, `${table}.${reverseColumn}`),
    from,
    joined,
    owner: `${table}.${column}`,
    order: [...order, '??'].join(', '),
    ordered: [...ordered, `${table}.${reverseColumn}`],
  };
}

/** The list as an expression of the row that it belongs to. */
function ofOneRow(texts: TextDialect, list: List, model: Model): { sql: string; bindings: string[] } {
  const { separator, item, items, from, joined, owner, order, ordered } = list;
  return {
    sql:
      `SELECT CASE WHEN count(*) = count(item) THEN '[' || coalesce(${texts.join('item', separator)}, '') || ']' END ` +
      `FROM (SELECT ${item} FROM ${from} WHERE ?? = ?? ORDER BY ${order}) AS items`,
    bindings: [...items, ...joined, owner, `${model.table}.${model.primaryKey.column}`, ...ordered],
  };
}

const fill = (expression: string, column: string) => Array<string>(expression.split('??').length - 1).fill(column);

/** Texts put together as a tree: put together one by one, each step would copy all that is there before it. */
function concatenation(texts: readonly string[]): string {
  if (texts.length < 2) return texts.join('');
  const half = texts.length >> 1;
  return `(${concatenation(texts.slice(0, half))} || ${concatenation(texts.slice(half))})`;
}
