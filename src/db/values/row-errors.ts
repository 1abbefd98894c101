import { CommandError } from '../../errors.js';
import type { Field } from '../../registry/types.js';
import { visible } from '../../text.js';

/** An error about a value, with the row that it is in. */
export function inRow(error: unknown, table: string, key: Field, value: unknown): unknown {
  if (!(error instanceof CommandError) || error.code !== 'bad_value') return error;
  const message = error.message.replace(/^The /, 'the ');
  return new CommandError(`In the table '${table}', row ${shownKey(key, value)}: ${message}`, {
    code: error.code,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    cause: error,
  });
}

/** Keys of sessions, and of some tokens, let somebody in. */
export function shownKey({ column, secret }: Field, value: unknown): string {
  const text = typeof value === 'string' ? value : Array.isArray(value) ? JSON.stringify(value) : String(value);
  return secret || column === 'session_key' ? `${text.slice(0, 8)}…` : visible(text.slice(0, 80));
}
