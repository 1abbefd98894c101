import type { Executor } from '../db/connect/connection.js';
import type { SqlText } from '../db/dialect/sql.js';
import { sqlAsIs } from '../db/dialect/sql-as-is.js';
import { anyOf, isAmong, isAmongRows } from '../db/read/conditions.js';
import { referredField } from '../registry/define.js';
import { parentLinks } from '../registry/inheritance.js';
import type { Model, Registry } from '../registry/types.js';

/** Models whose rows are parts of rows of other models that do not go as a whole: their parents' rows go with them. */
export const partsOfOthers = (registry: Registry, models: readonly Model[]): Model[] =>
  models.filter((model) => parentLinks(registry, model).some(({ parent }) => !models.includes(parent)));

/** The rows that rows of a model are parts of, as conditions by table: those of its parents, and of theirs. */
function parentRows(sql: SqlText, registry: Registry, model: Model, where: string): [table: string, where: string][] {
  return parentLinks(registry, model).flatMap(({ field, parent }) => {
    const rows = { table: model.table, column: field.column, where };
    const theirs = isAmongRows(sql, referredField(parent, field).column, rows);
    return [[parent.table, theirs] as [string, string], ...parentRows(sql, registry, parent, theirs)];
  });
}

/** `start` with the rows that the rows of `models`, all of which go, are parts of. */
export function withParentRows(
  sql: SqlText,
  registry: Registry,
  models: readonly Model[],
  start: ReadonlyMap<string, string>,
): Map<string, string> {
  const all = new Map(start);
  for (const model of models) {
    for (const [table, where] of parentRows(sql, registry, model, start.get(model.table) ?? '')) {
      const known = all.get(table);
      if (start.has(table)) continue;
      all.set(table, known === undefined ? where : anyOf([known, where]));
    }
  }
  return all;
}

type Key = string | number;

/**
 * Some rows of a model with the rows that they are parts of, as conditions by table that hold whichever part goes first;
 * undefined where the model has no rows.
 */
export async function someParts(
  executor: Executor,
  sql: SqlText,
  registry: Registry,
  model: Model,
  limit: number,
): Promise<ReadonlyMap<string, string> | undefined> {
  const start = new Map<string, string>();
  const add = async (part: Model, column: string, keys: readonly Key[]): Promise<void> => {
    const where = isAmong(sql, column, keys);
    start.set(part.table, where);
    for (const { field, parent } of parentLinks(registry, part)) {
      const found: Key[] = await executor(part.table)
        .whereRaw(sqlAsIs(where))
        .whereNotNull(field.column)
        .pluck(field.column);
      if (found.length > 0 && !start.has(parent.table)) await add(parent, referredField(parent, field).column, found);
    }
  };
  const { column } = model.primaryKey;
  const keys: Key[] = await executor(model.table).orderBy(column).limit(limit).pluck(column);
  if (keys.length === 0) return undefined;
  await add(model, column, keys);
  return start;
}
