import { defineCommand } from '../command.js';
import { sessionStats } from '../sessions/admin/stats.js';
import { findSessionOwners } from '../sessions/store/owners.js';
import { namedUser } from '../sessions/store/users.js';
import { statsText } from './reports/session-stats.js';
import { database } from './shared/options.js';
import { selectionContext } from './shared/sessions/selectors.js';

export default defineCommand({
  describe: 'Count sessions: expired, anonymous, by user and by signing key.',
  options: {
    ...database,
    top: { type: 'integer', min: 0, max: 1000, default: 10, placeholder: 'N', describe: 'Number of users to show.' },
  },
  examples: [['manage sessionstats --json', 'for monitoring']],
  async run(context, { database: alias, top }) {
    const { terminal, signal, settings } = context;
    const connection = await context.connect(alias);
    const progress = terminal.progress('Reading sessions');
    const onProgress = (seen: number) => progress.update(seen);
    const stats = await sessionStats(connection, { ...selectionContext(context), top }, { signal, onProgress }).finally(
      () => progress.stop(),
    );
    if (signal.aborted) return undefined;
    const { users, elsewhere } = await findSessionOwners(
      connection,
      stats.top.map(({ id }) => id),
    );
    const named = stats.top.map((user) => ({ ...user, ...namedUser(user.id, users.get(user.id)) }));
    await terminal.write(statsText({ ...stats, top: named }, terminal, elsewhere !== undefined));
    if (elsewhere !== undefined) terminal.warn(elsewhere);
    if (settings.secretKey === undefined) {
      terminal.warn('There is no secret key, so that no session could be verified: set SECRET_KEY.');
    }
    return { json: { ...stats, oldest: stats.oldest ?? null, newest: stats.newest ?? null, top: named } };
  },
});
