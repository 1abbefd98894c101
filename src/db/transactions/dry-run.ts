import type { Transactable } from '../dialect/transactions.js';
import { transaction } from './transaction.js';

/**
 * As {@link transaction}, which on a dry run takes back what was done once `work` has resolved. `work` is done again after a
 * conflict, unless `repeatable` is false.
 */
export async function tryOut<C extends Transactable, T>(
  connection: C,
  { dryRun, repeatable = true }: { readonly dryRun: boolean; readonly repeatable?: boolean },
  work: (bound: C) => Promise<T>,
): Promise<T> {
  if (!dryRun) return transaction(connection, work, { repeatable });
  let done: { readonly result: T } | undefined;
  const undone = new Error('dry run');
  try {
    return await transaction(
      connection,
      async (bound) => {
        done = { result: await work(bound) };
        throw undone;
      },
      { repeatable },
    );
  } catch (error) {
    if (error !== undone || done === undefined) throw error;
    return done.result;
  }
}
