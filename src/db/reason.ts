import { CommandError } from '../errors.js';

/** What the database said about a failure, as a sentence: without the statement that Knex puts before it. */
export function databaseReason(error: unknown): string {
  if (!(error instanceof Error)) return sentence(String(error));
  if (error instanceof CommandError) return sentence(error.message);
  const { message } = error;
  const said = message.slice(message.lastIndexOf(' - ') + 1).replace(/^(?:- )?(?:SQLITE_[A-Z_]+: )?/, '');
  const detail = 'detail' in error && typeof error.detail === 'string' ? ` (${error.detail.replace(/\.$/, '')})` : '';
  return sentence(said.replace(/\.$/, '') + detail);
}

const sentence = (text: string) => (/[.!?]$/.test(text) ? text : `${text}.`);
