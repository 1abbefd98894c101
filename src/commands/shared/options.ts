/** Options that several commands share, to be spread into theirs. */

export const database = {
  database: {
    type: 'string',
    default: 'default',
    choices: 'databases',
    placeholder: 'ALIAS',
    describe: 'The database to work on.',
  },
} as const;

export const noInput = {
  noInput: { type: 'boolean', aliases: ['noinput'], describe: 'Ask nothing.' },
} as const;

export const dryRun = {
  dryRun: { type: 'boolean', describe: 'Say what would be done, and change nothing.' },
} as const;

export const allowProtected = {
  allowProtected: {
    type: 'list',
    choices: 'databases',
    placeholder: 'ALIAS',
    describe: 'Allow this on a database that the settings call protected.',
  },
} as const;

export const passwordSource = {
  passwordStdin: { type: 'boolean', describe: 'Read the password from standard input. Implies --no-input.' },
  passwordFile: {
    type: 'string',
    placeholder: 'FILE',
    describe: 'Read the password from this file. Implies --no-input.',
  },
} as const;
