import { defineCommand } from '../command.js';
import type { ClearedRows } from '../rows/clear.js';
import { counted } from '../text.js';
import { assertAllowed, confirmDestruction, destructive, placeOf, printPreview } from './shared/destructive.js';
import { database } from './shared/options.js';

function lineOf({ table, rows, column }: ClearedRows): string {
  return column === undefined
    ? `    - ${counted(rows, 'row')} of ${table}`
    : `    - ${table}.${column} is emptied in ${counted(rows, 'row')}`;
}

export default defineCommand({
  describe: 'Remove content types of models that are not there any more, and their permissions.',
  options: {
    ...database,
    ...destructive,
    includeStaleApps: {
      type: 'boolean',
      describe: 'Also those of apps that the settings do not declare, where their tables are gone.',
    },
  },
  async run({ connect, terminal }, { database: alias, includeStaleApps, noInput, dryRun, allowProtected }) {
    const connection = await connect(alias);
    if (!dryRun) assertAllowed(connection, allowProtected);
    const { findStaleContentTypes, previewRemoval, removeContentTypes } = await import(
      '../schema/stale-content-types.js'
    );
    const { stale, inUse, proxies } = await findStaleContentTypes(connection, connection.db, { includeStaleApps });
    for (const { app, model, table } of inUse) {
      terminal.note(`The content type ${app}.${model} stays: its table '${table}' is still there.`);
    }
    for (const { app, model } of proxies) {
      terminal.note(`The content type ${app}.${model} stays: it is taken for that of a proxy model.`, 2);
    }
    const removed: { app: string; model: string }[] = [];
    const tables: ClearedRows[] = [];
    let cancelled = false;
    for (const app of new Set(stale.map((each) => each.app))) {
      const ofApp = stale.filter((each) => each.app === app);
      const preview = (await previewRemoval(connection, connection.db, ofApp)).filter(({ rows }) => rows > 0);
      const lines = [
        `Some content types in ${placeOf(connection)} are stale and can be deleted.`,
        'Any objects that depend on these content types will also be deleted.',
        'The content types and dependent objects that would be deleted are:',
        '',
        ...ofApp.map(({ model }) => `    - Content type for ${app}.${model}`),
        ...preview.map(lineOf),
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
      for (const each of tables) terminal.say(lineOf(each));
    }
    const found = stale.map(({ app, model }) => ({ app, model }));
    const json = { database: alias, target: connection.target, dryRun, stale: found, removed, tables };
    return { json: cancelled ? { ...json, cancelled } : json };
  },
});
