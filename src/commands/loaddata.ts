import { defineCommand } from '../command.js';
import { UsageError } from '../errors.js';
import { createDifferences, loadDocument, sayLoaded, warnWithoutSuperuser } from './reports/load.js';
import { confirmSync, loadOptions, openLoad } from './shared/data/loading.js';
import { assertAllowed, destructive } from './shared/destructive.js';
import { database } from './shared/options.js';

export default defineCommand({
  describe: 'Install the named fixtures in the database.',
  positionals: {
    fixtures: { required: true, variadic: true, describe: 'Names or paths of fixtures; - is standard input.' },
  },
  options: {
    ...database,
    ...destructive,
    ...loadOptions,
  },
  examples: [
    ['manage loaddata auth.json.gz', 'Load users, groups and permissions.'],
    [
      'manage dumpdata auth contenttypes --database old | manage loaddata - --format json --remap',
      'Copy them from one database to another.',
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
      if (sync && !dryRun && !(await confirmSync(terminal, connection, load, args.noInput))) {
        return { json: { objects: 0, cancelled: true } };
      }
      const result = await load({ dryRun, ...(diff ? differences.listeners : {}) });
      await differences.finish();
      sayLoaded(terminal, result, { dryRun, timeZone: settings.timeZone });
      if (!dryRun) await warnWithoutSuperuser(terminal, connection, result);
      return { json: loadDocument(result, differences, args) };
    } finally {
      await differences.discard();
      await close();
    }
  },
});
