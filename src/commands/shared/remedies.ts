import { CommandError } from '../../errors.js';

/** What to do on the command line about errors of the library, by their code. */
export type Remedies = Readonly<Record<string, string>>;

/** Runs `work`; an error of one of these codes gets the remedy as its hint. */
export async function withRemedies<T>(remedies: Remedies, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    const hint = Object.hasOwn(remedies, error.code) ? remedies[error.code] : undefined;
    if (hint === undefined) throw error;
    throw new CommandError(error.message, { code: error.code, hint, cause: error.cause ?? error });
  }
}
