import { defineCommand } from '../command.js';
import type { ClearedRows } from '../rows/clear.js';
import { counted } from '../text.js';
import { removedLine, sayStaying, staleLines } from './reports/stale-content-types.js';
import { assertAllowed, confirmDestruction, destructive, printPreview } from './shared/destructive.js';
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
    sayStaying(terminal, { inUse, proxies, granted });
    const removed: { app: string; model: string }[] = [];
    const tables: ClearedRows[] = [];
    let cancelled = false;
    for (const app of new Set(stale.map((each) => each.app))) {
      const ofApp = stale.filter((each) => each.app === app);
      const preview = (await previewRemoval(connection, ofApp)).filter(({ rows }) => rows > 0);
      const lines = staleLines(connection, ofApp, preview);
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
