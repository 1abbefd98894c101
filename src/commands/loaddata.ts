import { defineCommand } from '../command.js';
import { UsageError } from '../errors.js';
import { counted } from '../text.js';
import { createDifferences, sayLoaded } from './reports/load.js';
import { openLoad } from './shared/data/loading.js';
import { assertAllowed, confirmDestruction, destructive, placeOf } from './shared/destructive.js';
import { database } from './shared/options.js';

export default defineCommand({
  describe: 'Install the named fixtures in the database.',
  positionals: {
    fixtures: { required: true, variadic: true, describe: 'Names or paths of fixtures; - is standard input.' },
  },
  options: {
    ...database,
    app: { type: 'string', placeholder: 'APP_LABEL', describe: 'Search only the fixtures of this app.' },
    ignorenonexistent: {
      type: 'boolean',
      short: 'i',
      describe: 'Skip unknown models and fields, and permissions of unknown models.',
    },
    exclude: { type: 'list', short: 'e', describe: 'An app or a model to leave out.' },
    ...destructive,
    onConflict: {
      type: 'string',
      choices: ['update', 'skip', 'error'],
      default: 'update',
      describe: 'What to do with existing rows.',
    },
    diff: { type: 'boolean', describe: 'Show each changed field, and with --sync each deleted row.' },
    sync: { type: 'boolean', describe: "Delete rows of the fixtures' models that no fixture names." },
    remap: {
      type: 'boolean',
      describe: 'Match content types and permissions by name instead of by key.',
    },
    format: {
      type: 'string',
      describe: 'Format of standard input and of files without an extension: json, jsonl, xml or yaml.',
    },
  },
  examples: [
    ['manage loaddata auth.json.gz', 'load users, groups and permissions'],
    [
      'manage dumpdata auth contenttypes --database old | manage loaddata - --format json --remap',
      'copy them from one database to another',
    ],
  ],
  async run(context, args) {
    const { terminal, settings } = context;
    const { dryRun, sync, diff } = args;
    if (args.fixtures.includes('-') && args.format === undefined) {
      throw new UsageError('--format must be specified when reading from stdin.', { hint: 'Add --format json.' });
    }
    const connection = await context.connect(args.database, { thirdParty: true, writes: true });
    if (!dryRun) assertAllowed(connection, args.allowProtected);
    const { load, close } = await openLoad(context, connection, args);
    const differences = await createDifferences(terminal);
    try {
      if (sync && !dryRun) {
        const { deleted } = await load({ dryRun: true });
        const lines = [
          `Loading into ${placeOf(connection)} will delete what the fixtures do not name:`,
          ...deleted.map(({ model, rows }) => `  ${counted(rows, 'row')} of ${model}`),
        ];
        const asked = { noInput: args.noInput, lines, cancelled: 'Nothing was loaded.' };
        if (deleted.length > 0 && !(await confirmDestruction(terminal, asked))) {
          return { json: { objects: 0, cancelled: true } };
        }
      }
      const result = await load({ dryRun, ...(diff ? differences.listeners : {}) });
      await differences.finish();
      sayLoaded(terminal, result, { dryRun, timeZone: settings.timeZone });
      const { objects, read, fixtures, counts, deleted } = result;
      return {
        json: {
          objects,
          read,
          fixtures,
          dryRun,
          ...(counts === undefined ? {} : { counts }),
          ...(sync ? { deleted } : {}),
          ...(diff ? { differences: differences.fields } : {}),
          ...(diff && sync ? { deletedRows: differences.rows } : {}),
        },
      };
    } finally {
      await differences.discard();
      await close();
    }
  },
});
