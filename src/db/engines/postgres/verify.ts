import { CommandError } from '../../../errors.js';
import { plainRows } from '../../connect/client.js';
import type { Executor } from '../../connect/connection.js';
import type { PlacedTable } from '../engine.js';
import type { PostgresPlace } from './errors.js';
import { roleSql, type ServerRole } from './session-attrs.js';

/**
 * Makes sure that there is a schema to look for tables in: PostgreSQL passes over those that do not exist, and those that
 * the user may not use, so that every table would seem to be missing.
 *
 * @throws CommandError that says which of the two it is.
 */
export async function verifySchema(executor: Executor, { schema, database, user }: PostgresPlace): Promise<void> {
  const [found] = await plainRows<{ schema: string | null }>(executor, 'SELECT pg_catalog.current_schema() AS schema');
  if (found?.schema !== null) return;
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

/**
 * Makes sure that the names of tables with a schema of their own lead there.
 *
 * @throws CommandError that names both places where a table of another schema is found first.
 */
export async function verifyPlaced(executor: Executor, placed: readonly PlacedTable[]): Promise<void> {
  if (placed.length === 0) return;
  const { rows } = await executor.raw<{ rows: { name: string; schema: string }[] }>(
    `SELECT c.relname AS name, n.nspname AS schema FROM pg_catalog.pg_class c
     JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relname = ANY(?) AND pg_catalog.pg_table_is_visible(c.oid)`,
    [placed.map(({ table }) => table)],
  );
  for (const { name, schema } of rows) {
    const meant = placed.find(({ table }) => table === name);
    if (meant === undefined || meant.schema === schema) continue;
    throw new CommandError(
      `The search path finds '${schema}.${name}', and a model has its table in '${meant.schema}': the table is ambiguous.`,
      {
        code: 'shadowed_table',
        hint: `Nothing was changed. Put '${meant.schema}' first in the database URL, such as ?schema=${meant.schema},public.`,
      },
    );
  }
}

/** See `TransactionDialect.assertWritable`. */
export async function assertWritable(executor: Executor, { database, server, user }: PostgresPlace): Promise<void> {
  const { rows } = await executor.raw<{ rows: ServerRole[] }>(roleSql);
  const [role] = rows;
  if (role?.readOnly !== true) return;
  if (role.standby) {
    throw new CommandError(`The database '${database}' can only be read at ${server}, which is a standby.`, {
      code: 'database_read_only',
      hint: 'Name the primary server in the database URL, or several with target_session_attrs=read-write.',
    });
  }
  throw new CommandError(`The database '${database}' at ${server} is set to be read only for the user '${user}'.`, {
    code: 'database_read_only',
    hint: 'Where that is not meant, look for default_transaction_read_only at the server, the database and the role.',
  });
}
