import { previewPruning, prune } from '../apps/prune.js';
import { defineCommand } from '../command.js';
import { sayNotPruned, sayPruned, showPrunable } from './reports/pruning.js';
import { database, dryRun, maxSeconds } from './shared/options.js';

export default defineCommand({
  describe: 'Delete expired rows: sessions, tokens, codes and logs, by the rules of each package.',
  options: {
    ...database,
    ...dryRun,
    only: {
      type: 'list',
      placeholder: 'PART',
      describe:
        'Only this part: sessions, jwt, oauth, knox, social, emailconfirmations, axes, captcha, guardian; on request also log, auditlog, reversion, history.',
    },
    refreshAge: {
      type: 'integer',
      unit: 'seconds',
      min: 1,
      max: 3_000_000_000,
      placeholder: 'S',
      describe: "Lifetime of OAuth refresh tokens, in seconds: the site's REFRESH_TOKEN_EXPIRE_SECONDS.",
    },
    logAge: {
      type: 'integer',
      unit: 'days',
      min: 0,
      max: 100_000,
      placeholder: 'DAYS',
      describe: 'Age of log entries to delete, in days; 30 for axes and 365 for others by default.',
    },
    ...maxSeconds,
  },
  examples: [
    ['manage prune', 'In a cron job, in place of six commands: two runs never overlap.'],
    ['manage prune --dry-run', 'Count the expired rows of each table.'],
    ['manage prune --only log --log-age 730', "Delete entries of the admin's log older than two years."],
  ],
  async run(context, args) {
    const { terminal, settings, signal } = context;
    const connection = await context.connect(args.database, { writes: !args.dryRun });
    const options = {
      only: args.only,
      apps: settings.credentialApps,
      now: context.now(),
      ...(args.refreshAge === undefined ? {} : { refreshAge: args.refreshAge }),
      ...(args.logAge === undefined ? {} : { logAge: args.logAge }),
    };
    if (args.dryRun) return showPrunable(context, await previewPruning(connection, options));
    const progress = terminal.progress('Deleting expired rows');
    const result = await prune(connection, {
      ...options,
      maxSeconds: args.maxSeconds,
      signal,
      onProgress: (_, rows) => progress.update(rows),
    }).finally(() => progress.stop());
    return result === undefined ? sayNotPruned(context) : sayPruned(context, result);
  },
});
