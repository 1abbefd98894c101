import { defineCommand } from '../command.js';
import { parseBatchSize } from '../db/write/batches.js';
import { countExpiredSessions, countUnreadableSessions, vacuumSessions } from '../sessions/admin/clear.js';
import { counted } from '../text.js';
import { sayCleared, saySkipped, warnOfUnreadable } from './reports/expired-sessions.js';
import { database, dryRun, locksOf } from './shared/options.js';
import { clearingOptions, clearVisibly } from './shared/sessions/clearing.js';

export default defineCommand({
  describe: 'Delete expired sessions, in batches that let others write.',
  options: {
    ...database,
    ...dryRun,
    ...clearingOptions,
    vacuum: { type: 'boolean', describe: 'Reclaim disk space.' },
  },
  examples: [
    ['manage clearsessions', 'In a cron job or timer: two runs never overlap.'],
    ['manage clearsessions --max-seconds 60 --json', 'For at most a minute, with counts for monitoring.'],
  ],
  async run(context, args) {
    const { terminal } = context;
    const size = parseBatchSize(args.batchSize);
    const locks = locksOf(args.lockTimeout);
    const connection = await context.connect(args.database, { ...locks, writes: !args.dryRun });
    const now = context.now();
    const unreadable = await countUnreadableSessions(connection, locks);
    warnOfUnreadable(terminal, unreadable);
    if (args.dryRun) {
      const expired = await countExpiredSessions(connection, now, locks);
      terminal.say(`${counted(expired, 'expired session')} would be removed.`);
      return { json: { dryRun: true, expired, unreadable } };
    }

    const started = performance.now();
    const result = await clearVisibly(context, connection, { ...args, size, now });
    if (result === undefined) return saySkipped(context, unreadable);

    const { deleted, batches, stopped } = result;
    const seconds = Math.round(performance.now() - started) / 1000;
    const isCut = stopped === 'interrupted';
    sayCleared(
      terminal,
      result,
      stopped === undefined || isCut ? 0 : await countExpiredSessions(connection, now, locks),
    );
    if (args.vacuum && !isCut) await vacuumSessions(connection);
    return { json: { deleted, batches, seconds, stopped: stopped ?? null, running: false, unreadable } };
  },
});
