import { defineCommand } from '../command.js';
import { parseBatchSize } from '../db/write/batches.js';
import {
  clearExpiredSessions,
  countExpiredSessions,
  countUnreadableSessions,
  vacuumSessions,
} from '../sessions/admin/clear.js';
import { counted } from '../text.js';
import { saySkipped } from './reports/expired-sessions.js';
import { database, dryRun } from './shared/options.js';

export default defineCommand({
  describe: 'Delete expired sessions, in batches that let others write.',
  options: {
    ...database,
    ...dryRun,
    batchSize: {
      type: 'string',
      placeholder: 'N|all',
      describe: 'Sessions per transaction; by default as many as take about 50 ms.',
    },
    pause: {
      type: 'integer',
      min: 0,
      max: 60_000,
      placeholder: 'MS',
      describe: 'Pause between batches, in milliseconds; by default what others need to write.',
    },
    maxRows: { type: 'integer', min: 1, placeholder: 'N', describe: 'Stop after this many sessions.' },
    maxSeconds: {
      type: 'integer',
      unit: 'seconds',
      min: 1,
      placeholder: 'S',
      describe: 'Start no batch after this many seconds.',
    },
    lockTimeout: {
      type: 'integer',
      unit: 'seconds',
      min: 1,
      max: 86_400,
      placeholder: 'SECONDS',
      describe: 'Give up after waiting this long for a lock.',
    },
    vacuum: { type: 'boolean', describe: 'Reclaim disk space.' },
  },
  examples: [
    ['manage clearsessions', 'in a cron job or a timer: two runs never meet'],
    ['manage clearsessions --max-seconds 60 --json', 'no longer than a minute, with counts for monitoring'],
  ],
  async run(context, args) {
    const { terminal, signal } = context;
    const size = parseBatchSize(args.batchSize);
    const locks = args.lockTimeout === undefined ? {} : { lockTimeoutMs: args.lockTimeout * 1000 };
    const connection = await context.connect(args.database, { ...locks, writes: !args.dryRun });
    const now = context.now();
    const unreadable = await countUnreadableSessions(connection);
    if (unreadable > 0) {
      terminal.warn(
        `${counted(unreadable, 'session')} ${unreadable === 1 ? 'has an unreadable expiry date and is' : 'have unreadable expiry dates and are'} left alone. ` +
          '`manage listsessions` shows them.',
      );
    }
    if (args.dryRun) {
      const expired = await countExpiredSessions(connection, now);
      terminal.say(`${counted(expired, 'expired session')} would be removed.`);
      return { json: { dryRun: true, expired, unreadable } };
    }

    const started = performance.now();
    const progress = terminal.progress('Removing expired sessions');
    const total = progress.shown ? await countExpiredSessions(connection, now) : undefined;
    const result = await clearExpiredSessions(connection, {
      now,
      size,
      maxRows: args.maxRows,
      maxSeconds: args.maxSeconds,
      ...locks,
      signal,
      onProgress: (deleted) => progress.update(deleted, total),
      ...(args.pause === undefined ? {} : { pauseMs: args.pause }),
    }).finally(() => progress.stop());
    if (result === undefined) return saySkipped(context, unreadable);

    const { deleted, batches, stopped } = result;
    const seconds = Math.round(performance.now() - started) / 1000;
    if (stopped === 'interrupted') {
      terminal.note(
        `${counted(deleted, 'expired session')} were removed before the interruption; run it again to continue.`,
      );
    } else {
      const left = stopped === undefined ? 0 : await countExpiredSessions(connection, now);
      const of = left === 0 ? '' : ` of ${deleted + left}`;
      terminal.say(`Removed ${deleted}${of} expired ${deleted + left === 1 ? 'session' : 'sessions'}.`);
      if (args.vacuum) await vacuumSessions(connection);
    }
    return { json: { deleted, batches, seconds, stopped: stopped ?? null, running: false, unreadable } };
  },
});
