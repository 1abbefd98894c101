/** Options that several commands share, to be spread into theirs. */

export const database = {
  database: {
    type: 'string',
    default: 'default',
    choices: 'databases',
    placeholder: 'ALIAS',
    describe: 'Database to work on.',
  },
} as const;

export const noInput = {
  noInput: { type: 'boolean', aliases: ['noinput'], describe: 'Never prompt.' },
} as const;

export const dryRun = {
  dryRun: { type: 'boolean', describe: 'Show what would be done, and change nothing.' },
} as const;

export const allowProtected = {
  allowProtected: {
    type: 'list',
    choices: 'databases',
    placeholder: 'ALIAS',
    describe: 'Allow this on the protected database ALIAS.',
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
