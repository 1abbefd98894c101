import { createHash } from 'node:crypto';
import type pg from 'pg';
import { CommandError } from '../../../errors.js';
import { asSentence } from '../../../text.js';
import { driverMessage } from '../../dialect/error-text.js';
import { quote } from '../../dialect/sql-text.js';
import type { ResetOptions, ResetResult } from '../engine.js';
import { explainPostgres } from './errors.js';
import { openFirst } from './first-server.js';
import { createLikeSql, extrasSql, type Made } from './reset-sql.js';
import { placeOf, serversOf } from './server.js';
import type { PostgresTarget } from './url.js';

/** See `resetDatabase`. The database is replaced from the server's maintenance database. */
export async function resetPostgres(
  target: PostgresTarget,
  { closeSessions = false }: ResetOptions,
): Promise<ResetResult> {
  const [first, ...others] = serversOf(target);
  const { database: name } = first;
  const database = target.schema === undefined ? 'postgres' : name;
  const { client, server } = await openFirst(target, [
    { ...first, database },
    ...others.map((each) => ({ ...each, database })),
  ]);
  const place = placeOf({ ...server, database: name }, target.schema);
  const explained = (error: unknown): never => {
    throw explainPostgres(error, place) ?? error;
  };
  try {
    if (target.schema === undefined) return { notKept: await resetWhole(client, name, closeSessions) };
    await resetSchemas(client, target.schema);
    return { notKept: [] };
  } catch (error) {
    if (isInUse(error)) {
      throw new CommandError(`The database ${place.database} on ${place.server} is in use by other sessions.`, {
        code: 'database_in_use',
        cause: error,
      });
    }
    return explained(error);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/**
 * Makes a new database under another name and lets it take the place of the old one in one transaction: whatever fails or
 * ends the run, one of the two has the name. Resolves with what the new one could not be given.
 */
async function resetWhole(client: pg.Client, database: string, force: boolean): Promise<string[]> {
  const { rows } = await client.query<{ made: string }>(
    `SELECT (to_jsonb(d) || jsonb_build_object(
       'datname', datname, 'owner', pg_catalog.pg_get_userbyid(datdba),
       'encoding', pg_catalog.pg_encoding_to_char(encoding),
       'tablespace', (SELECT spcname FROM pg_catalog.pg_tablespace t WHERE t.oid = dattablespace
         AND dattablespace <> (SELECT dattablespace FROM pg_catalog.pg_database WHERE datname = 'template0'))))::text AS made
     FROM pg_catalog.pg_database d WHERE datname = $1`,
    [database],
  );
  const [row] = rows;
  if (row === undefined) {
    await client.query(`CREATE DATABASE ${quote(database)}`);
    return [];
  }
  const made: Made = JSON.parse(row.made);
  await assertMayCreate(client, database);
  // The same names in each run, so that what a killed one has left behind goes with the next.
  const name = `manage_reset_${createHash('sha256').update(database).digest('hex').slice(0, 16)}`;
  const [fresh, old] = [`${name}_new`, `${name}_old`];
  for (const left of [fresh, old]) await client.query(`DROP DATABASE IF EXISTS ${quote(left)}`);
  await client.query(createLikeSql(fresh, made));
  const notKept: string[] = [];
  try {
    const extras = await client.query<{ what: string; sql: string }>(extrasSql, [database, fresh]);
    for (const { what, sql } of extras.rows) {
      await client.query(sql).catch((error: unknown) => {
        if (!isForbidden(error)) throw error;
        notKept.push(what);
      });
    }
    await swap(client, { database, fresh, old }, force);
  } catch (error) {
    await client.query(`DROP DATABASE IF EXISTS ${quote(fresh)}`).catch(() => undefined);
    throw error;
  }
  await client.query(`DROP DATABASE ${quote(old)}`).catch((cause: Error) => {
    throw new CommandError(
      `The database '${database}' is new and empty now, but the former one could not be dropped: ${asSentence(driverMessage(cause))}`,
      { code: 'database_left', hint: `It has the name '${old}': drop it when nothing uses it any more.`, cause },
    );
  });
  return notKept;
}

/** Renaming needs this right, and what it is to be about. */
async function assertMayCreate(client: pg.Client, database: string): Promise<void> {
  const { rows } = await client.query<{ user: string; may: boolean; owns: boolean }>(
    `SELECT rolname AS user, rolsuper OR rolcreatedb AS may,
       rolsuper OR pg_catalog.pg_has_role(rolname, datdba, 'USAGE') AS owns
     FROM pg_catalog.pg_roles, pg_catalog.pg_database WHERE rolname = current_user AND datname = $1`,
    [database],
  );
  const [rights] = rows;
  if (rights === undefined || (rights.may && rights.owns)) return;
  const why = rights.owns ? 'cannot create databases' : 'does not own it';
  throw new CommandError(`The database '${database}' cannot be reset: the PostgreSQL user '${rights.user}' ${why}.`, {
    code: 'missing_right',
    hint: rights.owns
      ? `Let the server's administrator run: ALTER ROLE ${quote(rights.user)} CREATEDB.`
      : 'Name its owner, or a superuser, in the database URL.',
  });
}

async function swap(
  client: pg.Client,
  { database, fresh, old }: { readonly database: string; readonly fresh: string; readonly old: string },
  force: boolean,
): Promise<void> {
  const rename = `BEGIN; ALTER DATABASE ${quote(database)} RENAME TO ${quote(old)};
    ALTER DATABASE ${quote(fresh)} RENAME TO ${quote(database)}; COMMIT`;
  // Programs that connect again at once may come between.
  for (let attempts = force ? 3 : 1; ; attempts--) {
    if (force) {
      await client.query(
        `SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity
         WHERE datname = $1 AND backend_type = 'client backend' AND pid <> pg_catalog.pg_backend_pid()`,
        [database],
      );
    }
    try {
      await client.query(rename);
      return;
    } catch (error) {
      await client.query('ROLLBACK');
      if (!isInUse(error) || attempts <= 1) throw error;
    }
  }
}

/** The first schema of the search path is the one that tables are made in. */
async function resetSchemas(client: pg.Client, path: string): Promise<void> {
  const schema = quote(path.split(',')[0]?.trim() ?? '');
  await client.query('BEGIN');
  await client.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
  await client.query(`CREATE SCHEMA ${schema}`);
  await client.query('COMMIT');
}

const hasCode = (error: unknown, code: string) => error instanceof Error && 'code' in error && error.code === code;
const isInUse = (error: unknown) => hasCode(error, '55006');
const isForbidden = (error: unknown) => hasCode(error, '42501');
