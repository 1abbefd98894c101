import type { Connection } from '../db/connect/connection.js';
import type { MigrationSettings } from '../db/migrations/load.js';
import { recordUnapplied } from '../db/migrations/recorder.js';
import { withLock } from '../db/transactions/locks.js';
import { assertUnbound, repeatableTransaction } from '../db/transactions/transaction.js';
import { CommandError } from '../errors.js';
import { readMigratable } from './migration-state.js';

/**
 * Forgets the recorded migrations of an app that exist no longer, and resolves with their keys.
 *
 * @throws CommandError where a squashed migration still needs them to know that it is applied.
 */
export async function pruneMigrations(
  connection: Connection,
  settings: MigrationSettings,
  app: string,
  { signal }: { readonly signal?: AbortSignal },
): Promise<string[]> {
  assertUnbound(connection, 'Pruning migrations');
  const pruned = await withLock(connection, 'migrate', { wait: true, ...(signal ? { signal } : {}) }, async () => {
    const { recorded, migrations } = await readMigratable(connection, settings);
    const gone = [...recorded.keys()].filter((key) => key.startsWith(`${app}.`) && !migrations.has(key)).toSorted();
    const squashed = [...migrations.values()].filter(({ replaces }) => replaces.some((key) => gone.includes(key)));
    if (squashed.length > 0) {
      throw new CommandError(
        `Cannot prune, because these squashed migrations still say what they replace and may not be recorded as applied: ${squashed.map(({ key }) => key).join(', ')}.`,
        {
          code: 'squashed_migrations',
        },
      );
    }
    await repeatableTransaction(connection, async ({ db }) => {
      for (const key of gone) await recordUnapplied(db, key);
    });
    return gone;
  });
  return pruned ?? [];
}
