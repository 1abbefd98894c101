import { writeLog } from '../audit/write.js';
import { defineCommand } from '../command.js';
import { repeatableTransaction } from '../db/transactions/transaction.js';
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
    const audit = await auditOf(context, connection, 'createsession', { actor });
    const options = { secretKey, now: audit.now, age: given ?? cookieAge, ownAge: given !== undefined, backend };
    const { key, expires } = await repeatableTransaction(connection, async (bound) => {
      const created = await createSession(bound, user, options);
      const messages = [{ changed: { fields: ['Sessions'] } }];
      const event = {
        action: 'change',
        model: bound.registry.userModel,
        pk: user.pk,
        repr: user.username,
        messages,
      } as const;
      await writeLog(bound, [event], audit);
      return created;
    });
    await terminal.write(`${cookieName}=${key}\n`);
    return { json: { cookieName, key, expires, user: namedUser(user.id, user) } };
  },
});
