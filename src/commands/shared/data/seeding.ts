import type { Context } from '../../../command.js';
import type { Connection } from '../../../db/connect/connection.js';
import { CommandError, OperationCancelled } from '../../../errors.js';
import type { Populated, PopulateOptions } from '../../../rows/populate/seeding.js';
import type { Seed } from '../../../rows/seeds.js';
import { notSeeded } from '../../reports/populate.js';

const number = (describe: string) =>
  ({ type: 'integer', min: 0, max: 10_000_000, placeholder: 'N', describe }) as const;

/** How many rows are made up, and how. */
export const populateOptions = {
  users: number('Number of users (default 100).'),
  groups: number('Number of groups (default 10).'),
  sessions: number('Number of sessions; by default half the number of users.'),
  logEntries: number('Number of admin log entries; by default one per user, at most 1000.'),
  seed: {
    type: 'integer',
    placeholder: 'N',
    describe: 'Generate the same data for the same number; session dates follow the current day.',
  },
  locale: {
    type: 'string',
    default: 'en',
    describe: 'Locale of the names, such as de or pt_BR.',
  },
} as const;

type Wanted = Pick<PopulateOptions, 'users' | 'groups' | 'sessions' | 'logEntries' | 'seed' | 'locale' | 'password'>;

/** Makes the rows that are wanted by the settings, and shows how many are made. */
export async function populateVisibly(
  { settings, terminal, now, signal }: Context,
  connection: Connection,
  wanted: Wanted,
  seeds: readonly Seed[],
): Promise<Populated> {
  const { populate } = await import('../../../rows/populate/populate.js');
  const progress = terminal.progress('Making rows');
  const options = {
    ...wanted,
    hasher: settings.passwordHashers[0],
    secretKey: settings.secretKey,
    sessionAge: settings.session.cookieAge,
    now: now(),
    signal,
    onProgress: (done: number, total: number) => progress.update(done, total),
  };
  return populate(connection, options, seeds).finally(() => progress.stop());
}

/** Runs the project's own seeds; where one of several fails, how to go on is said. */
export async function runOwnSeeds(
  { terminal }: Context,
  connection: Connection,
  seeds: readonly Seed[],
  { only, added }: { readonly only: string | undefined; readonly added: string },
): Promise<void> {
  const { runSeed } = await import('../../../rows/seeds.js');
  for (const [index, each] of seeds.entries()) {
    await runSeed(connection, each).catch((error: unknown) => {
      if (only !== undefined || !(error instanceof CommandError) || error instanceof OperationCancelled) throw error;
      const left = seeds.slice(index).map(({ name }) => name);
      throw notSeeded(error, added, left);
    });
    terminal.say(`Ran the seed '${each.name}'.`);
  }
}
