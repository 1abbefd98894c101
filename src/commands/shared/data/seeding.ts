import type { Context } from '../../../command.js';
import type { Connection } from '../../../db/connect/connection.js';
import { CommandError, OperationCancelled } from '../../../errors.js';
import type { Seed } from '../../../rows/seeds.js';
import { notSeeded } from '../../reports/populate.js';

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
