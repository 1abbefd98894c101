import { CommandError } from '../../errors.js';
import { driverMessage } from './error-text.js';

/** Code, sentence and hint of an error that a person can act on. */
export type Explained = readonly [code: string, message: string, hint?: string];

/** A row that the database does not take, by what should be done about it. */
export const refusals = {
  taken: 'Another row has this value already: choose another.',
  altered: 'The table asks for something that its model does not say: look where they differ.',
  raised: 'A trigger or function of the database says so: give it what it asks for, or change it.',
} as const;

export const brokenReferenceHint = 'Change the rows that refer to it first, or add the missing row.';

/**
 * The error that stands for a driver's own; `explain` gets what the driver said. Undefined for what needs no explanation,
 * or has none.
 */
export function explainError(
  error: unknown,
  explain: (error: Error, said: string) => Explained | CommandError | undefined,
): CommandError | undefined {
  if (!(error instanceof Error) || error instanceof CommandError) return undefined;
  const found = explain(error, driverMessage(error));
  if (found === undefined || found instanceof CommandError) return found;
  const [code, message, hint] = found;
  return new CommandError(message, { code, hint, cause: error });
}

/** The driver's code of an error, or Node's code of one of the network; empty where it has none. */
export const codeOf = (error: Error): string => ('code' in error && typeof error.code === 'string' ? error.code : '');

/** What the driver said, under all that was said about it. */
export const causeOf = (error: unknown): unknown => (error instanceof CommandError ? causeOf(error.cause) : error);
