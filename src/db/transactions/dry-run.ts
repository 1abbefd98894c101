import type { Transactable } from '../dialect/transactions.js';
import { transaction } from './transaction.js';

/** As {@link transaction}, which on a dry run takes back what was done once `work` has resolved. */
export async function tryOut<C extends Transactable, T>(
  connection: C,
  { dryRun }: { readonly dryRun: boolean },
  work: (bound: C) => Promise<T>,
): Promise<T> {
  if (!dryRun) return transaction(connection, work);
  let done: { readonly result: T } | undefined;
  const undone = new Error('dry run');
  try {
    return await transaction(connection, async (bound) => {
      done = { result: await work(bound) };
      throw undone;
    });
  } catch (error) {
    if (error !== undone || done === undefined) throw error;
    return done.result;
  }
}
