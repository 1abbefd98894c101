import { defineCommand } from '../command.js';
import { ownerOf } from '../registry/models-of.js';
import type { Registry } from '../registry/types.js';
import type { ClearedRows } from '../rows/clear.js';
import type { LiveContentType } from '../schema/stale-content-types.js';
import { counted, several } from '../text.js';
import { assertAllowed, confirmDestruction, destructive, placeOf, printPreview } from './shared/destructive.js';
import { database } from './shared/options.js';

function lineOf(registry: Registry, { table, rows, column }: ClearedRows): string {
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

export default defineCommand({
  describe: 'Remove content types of models that no longer exist, with their permissions.',
  options: {
    ...database,
    ...destructive,
    includeStaleApps: {
      type: 'boolean',
      describe: 'Also those of apps that the settings do not declare, if no table and no migration of theirs is left.',
    },
    includeGranted: {
      type: 'boolean',
      describe: 'With --include-stale-apps: also those whose permissions users or groups hold.',
    },
  },
  async run({ connect, terminal }, { database: alias, includeStaleApps, includeGranted, ...args }) {
    const { noInput, dryRun } = args;
    const connection = await connect(alias, { writes: !dryRun });
    if (!dryRun) assertAllowed(connection, args.allowProtected);
    const { findStaleContentTypes, previewRemoval, removeContentTypes } = await import(
      '../schema/stale-content-types.js'
    );
    const options = { includeStaleApps, includeGranted };
    const { stale, inUse, proxies, granted } = await findStaleContentTypes(connection, options);
    for (const line of inUseLines(inUse)) terminal.note(line);
    for (const { app, model, grants } of granted) {
      terminal.warn(
        `The content type ${app}.${model} stays: ${counted(grants, 'grant')} of its permissions to users or groups would go ` +
          'with it. Use --include-granted to remove it all the same.',
      );
    }
    for (const { app, model } of proxies) {
      terminal.note(`The content type ${app}.${model} stays: it is taken for that of a proxy model.`, 2);
    }
    const removed: { app: string; model: string }[] = [];
    const tables: ClearedRows[] = [];
    let cancelled = false;
    for (const app of new Set(stale.map((each) => each.app))) {
      const ofApp = stale.filter((each) => each.app === app);
      const preview = (await previewRemoval(connection, ofApp)).filter(({ rows }) => rows > 0);
      const lines = [
        `Some content types in ${placeOf(connection)} are stale and can be deleted.`,
        'Any objects that depend on these content types will also be deleted.',
        'The content types and dependent objects that would be deleted are:',
        '',
        ...ofApp.map(({ model }) => `    - Content type for ${app}.${model}`),
        ...preview.map((each) => lineOf(connection.registry, each)),
        '',
      ];
      if (dryRun) {
        await printPreview(terminal, lines);
        tables.push(...preview);
        continue;
      }
      const kept = `Stale content types of '${app}' remain.`;
      if (!(await confirmDestruction(terminal, { noInput, lines, cancelled: kept }))) {
        cancelled = true;
        continue;
      }
      tables.push(...(await removeContentTypes(connection, ofApp)).filter(({ rows }) => rows > 0));
      for (const { model } of ofApp) {
        removed.push({ app, model });
        terminal.say(`Deleting stale content type '${app} | ${model}'`, 2);
      }
    }
    if (!dryRun && removed.length > 0) {
      terminal.say(`Removed ${counted(removed.length, 'content type')} and what depended on them:`);
      for (const each of tables) terminal.say(lineOf(connection.registry, each));
    }
    const found = stale.map(({ app, model }) => ({ app, model }));
    const kept = granted.map(({ app, model, grants }) => ({ app, model, grants }));
    const json = { database: alias, target: connection.target, dryRun, stale: found, removed, tables, granted: kept };
    return { json: cancelled ? { ...json, cancelled } : json };
  },
});
