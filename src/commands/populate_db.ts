import { defineCommand } from '../command.js';
import { describeMade, describeRows, nothingMade, wantedRows } from './reports/populate.js';
import { runOwnSeeds } from './shared/data/seeding.js';
import { assertAllowed, confirmDestruction, destructive, placeOf, printPreview } from './shared/destructive.js';
import { database, passwordSource } from './shared/options.js';
import { readPasswordSource } from './user-form/password-source.js';

const number = (describe: string, fallback?: number) =>
  ({
    type: 'integer',
    min: 0,
    max: 10_000_000,
    placeholder: 'N',
    describe,
    ...(fallback === undefined ? {} : { default: fallback }),
  }) as const;

export default defineCommand({
  describe: 'Fill the database with realistic users, groups, permissions, sessions and log entries.',
  options: {
    ...database,
    ...destructive,
    ...passwordSource,
    users: { ...number('Number of users (default 100).') },
    groups: { ...number('Number of groups (default 10).') },
    sessions: { ...number('Number of sessions; by default half the number of users.') },
    logEntries: { ...number('Number of admin log entries; by default one per user, at most 1000.') },
    seed: {
      type: 'integer',
      unit: 'seconds',
      placeholder: 'S',
      describe: 'Generate the same data each time; sessions move with the days.',
    },
    locale: {
      type: 'string',
      default: 'en',
      describe: 'Locale of the names, such as de or pt_BR.',
    },
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
  async run(context, { database: alias, noInput, dryRun, allowProtected, seed, locale, only, ...args }) {
    const { connect, settings, terminal, signal } = context;
    const password = await readPasswordSource(context, args);
    const connection = await connect(alias, { writes: !dryRun });
    if (!dryRun) assertAllowed(connection, allowProtected);
    const { findSeeds } = await import('../rows/seeds.js');
    const seeds = await findSeeds(settings.root, only);
    const [builtIn, own] = [seeds.filter((seed) => seed.builtIn), seeds.filter((seed) => !seed.builtIn)];
    const names = own.map(({ name }) => name);
    const wanted = wantedRows(args, builtIn, settings.secretKey !== undefined);
    const lines = [
      ...(builtIn.length > 0 ? [`    ${describeRows(wanted)}`] : []),
      ...names.map((name) => `    what the seed '${name}' writes`),
    ];
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
    const { populate } = await import('../rows/populate/populate.js');
    const progress = terminal.progress('Making rows');
    const options = {
      ...wanted,
      seed,
      locale,
      password,
      hasher: settings.passwordHashers[0],
      secretKey: settings.secretKey,
      sessionAge: settings.session.cookieAge,
      now: context.now(),
      signal,
      onProgress: (done: number, total: number) => progress.update(done, total),
    };
    const filling = builtIn.length === 0 ? nothingMade : populate(connection, options, builtIn);
    const made = await Promise.resolve(filling).finally(() => progress.stop());
    const added = describeMade(made);
    if (builtIn.length > 0) terminal.say(`Added ${added} to ${placeOf(connection)}.`);
    await runOwnSeeds(context, connection, own, { only, added });
    return { json: { ...json, ...made, seeds: names } };
  },
});
