import type { Knex } from 'knex';
import type { KeyColumn, PairsTable } from '../dialect/sql.js';

/**
 * Narrows a query to the rows whose column `first` is the first of a pair, and joins the row, if there is one, whose key is the
 * second. The pairs are bound when the query is run.
 */
export function joinPairs(
  query: Knex.QueryBuilder,
  pairs: PairsTable,
  first: string,
  { table, column, field }: KeyColumn,
): Knex.QueryBuilder {
  return query
    .joinRaw(`JOIN ${pairs.sql} ON ?? = ${pairs.first}`, [...pairs.bind([]), first])
    .joinRaw(`LEFT JOIN ?? ON ?? = ${pairs.second(field)}`, [table, `${table}.${column}`]);
}
