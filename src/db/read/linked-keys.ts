import { findModel, storedField } from '../../registry/define.js';
import type { ManyToMany, Model } from '../../registry/types.js';
import type { Connection } from '../connect/connection.js';
import { type ListSeparator, type TextDialect, textKeys } from '../dialect/text-dialect.js';
import { resolvePaths } from './paths.js';

/** A list of linked keys in a record. */
export interface RelationPart {
  readonly relation: ManyToMany;
  readonly separator: ListSeparator;
}

/** The keys of linked rows: parts of a statement, each with what is bound in it. */
export interface LinkedKeys {
  readonly table: string;
  readonly separator: ListSeparator;
  /** The expression of one of them, and the same with a name. */
  readonly key: string;
  readonly item: string;
  readonly items: readonly string[];
  readonly from: string;
  readonly joined: readonly string[];
  readonly owner: string;
  readonly order: string;
  readonly ordered: readonly string[];
}

/** Undefined where their text would lose something. */
export function linkedKeys(
  { registry }: Pick<Connection, 'registry'>,
  texts: TextDialect,
  { relation, separator }: RelationPart,
  precision: 'full' | 'milliseconds',
): LinkedKeys | undefined {
  const target = findModel(registry, relation.to);
  const stored = target && storedField(registry, target.primaryKey);
  const key = stored && textKeys.has(stored.type) ? texts.json(stored, precision) : undefined;
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
    table,
    separator,
    key,
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
export function linkedKeysOfRow(
  texts: TextDialect,
  list: LinkedKeys,
  model: Model,
): { sql: string; bindings: string[] } {
  const { table, separator, item, items, from, joined, owner, order, ordered } = list;
  const key = `${model.table}.${model.primaryKey.column}`;
  if (texts.links === 'aggregate')
    return {
      sql:
        `SELECT CASE WHEN count(*) = count(${list.key}) THEN '[' || coalesce(${texts.join(list.key, separator, order)}, '') || ']' END ` +
        `FROM ${from} WHERE ?? = ??`,
      bindings: [...items, ...items, ...ordered, ...joined, owner, key],
    };
  // Most rows have none of those that are sorted by other tables, and a look costs less than to make ready to sort.
  const [before, after] =
    ordered.length > 1 ? ['CASE WHEN EXISTS (SELECT 1 FROM ?? WHERE ?? = ??) THEN (', ") ELSE '[]' END"] : ['', ''];
  const joinedItems = `'[' || coalesce(${texts.join('item', separator)}, '') || ']'`;
  const [whole, each] =
    texts.noText === undefined
      ? [`CASE WHEN count(*) = count(item) THEN ${joinedItems} END`, item]
      : [joinedItems, `coalesce(${list.key}, ${texts.noText}) AS item`];
  return {
    sql: `${before}SELECT ${whole} FROM (SELECT ${each} FROM ${from} WHERE ?? = ?? ORDER BY ${order}) AS items${after}`,
    bindings: [...(before && [table, owner, key]), ...items, ...joined, owner, key, ...ordered],
  };
}

/** What is bound for each `??` of an expression of one column. */
export const fill = (expression: string, column: string) =>
  Array<string>(expression.split('??').length - 1).fill(column);
