import { CommandError } from '../../errors.js';
import { asSentence } from '../../text.js';

/** Code of the errors in which the database refuses a row: their cause has its own words. */
export const constraintFailed = 'constraint_failed';

/** Code of the errors in which a value does not fit the type of its column: it is the value's fault, or the column's. */
export const typeMismatch = 'type_mismatch';

/** What the driver said: without the statement that Knex puts before it, and which the guarded client notes. */
export function driverMessage(error: Error): string {
  const { message } = error;
  const statement = 'statement' in error && typeof error.statement === 'string' ? `${error.statement} - ` : '';
  return message.startsWith(statement) ? message.slice(statement.length) : message;
}

/** What the database said about a failure, as a sentence. */
export function databaseReason(error: unknown): string {
  if (!(error instanceof Error)) return asSentence(String(error));
  if (error instanceof CommandError) {
    return error.code === constraintFailed || error.code === typeMismatch
      ? databaseReason(error.cause)
      : asSentence(error.message);
  }
  const said = driverMessage(error).replace(/^SQLITE_[A-Z_]+: /, '');
  const detail = 'detail' in error && typeof error.detail === 'string' ? ` (${error.detail.replace(/\.$/, '')})` : '';
  return asSentence(said.replace(/\.$/, '') + detail);
}
