import { defineCommand } from '../command.js';
import { createSession, defaultBackend } from '../sessions/store/create.js';
import { namedUser } from '../sessions/store/users.js';
import { findOwner } from './shared/accounts/people.js';
import { actorOptions, auditOf } from './shared/actor.js';
import { assertAllowed } from './shared/destructive.js';
import { age, allowProtected, database } from './shared/options.js';
import { requireSecretKey } from './shared/secret-key.js';

export default defineCommand({
  describe: 'Log a user in: create a session, and print its cookie.',
  positionals: { username: { placeholder: 'user', required: true, describe: 'User name; compared exactly.' } },
  options: {
    ...database,
    ...allowProtected,
    ...actorOptions,
    ...age,
    backend: {
      type: 'string',
      default: defaultBackend,
      placeholder: 'PATH',
      describe: 'Authentication backend to store in the session.',
    },
  },
  examples: [
    [
      'cookie=$(manage createsession alice --age 600) && curl --cookie "$cookie" https://example.org/',
      'Send a request as alice.',
    ],
  ],
  async run(context, { username, age: given, backend, actor, database: alias, allowProtected: allowed }) {
    const { settings, terminal } = context;
    const secretKey = requireSecretKey(settings, 'sign the session with');
    const connection = await context.connect(alias, { writes: true });
    assertAllowed(connection, allowed);
    const user = await findOwner(connection, username);
    const { cookieAge, cookieName } = settings.session;
    const { key, expires } = await createSession(connection, user, {
      secretKey,
      ...(await auditOf(context, connection, 'createsession', { actor })),
      age: given ?? cookieAge,
      ownAge: given !== undefined,
      backend,
    });
    await terminal.write(`${cookieName}=${key}\n`);
    return { json: { cookieName, key, expires, user: namedUser(user.id, user) } };
  },
});
