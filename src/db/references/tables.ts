import type { Knex } from 'knex';
import type { Executor } from '../connect/connection.js';
import { tableNamed } from '../introspection/table-map.js';
import type { ReferenceEdge, ReferenceGraph, SeveralEdge } from './graph.js';

/** Narrows a query on a table to some of its rows. */
export type Narrow = (query: Knex.QueryBuilder) => void;

/** A query on a table of a graph. */
export function fromTable(executor: Executor, { places }: ReferenceGraph, name: string): Knex.QueryBuilder {
  const place = places.get(name);
  return executor.from(place === undefined ? name : (tableNamed(executor, name, place) as unknown as string));
}

/** Narrows a query to the rows that refer by an edge to those that `targets` selects from. */
export const refersTo =
  (edge: ReferenceEdge | SeveralEdge, targets: Knex.QueryBuilder): Narrow =>
  (query) => {
    if ('columns' in edge) query.whereIn([...edge.columns], targets.select([...edge.toColumns]));
    else query.whereIn(edge.column, targets.select(edge.toColumn));
  };
