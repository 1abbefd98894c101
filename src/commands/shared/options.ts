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

export const batchSize = {
  batchSize: {
    type: 'string',
    placeholder: 'N|all',
    describe: 'Rows per transaction; by default as many as take about 50 ms.',
  },
} as const;

/** How long what is made is good for. */
export const age = {
  age: {
    type: 'integer',
    unit: 'seconds',
    min: 1,
    max: 3_000_000_000,
    placeholder: 'S',
    describe: 'Lifetime in seconds.',
  },
} as const;

export const maxSeconds = {
  maxSeconds: {
    type: 'integer',
    unit: 'seconds',
    min: 1,
    placeholder: 'S',
    describe: 'Start no batch after this many seconds.',
  },
} as const;

export const lockTimeout = {
  lockTimeout: {
    type: 'integer',
    unit: 'seconds',
    min: 1,
    max: 86_400,
    placeholder: 'SECONDS',
    describe: 'Give up after waiting this long for a lock.',
  },
} as const;

/** What opens a connection that waits no longer for locks than `--lock-timeout` says. */
export const locksOf = (seconds: number | undefined) =>
  seconds === undefined ? {} : { lockTimeoutMs: seconds * 1000 };

/** An option of what may take the last active superuser away. */
export const lastSuperuser = {
  force: { type: 'boolean', describe: 'Allow that no active superuser is left.' },
} as const;

/** An option of what deletes rows that others refer to. */
export const cascadeRows = {
  cascade: { type: 'boolean', describe: 'Also delete rows of unknown tables that refer to these.' },
} as const;

export const limit = {
  limit: { type: 'integer', min: 1, placeholder: 'N', describe: 'Show at most this many.' },
} as const;
