import type { Knex } from 'knex';
import type { DbContext } from '../db/connect/connection.js';
import { allOf, equals, refersToRowsWhere } from '../db/read/expressions.js';
import { timestampOf } from '../db/values/moments.js';
import { findField, storedField } from '../registry/define.js';
import type { Model } from '../registry/types.js';
import type { AppTables, PruneStep } from './define.js';

/**
 * Conditions that rows have to fulfil, all of them: a field, and what its value is compared with. What cannot be read as a
 * moment is neither before nor after one.
 */
export type Conditions = readonly (
  | readonly [field: string, operator: '<' | '<=', moment: Date]
  | readonly [field: string, operator: '=', value: boolean]
)[];

const dayMs = 24 * 60 * 60 * 1000;

export const daysBefore = (now: Date, days: number): Date => new Date(now.getTime() - days * dayMs);

/** The condition that a row of this model fulfils all of these; columns have their table's name. */
function whereAll({ db, dialect, registry }: DbContext, model: Model, conditions: Conditions): Knex.Raw {
  const parts = conditions.map(([name, operator, value]) => {
    const field = findField(model, name);
    if (field === undefined) throw new Error(`${model.label} has no field ${name}.`);
    const [stored, column] = [storedField(registry, field), `${model.table}.${field.column}`];
    return operator === '='
      ? equals(db, column, dialect.bind(db, stored, value))
      : dialect.compareMoments(db, stored, column, operator, timestampOf(value));
  });
  return allOf(db, parts);
}

/** Rows of a model that fulfil these conditions. */
export function step(tables: AppTables, modelName: string, conditions: Conditions): PruneStep {
  const model = tables.model(modelName);
  return { model, where: (executor) => whereAll({ ...tables.connection, db: executor }, model, conditions) };
}

/** Rows of a model that refer to rows of another one that fulfil these conditions. */
export function through(
  tables: AppTables,
  modelName: string,
  fieldName: string,
  otherName: string,
  conditions: Conditions,
): PruneStep {
  const [model, other] = [tables.model(modelName), tables.model(otherName)];
  const column = findField(model, fieldName)?.column ?? `${fieldName}_id`;
  return {
    model,
    where: (executor) =>
      refersToRowsWhere(executor, `${model.table}.${column}`, {
        table: other.table,
        key: other.primaryKey.column,
        where: whereAll({ ...tables.connection, db: executor }, other, conditions),
      }),
  };
}
