import type { Terminal } from '../../../command.js';
import type { Connection } from '../../../db/connect/connection.js';
import { CommandError, UsageError } from '../../../errors.js';

/** What is dumped, and how it is written. */
export const dumpOptions = {
  format: {
    type: 'string',
    describe: 'json, jsonl, xml or yaml; by default from the name of the output file, else json.',
  },
  indent: { type: 'integer', min: 0, max: 100, describe: 'Spaces to indent by.' },
  exclude: { type: 'list', short: 'e', describe: 'An app or a model to leave out.' },
  naturalForeign: { type: 'boolean', describe: 'Use natural keys for references.' },
  naturalPrimary: { type: 'boolean', describe: 'Omit primary keys of models with natural keys.' },
  all: { type: 'boolean', short: 'a', describe: 'All rows; accepted for compatibility with Django.' },
  pks: {
    type: 'string',
    placeholder: 'PRIMARY_KEYS',
    describe: 'Only rows with these comma-separated primary keys; needs exactly one model.',
  },
  output: {
    type: 'string',
    short: 'o',
    placeholder: 'FILE',
    describe: 'The file to write; .gz, .bz2, .xz, .zst compress.',
  },
  precision: {
    type: 'string',
    choices: ['full', 'milliseconds'],
    default: 'full',
    describe: 'Precision of times: microseconds, or milliseconds in JSON as Django does.',
  },
  portable: {
    type: 'boolean',
    describe:
      'Natural keys both ways, without content types, sessions, log entries and permissions of undeclared models.',
  },
  anonymize: {
    type: 'boolean',
    describe:
      'Replace usernames, names and e-mail addresses of users, make passwords unusable, leave out sessions and log. All other fields stay: see --exclude-field.',
  },
  seed: {
    type: 'string',
    describe: 'With --anonymize: the same seed and secret key give the same fakes.',
  },
  excludeField: { type: 'list', placeholder: 'APP.MODEL.FIELD', describe: 'A field to leave out.' },
  noSnapshot: { type: 'boolean', describe: 'Read without a transaction, so that no writer waits.' },
} as const;

interface DumpArguments {
  readonly labels: readonly string[];
  readonly pks: string | undefined;
  readonly anonymize: boolean;
  readonly seed: string | undefined;
}

/** @throws CommandError for options that mean nothing together. */
export function assertDumpable(args: DumpArguments): void {
  if (args.seed !== undefined && !args.anonymize) {
    throw new UsageError('--seed is for --anonymize only.', { hint: 'Add --anonymize, or leave --seed out.' });
  }
  if (args.pks !== undefined && (args.labels.length !== 1 || args.labels[0]?.includes('.') !== true)) {
    throw new CommandError('You can only use --pks option with one model', {
      code: 'usage',
      hint: 'Name it as app_label.ModelName.',
    });
  }
}

/** Warns of apps that are in the database and in no settings. */
export async function warnOfUnknownApps(terminal: Terminal, connection: Connection): Promise<void> {
  const { unknownApps } = await import('../../../db/introspection/unknown-apps.js');
  const tables = new Set(await connection.dialect.tableNames(connection.db));
  const unknown = await unknownApps(connection, connection.db, tables);
  if (unknown.length === 0) return;
  terminal.warn(
    `This database has apps that the settings do not declare, which are not in the fixture: ${unknown.join(', ')}. --introspect takes them from the database.`,
  );
}
