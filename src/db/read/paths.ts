import type { Knex } from 'knex';
import { CommandError } from '../../errors.js';
import { findField, findModel, referredField } from '../../registry/define.js';
import type { Field, Model, Registry } from '../../registry/types.js';
import type { Executor } from '../connect/connection.js';

/** Where the end of a path through references is: `content_type__app_label`. */
export interface PathEnd {
  /** Name of the table in the query: the table's own, or that of a join. */
  readonly table: string;
  readonly field: Field;
}

export interface Join {
  readonly table: string;
  readonly alias: string;
  readonly on: readonly [string, string];
}

/** Fields that are reached from one model through references, and the joins that they need. */
export interface Paths {
  readonly ends: readonly PathEnd[];
  readonly joins: readonly Join[];
  /** Adds the joins to a query on the model's table. */
  join(query: Knex.QueryBuilder): Knex.QueryBuilder;
}

/**
 * Resolves paths as natural keys and orderings have them (`-` before a path is left to the caller). `from` is the name
 * of the model's table in the query.
 *
 * @throws CommandError where a part of a path is no field.
 */
export function resolvePaths(registry: Registry, model: Model, paths: readonly string[], from = model.table): Paths {
  const joins = new Map<string, Join>();
  const ends = paths.map((path) => {
    let table = from;
    let current = model;
    const names = path.split('__');
    for (const [index, name] of names.entries()) {
      const field = name === 'pk' ? current.primaryKey : findField(current, name);
      if (field === undefined) throw badPath(model, path);
      if (index === names.length - 1) return { table, field };
      const next = field.to === undefined ? undefined : findModel(registry, field.to);
      if (next === undefined) throw badPath(model, path);
      const alias = `${table}__${name}`;
      joins.set(alias, {
        table: next.table,
        alias,
        on: [`${alias}.${referredField(next, field).column}`, `${table}.${field.column}`],
      });
      table = alias;
      current = next;
    }
    throw badPath(model, path);
  });
  return {
    ends,
    joins: [...joins.values()],
    join(query) {
      for (const { table, alias, on } of joins.values()) query.join({ [alias]: table }, ...on);
      return query;
    },
  };
}

/** Rows of `model`, with what a query needs to follow `paths`. */
export function fromModel(executor: Executor, model: Model, paths: Paths): Knex.QueryBuilder {
  return paths.join(executor(model.table));
}

function badPath(model: Model, path: string): CommandError {
  return new CommandError(`The model ${model.label} has nothing at '${path}'.`, {
    code: 'bad_registry',
    hint: 'Correct its naturalKey or its ordering.',
  });
}
