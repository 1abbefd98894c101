import { userModelOf } from '../auth/accounts/user-model.js';
import { defineCommand } from '../command.js';
import { preparedDatabase } from './shared/schema/prepared-database.js';
import { newUserPositional, withNamedUser } from './user-form/given.js';
import { assertRequest, makeUser, newUserOptions, readSources, reportUser } from './user-form/new-user.js';
import { userOptions } from './user-form/values.js';

export default defineCommand({
  describe: 'Create a superuser.',
  positionals: newUserPositional,
  options: {
    ...newUserOptions,
    update: {
      type: 'boolean',
      describe: 'Make an existing user a superuser, and set the given values.',
    },
    migrate: { type: 'boolean', describe: 'Apply migrations first, and create a missing SQLite file.' },
  },
  modelOptions: (registry) => userOptions(registry, 'the superuser'),
  examples: [
    ['manage createsuperuser', 'Ask for everything.'],
    [
      'manage createsuperuser --migrate --if-not-exists --username ops --email ops@example.com --password-file pw',
      'For scripts: can be run any number of times.',
    ],
    [
      'manage createsuperuser --update --username ops --password-stdin < pw',
      'Get back in, whatever state the account is in.',
    ],
  ],
  async run(context, args) {
    const sources = await readSources(context, args, { environment: true });
    const { superuserValues } = userModelOf(context.registry).auth;
    const modelArguments = withNamedUser(context.registry, args);
    const { field: fields } = args;
    const request = { command: 'createsuperuser', modelArguments, fields, fixed: { ...superuserValues } };
    const assertPossible = assertRequest(context, args, sources, request);
    const options = { migrate: args.migrate, asks: sources.asks, assertPossible };
    const connection = await preparedDatabase(context, args.database, options);
    if (connection === undefined) return { json: { action: 'none' } };
    const made = await makeUser(context, connection, args, sources, request);
    const { action, before } = made.saved;
    const isSuperuser = Object.entries(superuserValues).every(([field, value]) => before?.[field] === value);
    const report = reportUser(context, connection, made, {
      created: () => 'Superuser created successfully.',
      updated: (name) => `User '${name}' is a superuser now.`,
    });
    if (action === 'kept' && !isSuperuser) {
      context.terminal.warn(`User '${report.json.username}' is not a superuser. Use --update to make it one.`);
    }
    return report;
  },
});
