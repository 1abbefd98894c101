import type { Terminal } from '../../command.js';
import type { Connection } from '../../db/connect/connection.js';
import { ownerOf } from '../../registry/models-of.js';
import type { Registry } from '../../registry/types.js';
import type { ClearedRows } from '../../rows/clear.js';
import type { LiveContentType, StaleContentTypes } from '../../schema/stale-content-types.js';
import { counted, several } from '../../text.js';
import { placeOf } from '../shared/destructive.js';

/** What becomes of the rows of one table. */
export function removedLine(registry: Registry, { table, rows, column }: ClearedRows): string {
  const owner = ownerOf(registry, table);
  const named = owner === undefined ? '' : ` (${owner})`;
  return column === undefined
    ? `    - ${counted(rows, 'row')} of ${table}${named}`
    : `    - ${table}.${column}${named} is emptied in ${counted(rows, 'row')}`;
}

/** Why content types stay: one line for each that may have a table, and one for each app of which only migrations are recorded. */
function inUseLines(inUse: readonly LiveContentType[]): string[] {
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

/** Says which content types stay, and why. */
export function sayStaying(
  terminal: Terminal,
  { inUse, proxies, granted }: Pick<StaleContentTypes, 'inUse' | 'proxies' | 'granted'>,
): void {
  for (const line of inUseLines(inUse)) terminal.note(line);
  for (const { app, model, grants } of granted) {
    terminal.warn(
      `The content type ${app}.${model} stays: ${counted(grants, 'grant')} of its permissions to users or groups would go ` +
        'with it. Use --include-granted to remove it anyway.',
    );
  }
  for (const { app, model } of proxies) {
    terminal.note(`The content type ${app}.${model} stays: it is taken for that of a proxy model.`, 2);
  }
}

/** What goes with the content types of an app. */
export function staleLines(
  connection: Connection,
  stale: readonly { readonly app: string; readonly model: string }[],
  preview: readonly ClearedRows[],
): string[] {
  return [
    `Some content types in ${placeOf(connection)} are stale and can be deleted.`,
    'Any objects that depend on these content types will also be deleted.',
    'The content types and dependent objects that would be deleted are:',
    '',
    ...stale.map(({ app, model }) => `    - Content type for ${app}.${model}`),
    ...preview.map((each) => removedLine(connection.registry, each)),
    '',
  ];
}
