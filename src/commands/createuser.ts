import { defineCommand } from '../command.js';
import type { Registry } from '../registry/types.js';
import { warnOfUnappliedMigrations } from './shared/schema/prepared-database.js';
import { flagOptions, readFlags } from './user-form/flags.js';
import { newUserPositional, withNamedUser } from './user-form/given.js';
import { makeUser, newUserOptions, readSources, reportUser } from './user-form/new-user.js';
import { userOptions } from './user-form/values.js';

/** Options that are named after fields, and those for what the account may do. */
function optionsOf(registry: Registry) {
  const fields = userOptions(registry, 'the user', ['first_name', 'last_name']);
  return { fields, flags: flagOptions(registry, fields) };
}

export default defineCommand({
  describe: 'Create a user.',
  positionals: newUserPositional,
  options: {
    ...newUserOptions,
    update: {
      type: 'boolean',
      describe: 'If the name is taken, change the given values, rights and password of that user, and nothing else.',
    },
    unusablePassword: { type: 'boolean', describe: 'Set an unusable password.' },
  },
  modelOptions(registry) {
    const { fields, flags } = optionsOf(registry);
    return { ...fields, ...flags };
  },
  examples: [
    ['manage createuser', 'Ask for everything.'],
    ['manage createuser ada --email ada@example.com --staff --group editors --no-input', 'Never prompt.'],
    ['manage createuser --username ci --email= --password-stdin --permission blog.add_post < pw', 'For scripts.'],
  ],
  async run(context, args) {
    const sources = await readSources(context, args);
    const connection = await context.connect(args.database, { writes: true });
    await warnOfUnappliedMigrations(context, connection);
    const { fields, flags } = optionsOf(connection.registry);
    const modelArguments = withNamedUser(connection.registry, args);
    const { fixed, links } = await readFlags(connection, flags, modelArguments);
    const values = Object.entries(modelArguments).filter(([name]) => Object.hasOwn(fields, name));
    const made = await makeUser(context, connection, args, sources, {
      command: 'createuser',
      modelArguments: Object.fromEntries(values),
      fields: args.field,
      fixed,
      links,
      unusable: args.unusablePassword,
      keepsPassword: true,
    });
    return reportUser(context, connection, made, {
      created: (name) => `User '${name}' created.`,
      updated: (name) => `User '${name}' changed.`,
    });
  },
});
