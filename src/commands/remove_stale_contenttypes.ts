import { defineCommand } from '../command.js';
import { counted } from '../text.js';
import { removedLine, sayStaying } from './reports/stale-content-types.js';
import { assertAllowed, destructive } from './shared/destructive.js';
import { database } from './shared/options.js';
import { removeByApp } from './shared/schema/stale-content-types.js';

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
      describe: 'Also those whose permissions users or groups hold.',
    },
  },
  async run(context, { database: alias, includeStaleApps, includeGranted, ...args }) {
    const { terminal } = context;
    const { noInput, dryRun } = args;
    const connection = await context.connect(alias, { writes: !dryRun });
    if (!dryRun) assertAllowed(connection, args.allowProtected);
    const { findStaleContentTypes } = await import('../schema/stale-content-types.js');
    const options = { includeStaleApps, includeGranted };
    const { stale, inUse, proxies, granted } = await findStaleContentTypes(connection, options);
    sayStaying(terminal, { inUse, proxies, granted });
    const done = await removeByApp(context, connection, stale, { noInput, dryRun });
    const { removed, tables, cancelled } = done;
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
