import { ownerOf } from '../../registry/models-of.js';
import type { Registry } from '../../registry/types.js';
import type { ClearedRows } from '../../rows/clear.js';
import type { LiveContentType } from '../../schema/stale-content-types.js';
import { counted, several } from '../../text.js';

/** What becomes of the rows of one table. */
export function removedLine(registry: Registry, { table, rows, column }: ClearedRows): string {
  const owner = ownerOf(registry, table);
  const named = owner === undefined ? '' : ` (${owner})`;
  return column === undefined
    ? `    - ${counted(rows, 'row')} of ${table}${named}`
    : `    - ${table}.${column}${named} is emptied in ${counted(rows, 'row')}`;
}

/** Why content types stay: one line for each that may have a table, and one for each app of which only migrations are recorded. */
export function inUseLines(inUse: readonly LiveContentType[]): string[] {
  const apps = new Set(inUse.flatMap(({ app, table }) => (table === undefined ? [app] : [])));
  return [
    ...inUse.flatMap(({ app, model, table }) => {
      if (table === undefined) return [];
      const its =
        table === `${app}_${model}` ? `its table '${table}' is still there` : `the table '${table}' may be its`;
      return [`The content type ${app}.${model} stays: ${its}.`];
    }),
    ...[...apps].map((label) => {
      const models = inUse.filter(({ app, table }) => app === label && table === undefined).map(({ model }) => model);
      const [types, stay] = models.length === 1 ? ['content type', 'stays'] : ['content types', 'stay'];
      return `The ${types} ${several(models)} of the app '${label}' ${stay}: migrations of the app are recorded as applied.`;
    }),
  ];
}
