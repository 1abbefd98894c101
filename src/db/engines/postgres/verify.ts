import { CommandError } from '../../../errors.js';
import type { Executor } from '../../connect/connection.js';
import type { PostgresPlace } from './errors.js';

/**
 * Makes sure that there is a schema to look for tables in: PostgreSQL passes over those that do not exist, and those that
 * the user may not use, so that every table would seem to be missing.
 *
 * @throws CommandError that says which of the two it is.
 */
export async function verifySchema(executor: Executor, { schema, database, user }: PostgresPlace): Promise<void> {
  const { rows: found } = await executor.raw<{ rows: { schema: string | null }[] }>(
    'SELECT pg_catalog.current_schema() AS schema',
  );
  if (found[0]?.schema !== null) return;
  const names = (schema ?? 'public').split(',').map((name) => name.trim());
  const { rows: there } = await executor.raw<{ rows: { nspname: string }[] }>(
    'SELECT nspname FROM pg_catalog.pg_namespace WHERE nspname = ANY(?)',
    [names],
  );
  const [closed] = there;
  if (closed !== undefined) {
    throw new CommandError(`The user '${user}' may not use the schema '${closed.nspname}' of '${database}'.`, {
      code: 'access_denied',
      hint: `Give the right with \`GRANT USAGE ON SCHEMA "${closed.nspname}"\`, and rights on its tables.`,
    });
  }
  throw new CommandError(`The database '${database}' has no schema '${names.join("', '")}'.`, {
    code: 'missing_schema',
    hint: 'Make it with `CREATE SCHEMA`. Check the database URL in the settings.',
  });
}
