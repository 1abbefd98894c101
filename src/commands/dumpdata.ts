import { resolve } from 'node:path';
import { defineCommand } from '../command.js';
import { CommandError, UsageError } from '../errors.js';
import { warnOfUnknownApps } from './shared/data/dumping.js';
import { database } from './shared/options.js';

export default defineCommand({
  describe: 'Write the contents of the database as a fixture.',
  positionals: {
    labels: {
      variadic: true,
      describe: 'Apps or models (app_label or app_label.ModelName) to dump; by default all.',
    },
  },
  options: {
    ...database,
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
  },
  json: false,
  examples: [
    [
      'manage dumpdata auth contenttypes -o auth.json.gz',
      'write users, groups and permissions to a compressed file, for loaddata --remap',
    ],
    ['manage dumpdata auth.user --pks 1,2 --indent 2', 'show two users'],
  ],
  async run({ connect, terminal, settings, registry, signal, cwd }, args) {
    if (args.seed !== undefined && !args.anonymize) {
      throw new UsageError('--seed is for --anonymize only.', { hint: 'Add --anonymize, or leave --seed out.' });
    }
    if (args.pks !== undefined && (args.labels.length !== 1 || args.labels[0]?.includes('.') !== true)) {
      throw new CommandError('You can only use --pks option with one model', {
        code: 'usage',
        hint: 'Name it as app_label.ModelName.',
      });
    }
    const { dumpFixture } = await import('../fixtures/dump/dump-fixture.js');
    const connection = await connect(args.database, { thirdParty: true });
    const progress = args.output === undefined ? undefined : terminal.progress('Writing objects:');
    try {
      await dumpFixture(connection, settings, (text) => terminal.write(text), {
        ...args,
        output: args.output === undefined ? undefined : resolve(cwd(), args.output),
        snapshot: !args.noSnapshot,
        signal,
        onWarning: (message) => terminal.warn(message),
        onProgress: (count) => progress?.update(count),
      });
    } finally {
      progress?.stop();
    }
    // Whoever dumps everything would not notice what is missing. Introspected models are all that there are.
    if (args.labels.length === 0 && connection.registry.models.includes(registry.userModel)) {
      await warnOfUnknownApps(terminal, connection);
    }
    return undefined;
  },
});
