import { showUser } from '../auth/accounts/show-user.js';
import { explainUnknownUser } from '../auth/accounts/users.js';
import { defineCommand } from '../command.js';
import { writeUser } from './reports/user.js';
import { byOption, findPerson, keyOf, nameOf, userPositional } from './shared/accounts/people.js';
import { withKnownApps } from './shared/credentials/known-apps.js';
import { database } from './shared/options.js';
import { selectionContext } from './shared/sessions/selectors.js';

export default defineCommand({
  describe: 'Show everything about a user, and why logins would fail.',
  positionals: userPositional,
  options: { ...database, ...byOption },
  examples: [['manage showuser ada', 'Fields, rights, password, sessions, log, and what refers to her.']],
  async run(context, { database: alias, by, user: name }) {
    const { terminal, settings, signal } = context;
    const { connection } = await withKnownApps(context, await context.connect(alias));
    const row = await findPerson(connection, name, by);
    const shown = await showUser(connection, keyOf(connection, row), { hashers: settings.passwordHashers });
    if (shown === undefined) throw await explainUnknownUser(connection, nameOf(connection, row));
    const { listCredentials } = await import('../apps/credentials.js');
    const { credentials } = await listCredentials(connection, row, {
      ...selectionContext(context),
      apps: settings.credentialApps,
      signal,
    });
    const sessions = credentials.filter(({ kind }) => kind === 'session');
    const live = sessions.filter((each) => each.live).length;
    const problems = [...shown.problems];
    if (sessions.length > 0 && live === 0) problems.push('All sessions have expired.');
    const others = new Map<string, number>();
    for (const each of credentials) {
      if (each.kind !== 'session' && each.kind !== 'password' && each.live)
        others.set(each.kind, (others.get(each.kind) ?? 0) + 1);
    }
    await writeUser(terminal, shown, { live, over: sessions.length - live, others });
    for (const problem of problems) terminal.warn(problem);
    return {
      json: {
        ...shown,
        problems,
        sessions: { live, over: sessions.length - live },
        credentials: Object.fromEntries(others),
      },
    };
  },
});
