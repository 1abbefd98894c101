import { ancestors } from '../../registry/inheritance.js';
import { modelsOf } from '../../registry/models-of.js';
import type { Registry } from '../../registry/types.js';
import type { ClearedRows } from '../../rows/clear.js';
import { counted } from '../../text.js';

/** What becomes of the rows of one table. */
export const clearedLine = ({ table, rows, column }: ClearedRows) =>
  column === undefined
    ? `    ${table}  ${counted(rows, 'row')}`
    : `    ${table}.${column}  emptied in ${counted(rows, 'row')}`;

/** The links to what goes that rows of other models hold, which nobody can tell afterwards. */
export function heldLines(registry: Registry, labels: readonly string[], counts: readonly ClearedRows[]): string[] {
  const cleared = modelsOf(registry, labels);
  const links = registry.models
    .filter((model) => !cleared.includes(model))
    .flatMap(({ app, name, manyToMany }) =>
      manyToMany
        .filter(({ to }) => cleared.some(({ label }) => label === to))
        .map((relation) => ({
          relation: `${app}.${name}.${relation.name}`,
          rows: counts.find(({ table, column }) => table === relation.table && column === undefined)?.rows ?? 0,
        })),
    )
    .filter(({ rows }) => rows > 0);
  return links.map(
    ({ relation, rows }) => `They include ${counted(rows, 'link')} of ${relation}, which those who hold them lose.`,
  );
}

/** Rows of several tables of which only a part goes. */
export function partLines(registry: Registry, labels: readonly string[]): string[] {
  const models = modelsOf(registry, labels);
  return models.flatMap((model) =>
    ancestors(registry, model)
      .filter((parent) => !models.includes(parent))
      .map((parent) => `The rows of ${parent.label} stay: what goes of ${model.label} is a part of them.`),
  );
}
