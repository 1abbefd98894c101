import { defineCommand } from '../command.js';
import { describeMade, nothingMade, seedLines, wantedRows } from './reports/populate.js';
import { populateOptions, populateVisibly, runOwnSeeds } from './shared/data/seeding.js';
import { assertAllowed, confirmDestruction, destructive, placeOf, printPreview } from './shared/destructive.js';
import { database, passwordSource } from './shared/options.js';
import { readPasswordSource } from './user-form/password-source.js';

export default defineCommand({
  describe: 'Fill the database with realistic users, groups, permissions, sessions and log entries.',
  options: {
    ...database,
    ...destructive,
    ...passwordSource,
    ...populateOptions,
    only: {
      type: 'string',
      placeholder: 'NAME',
      describe: "Run only this seed: groups, users, sessions, log_entries or one of the project's own.",
    },
  },
  examples: [
    ['manage populate_db', 'Add 100 users with groups, permissions and sessions, and run the seeds of the project.'],
    ['manage populate_db --users 100000 --sessions 100000 --seed 7 --no-input', 'Add many, the same ones each time.'],
    ['manage populate_db --only countries', 'Run seeds/countries.ts alone.'],
  ],
  async run(context, { database: alias, noInput, dryRun, allowProtected, only, ...args }) {
    const { connect, settings, terminal } = context;
    const password = await readPasswordSource(context, args);
    const connection = await connect(alias, { writes: !dryRun });
    if (!dryRun) assertAllowed(connection, allowProtected);
    const { findSeeds } = await import('../rows/seeds.js');
    const seeds = await findSeeds(settings.root, only);
    const [builtIn, own] = [seeds.filter((seed) => seed.builtIn), seeds.filter((seed) => !seed.builtIn)];
    const names = own.map(({ name }) => name);
    const wanted = wantedRows(args, builtIn, settings.secretKey !== undefined);
    const lines = seedLines(builtIn.length > 0 ? wanted : undefined, names);
    const json = { database: alias, target: connection.target, dryRun };
    if (dryRun) {
      await printPreview(terminal, [`This would add to ${placeOf(connection)}:`, ...lines]);
      return { json: { ...json, ...nothingMade, ...wanted, seeds: names } };
    }
    const agreed = await confirmDestruction(terminal, {
      noInput: noInput || password !== undefined,
      cancelled: 'Nothing was added.',
      lines: [`This will add made-up data to ${placeOf(connection)}:`, ...lines],
    });
    if (!agreed) return { json: { ...json, ...nothingMade, seeds: [], cancelled: true } };
    if (only === undefined && args.sessions === undefined && settings.secretKey === undefined) {
      terminal.note('No sessions are created: there is no SECRET_KEY to sign them with.');
    }
    const options = { ...wanted, password, seed: args.seed, locale: args.locale };
    const made = builtIn.length === 0 ? nothingMade : await populateVisibly(context, connection, options, builtIn);
    const added = describeMade(made);
    if (builtIn.length > 0) terminal.say(`Added ${added} to ${placeOf(connection)}.`);
    await runOwnSeeds(context, connection, own, { only, added });
    return { json: { ...json, ...made, seeds: names } };
  },
});
