import { CommandError } from '../../errors.js';
import type { Executor } from '../connect/executor.js';

/** Sends a COMMIT. Where the connection is lost meanwhile, the error says that nobody knows what came of it. */
export async function commitOn(executor: Executor): Promise<void> {
  try {
    await executor.raw('COMMIT');
  } catch (error) {
    throw error instanceof CommandError && error.code === 'connection_lost' ? unknownOutcome(error) : error;
  }
}

function unknownOutcome({ message, cause }: CommandError): CommandError {
  return new CommandError(`${message.replace(/\.$/, '')} while the changes were being committed.`, {
    code: 'connection_lost',
    hint: 'Look whether they are in the database before you try again.',
    cause,
  });
}
