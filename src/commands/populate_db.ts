import { defineCommand } from '../command.js';
import { CommandError, OperationCancelled } from '../errors.js';
import { counted } from '../text.js';
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
      placeholder: 'S',
      describe: 'Generate the same data each time; sessions move with the days.',
    },
    locale: {
      type: 'string',
      default: 'en',
      describe: 'Locale of the names, such as de or pt_BR.',
    },
    only: { type: 'string', placeholder: 'NAME', describe: "Run only this one of the project's own seeds." },
  },
  examples: [
    ['manage populate_db', 'Add 100 users with groups, permissions and sessions, and run the seeds of the project.'],
    ['manage populate_db --users 100000 --sessions 100000 --seed 7 --no-input', 'Add many, the same ones each time.'],
    ['manage populate_db --only countries', 'Run seeds/countries.ts alone.'],
  ],
  async run(context, { database: alias, noInput, dryRun, allowProtected, seed, locale, only, ...args }) {
    const { connect, settings, terminal, signal } = context;
    const password = await readPasswordSource(context, args);
    const connection = await connect(alias);
    if (!dryRun) assertAllowed(connection, allowProtected);
    const { findSeeds, runSeed } = await import('../rows/seeds.js');
    const seeds = await findSeeds(settings.root, only);
    const users = args.users ?? 100;
    const wanted = {
      users,
      groups: args.groups ?? 10,
      sessions: args.sessions ?? (settings.secretKey === undefined ? 0 : Math.floor(users / 2)),
      logEntries: args.logEntries ?? Math.min(users, 1000),
    };
    const names = seeds.map(({ name }) => name);
    const lines = [
      ...(only === undefined
        ? [
            `    ${counted(wanted.users, 'user')}, ${counted(wanted.groups, 'group')}, ` +
              `${counted(wanted.sessions, 'session')} and ${counted(wanted.logEntries, 'log entry', 'log entries')}`,
          ]
        : []),
      ...names.map((name) => `    what the seed '${name}' writes`),
    ];
    const json = { database: alias, target: connection.target, dryRun };
    const nothing = { users: 0, groups: 0, memberships: 0, permissions: 0, sessions: 0, logEntries: 0 };
    if (dryRun) {
      await printPreview(terminal, [`This would add to ${placeOf(connection)}:`, ...lines]);
      return { json: { ...json, ...(only === undefined ? wanted : nothing), seeds: names } };
    }
    const agreed = await confirmDestruction(terminal, {
      noInput: noInput || password !== undefined,
      cancelled: 'Nothing was added.',
      lines: [`This will add made-up data to ${placeOf(connection)}:`, ...lines],
    });
    if (!agreed) return { json: { ...json, ...nothing, seeds: [], cancelled: true } };
    if (only === undefined && args.sessions === undefined && settings.secretKey === undefined) {
      terminal.note('No sessions are made, because there is no SECRET_KEY to sign them with.');
    }
    const { populate } = await import('../rows/populate/populate.js');
    const progress = terminal.progress('Making rows');
    const made =
      only !== undefined
        ? nothing
        : await populate(connection, {
            ...wanted,
            seed,
            locale,
            password,
            hasher: settings.passwordHashers[0],
            secretKey: settings.secretKey,
            sessionAge: settings.session.cookieAge,
            now: context.now(),
            signal,
            onProgress: (done, total) => progress.update(done, total),
          }).finally(() => progress.stop());
    const added =
      `${counted(made.users, 'user')}, ${counted(made.groups, 'group')}, ` +
      `${counted(made.memberships, 'membership')}, ${counted(made.permissions, 'permission link')}, ` +
      `${counted(made.sessions, 'session')} and ${counted(made.logEntries, 'log entry', 'log entries')}`;
    if (only === undefined) terminal.say(`Added ${added} to ${placeOf(connection)}.`);
    for (const [index, each] of seeds.entries()) {
      await runSeed(connection, each).catch((error: unknown) => {
        if (only !== undefined || !(error instanceof CommandError) || error instanceof OperationCancelled) throw error;
        throw notSeeded(error, added, names.slice(index));
      });
      terminal.say(`Ran the seed '${each.name}'.`);
    }
    return { json: { ...json, ...made, seeds: names } };
  },
});

/** What was made up is there, and would be made once more by the same command. */
function notSeeded({ message, code, hint = '', cause }: CommandError, added: string, left: readonly string[]) {
  const each = left.map((name) => `\`--only ${name}\``).join(', then ');
  return new CommandError(message, {
    code,
    hint: `${hint} Before it, ${added} were added: go on with ${each}.`.trimStart(),
    cause,
  });
}
