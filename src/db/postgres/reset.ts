import type pg from 'pg';
import { CommandError } from '../../errors.js';
import type { ResetOptions } from '../reset.js';
import { openConnection } from './client.js';
import { quote, quoteText } from './columns.js';
import { explainPostgres } from './errors.js';
import { type PostgresTarget, placeOf, serverOf } from './open.js';

/** What a database is made with again. */
interface Made {
  readonly owner: string;
  readonly encoding: string;
  readonly collate: string;
  readonly ctype: string;
}

/** See `resetDatabase`. The database is dropped from the server's maintenance database. */
export async function resetPostgres(target: PostgresTarget, { closeSessions = false }: ResetOptions): Promise<void> {
  const server = serverOf(target);
  const place = placeOf(server, target.schema);
  const explained = (error: unknown): never => {
    throw explainPostgres(error, place) ?? error;
  };
  const database = target.schema === undefined ? 'postgres' : server.database;
  const client = await openConnection(
    target,
    { ...server, database },
    { clients: new Set(), interrupted: false },
  ).catch(explained);
  try {
    if (target.schema === undefined) await resetWhole(client, server.database, closeSessions);
    else await resetSchemas(client, target.schema);
  } catch (error) {
    if (isInUse(error)) {
      throw new CommandError(`The database ${place.database} on ${place.server} is in use by other sessions.`, {
        code: 'database_in_use',
        hint: 'Close them, or use --close-sessions.',
        cause: error,
      });
    }
    explained(error);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function resetWhole(client: pg.Client, database: string, force: boolean): Promise<void> {
  const { rows } = await client.query<Made>(
    `SELECT pg_catalog.pg_get_userbyid(datdba) AS owner, pg_catalog.pg_encoding_to_char(encoding) AS encoding,
       datcollate AS collate, datctype AS ctype
     FROM pg_catalog.pg_database WHERE datname = $1`,
    [database],
  );
  const [made] = rows;
  if (made === undefined) {
    await client.query(`CREATE DATABASE ${quote(database)}`);
    return;
  }
  await client.query(`DROP DATABASE ${quote(database)}${force ? ' WITH (FORCE)' : ''}`);
  await client.query(
    `CREATE DATABASE ${quote(database)} OWNER ${quote(made.owner)} TEMPLATE template0 ENCODING ${quoteText(made.encoding)} ` +
      `LC_COLLATE ${quoteText(made.collate)} LC_CTYPE ${quoteText(made.ctype)}`,
  );
}

/** The first schema of the search path is the one that tables are made in. */
async function resetSchemas(client: pg.Client, path: string): Promise<void> {
  const schema = quote(path.split(',')[0]?.trim() ?? '');
  await client.query('BEGIN');
  await client.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
  await client.query(`CREATE SCHEMA ${schema}`);
  await client.query('COMMIT');
}

const isInUse = (error: unknown) => error instanceof Error && 'code' in error && error.code === '55006';
