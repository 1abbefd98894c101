import type { DbContext } from '../db/connect/connection.js';
import { timestampOf } from '../db/values/moments.js';
import { findField, storedField } from '../registry/define.js';
import type { Model } from '../registry/types.js';
import type { AppTables, PruneStep } from './define.js';

type Operator = '<' | '<=' | '=';

/** Conditions that rows have to fulfil, all of them: a field, and what its value is compared with. */
export type Conditions = readonly (readonly [field: string, operator: Operator, value: Date | boolean])[];

const dayMs = 24 * 60 * 60 * 1000;

export const daysBefore = (now: Date, days: number): Date => new Date(now.getTime() - days * dayMs);

/** The condition as text with `?` and `??`, and what stands for them; columns have their table's name. */
export function conditionOf(
  { db, dialect, registry }: DbContext,
  model: Model,
  conditions: Conditions,
): { readonly sql: string; readonly bindings: readonly unknown[] } {
  const parts = conditions.map(([name, operator, value]) => {
    const field = findField(model, name);
    if (field === undefined) throw new Error(`${model.label} has no field ${name}.`);
    const bound = dialect.bind(db, storedField(registry, field), value instanceof Date ? timestampOf(value) : value);
    return { sql: `?? ${operator} ?`, bindings: [`${model.table}.${field.column}`, bound] };
  });
  return { sql: parts.map(({ sql }) => sql).join(' AND '), bindings: parts.flatMap(({ bindings }) => bindings) };
}

/** Rows of a model that fulfil these conditions. */
export function step(tables: AppTables, modelName: string, conditions: Conditions): PruneStep {
  const model = tables.model(modelName);
  return {
    model,
    where(executor) {
      const { sql, bindings } = conditionOf({ ...tables.connection, db: executor }, model, conditions);
      return executor.raw(sql, bindings as never);
    },
  };
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
    where(executor) {
      const { sql, bindings } = conditionOf({ ...tables.connection, db: executor }, other, conditions);
      return executor.raw(`?? IN (SELECT ?? FROM ?? WHERE ${sql})`, [
        column,
        other.primaryKey.column,
        other.table,
        ...bindings,
      ] as never);
    },
  };
}

/** Rows of a model that fulfil a condition on its columns, written with `??` for each. */
export function whereRaw(tables: AppTables, modelName: string, sql: string, columns: readonly string[]): PruneStep {
  const model = tables.model(modelName);
  const named = columns.map((column) => `${model.table}.${column}`);
  return { model, where: (executor) => executor.raw(sql, named as never) };
}
