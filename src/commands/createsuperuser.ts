import { type SavedUser, saveSuperuser, type WantedUser } from '../auth/save-user.js';
import { userModelOf } from '../auth/user-model.js';
import { type Context, defineCommand } from '../command.js';
import type { Connection } from '../db/connection.js';
import { UsageError } from '../errors.js';
import { database, noInput, passwordSource } from './_options.js';
import { readPasswordSource } from './_password-source.js';
import { preparedDatabase } from './_prepared-database.js';
import { gatherSuperuser } from './_superuser-input.js';
import { askSuperuser } from './_superuser-prompt.js';
import { givenValues, userOptions } from './_user-values.js';

function report({ terminal }: Context, connection: Connection, wanted: WantedUser, saved: SavedUser) {
  const { auth, username } = userModelOf(connection.registry);
  const name = wanted.values[username.name];
  const { action, pk, usablePassword, before } = saved;
  if (action === 'created') terminal.say('Superuser created successfully.');
  if (action === 'updated') terminal.say(`User '${name}' is a superuser now.`);
  if (action === 'kept') terminal.say(`User '${name}' already exists: nothing was changed.`);
  if (action === 'updated' && wanted.password !== undefined) {
    terminal.note(`The password was changed: sessions of '${name}' end.`);
  }
  const isSuperuser = Object.entries(auth.superuserValues).every(([field, value]) => before?.[field] === value);
  if (action === 'kept' && !isSuperuser) {
    terminal.warn(`User '${name}' is no superuser. Use --update to make it one.`);
  }
  if (action !== 'created' && auth.activeField !== undefined && before?.[auth.activeField] === false) {
    terminal.warn(`User '${name}' is not active and cannot log in. Run \`manage activateuser\` to change that.`);
  }
  if (action !== 'kept' && !usablePassword) {
    terminal.note(`User '${name}' has no usable password yet. Set one with \`manage changepassword\`.`);
  }
  return { json: { action, pk, username: name, usablePassword } };
}

export default defineCommand({
  describe: 'Create a superuser.',
  options: {
    ...database,
    ...noInput,
    ...passwordSource,
    field: {
      type: 'list',
      placeholder: 'NAME=VALUE',
      describe: 'A value for any other field of the user.',
    },
    ifNotExists: {
      type: 'boolean',
      describe: 'Where the name is taken, leave that user as it is and succeed.',
    },
    update: {
      type: 'boolean',
      describe: 'Where the name is taken, make that user a superuser, with the password and the values that are given.',
    },
    migrate: { type: 'boolean', describe: 'Make a missing SQLite file, and apply migrations first.' },
  },
  modelOptions: (registry) => userOptions(registry, 'the superuser'),
  examples: [
    ['manage createsuperuser', 'Ask for everything.'],
    [
      'manage createsuperuser --migrate --if-not-exists --username ops --email ops@example.com --password-file pw',
      'For scripts: may run any number of times.',
    ],
    ['manage createsuperuser --update --username ops --password-stdin < pw', 'Get back in, whatever the account is.'],
  ],
  async run(context, args) {
    const { terminal, settings } = context;
    if (args.ifNotExists && args.update) {
      throw new UsageError('--if-not-exists and --update cannot be used together.');
    }
    const password = await readPasswordSource(context, args);
    const asks = !args.noInput && password === undefined;
    if (asks && !terminal.interactive) {
      throw new UsageError('Nobody can be asked: standard input is no terminal.', {
        code: 'not_interactive',
        hint: 'Use --no-input with --username and the other required options, and DJANGO_SUPERUSER_PASSWORD.',
      });
    }
    const connection = await preparedDatabase(context, args.database, { migrate: args.migrate, asks });
    if (connection === undefined) return { json: { action: 'none' } };
    const { superuserValues } = userModelOf(connection.registry).auth;
    const given = givenValues(connection, args.modelArguments, args.field, Object.keys(superuserValues));
    const existing = args.update ? 'update' : args.ifNotExists ? 'keep' : 'refuse';
    const wanted = asks
      ? await askSuperuser(context, connection, given, existing)
      : await gatherSuperuser(context, connection, given, { password, existing });
    const hasher = settings.passwordHashers[0];
    const saved = await saveSuperuser(connection, wanted, { now: context.now(), existing, hasher });
    return report(context, connection, wanted, saved);
  },
});
