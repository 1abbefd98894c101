import type { ImportFormat, ImportRow } from '../auth/accounts/import/read-rows.js';
import { defineCommand } from '../command.js';
import { UsageError } from '../errors.js';
import { emitHashers, importSource, parseMap, sayImported } from './shared/accounts/importing.js';
import { actorOptions, auditOf } from './shared/actor.js';
import { database, dryRun } from './shared/options.js';
import { withRemedies } from './shared/remedies.js';

const remedies = {
  bad_row:
    'Correct it, or use --skip-errors to leave such rows out; --update and --if-not-exists are for names that are taken.',
  unknown_columns:
    'The first line of CSV names the columns, such as username, email and password; --columns names them where it does not, and --map says what they are.',
};

export default defineCommand({
  describe: 'Import users from CSV, JSON or JSON lines, with passwords or with hashes of other systems.',
  positionals: { file: { required: true, describe: 'The file, or - for standard input.' } },
  options: {
    ...database,
    format: { type: 'string', choices: ['csv', 'json', 'jsonl'], describe: 'By default what the file looks like.' },
    map: { type: 'list', placeholder: 'COLUMN=FIELD', describe: 'What a column is; without a field it is left out.' },
    columns: {
      type: 'string',
      placeholder: 'NAMES',
      describe: 'The columns of CSV without a line of names, with commas between.',
    },
    separator: { type: 'string', placeholder: 'TEXT', describe: 'What separates the cells of CSV.' },
    algorithm: {
      type: 'string',
      placeholder: 'NAME',
      describe: 'What made hashes that do not say it: md5, sha1, sha256, werkzeug.',
    },
    group: { type: 'list', placeholder: 'NAME', describe: 'Add all of them to this group.' },
    update: { type: 'boolean', describe: 'Where a name is taken, change what the row says.' },
    ifNotExists: { type: 'boolean', describe: 'Where a name is taken, leave the account as it is.' },
    skipErrors: {
      type: 'boolean',
      describe: 'Leave rows out that are wrong, and report their lines; by default no user is imported then.',
    },
    emitHashers: {
      type: 'string',
      placeholder: 'FILE',
      describe: 'Write Python hashers for a Django site to this file.',
    },
    ...dryRun,
    ...actorOptions,
  },
  examples: [
    ['manage importusers users.csv --dry-run', 'Look whether all rows are good.'],
    ['manage importusers wp_users.csv --map user_login=username --emit-hashers foreign.py', 'From WordPress.'],
    ['manage importusers - --format jsonl --if-not-exists < users.jsonl', 'From a pipe, and again.'],
  ],
  async run(context, args) {
    const { terminal, settings, signal } = context;
    if (args.update && args.ifNotExists) throw new UsageError('--update and --if-not-exists cannot be used together.');
    const map = parseMap(args.map);
    const [{ importUsers }, { readImportRows }] = await Promise.all([
      import('../auth/accounts/import/import-users.js'),
      import('../auth/accounts/import/read-rows.js'),
    ]);
    const source = await importSource(context, args.file, (bytes) => {
      const options = { columns: args.columns?.split(','), separator: args.separator };
      return withAlgorithm(
        readImportRows(bytes, { ...options, format: args.format as ImportFormat | undefined }),
        args.algorithm,
      );
    });
    const connection = await context.connect(args.database, { writes: true });
    const audit = await auditOf(context, connection, 'importusers', args);
    const progress = terminal.progress('Importing users');
    const result = await withRemedies(remedies, () =>
      importUsers(connection, source, {
        ...audit,
        existing: args.update ? 'update' : args.ifNotExists ? 'keep' : 'refuse',
        skipErrors: args.skipErrors,
        map,
        groups: args.group,
        dryRun: args.dryRun,
        hasher: settings.passwordHashers[0],
        timeZone: settings.timeZone,
        signal,
        onProgress: (count) => progress.update(count),
      }),
    ).finally(() => progress.stop());
    sayImported(terminal, result, args.dryRun);
    const hashers = await emitHashers(context, args.emitHashers, result.algorithms);
    return { json: { dryRun: args.dryRun, ...result, hashers } };
  },
});

/** Rows in which the algorithm is named that they do not name themselves. */
async function* withAlgorithm(rows: AsyncIterable<readonly ImportRow[]>, algorithm: string | undefined) {
  for await (const group of rows) {
    yield algorithm === undefined ? group : group.map((row) => ({ ...row, values: { algorithm, ...row.values } }));
  }
}
