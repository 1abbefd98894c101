import { userModelOf } from '../auth/accounts/user-model.js';
import { explainUnknownUser, findUser } from '../auth/accounts/users.js';
import { defineCommand } from '../command.js';
import { CommandError } from '../errors.js';
import { createSession, defaultBackend } from '../sessions/store/create.js';
import { findSessionUser, userIdText } from '../sessions/store/users.js';
import { assertAllowed } from './shared/destructive.js';
import { allowProtected, database } from './shared/options.js';

export default defineCommand({
  describe: 'Log a user in: create a session, and print its cookie.',
  positionals: { username: { placeholder: 'user', required: true, describe: 'User name; compared exactly.' } },
  options: {
    ...database,
    ...allowProtected,
    age: {
      type: 'integer',
      unit: 'seconds',
      min: 1,
      max: 3_000_000_000,
      placeholder: 'S',
      describe: 'Lifetime in seconds.',
    },
    backend: {
      type: 'string',
      default: defaultBackend,
      placeholder: 'PATH',
      describe: 'Authentication backend that the session names.',
    },
  },
  examples: [
    [
      'cookie=$(manage createsession alice --age 600) && curl --cookie "$cookie" https://example.org/',
      'a request as alice',
    ],
  ],
  async run(context, { username, age, backend, database: alias, allowProtected: allowed }) {
    const { settings, terminal } = context;
    const { secretKey } = settings;
    if (secretKey === undefined) {
      throw new CommandError('There is no secret key to sign the session with.', {
        code: 'no_secret_key',
        hint: 'Set SECRET_KEY to that of the Django project.',
      });
    }
    const connection = await context.connect(alias, { writes: true });
    assertAllowed(connection, allowed);
    const { model } = userModelOf(connection.registry);
    const row = await findUser(connection, username, { fields: [model.primaryKey.name] });
    const pk = row?.[model.primaryKey.name] ?? null;
    const user = pk === null ? undefined : await findSessionUser(connection, userIdText(pk));
    if (user === undefined) throw await explainUnknownUser(connection, username);

    const { cookieAge, cookieName } = settings.session;
    const { key, expires } = await createSession(connection, user, {
      secretKey,
      now: context.now(),
      age: age ?? cookieAge,
      ownAge: age !== undefined,
      backend,
    });
    await terminal.write(`${cookieName}=${key}\n`);
    return { json: { cookieName, key, expires, user: { id: user.id, username: user.username } } };
  },
});
