import { defineCommand } from '../command.js';
import type { ClearedRows } from '../rows/clear.js';
import { counted } from '../text.js';
import { inUseLines, removedLine } from './reports/stale-content-types.js';
import { assertAllowed, confirmDestruction, destructive, placeOf, printPreview } from './shared/destructive.js';
import { database } from './shared/options.js';

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
          'with it. Use --include-granted to remove it anyway.',
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
        ...preview.map((each) => removedLine(connection.registry, each)),
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
      for (const each of tables) terminal.say(removedLine(connection.registry, each));
    }
    const found = stale.map(({ app, model }) => ({ app, model }));
    const kept = granted.map(({ app, model, grants }) => ({ app, model, grants }));
    const json = { database: alias, target: connection.target, dryRun, stale: found, removed, tables, granted: kept };
    return { json: cancelled ? { ...json, cancelled } : json };
  },
});
