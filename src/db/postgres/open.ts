import knex from 'knex';
import PostgresClient from 'knex/lib/dialects/postgres/index.js';
import { types } from 'pg';
import type { DatabaseTarget } from '../../settings.js';
import { guardedClient, knexSettings } from '../client.js';
import type { OpenDatabase } from '../connect.js';
import { createPostgresDialect } from './dialect.js';
import { explainPostgres, type PostgresPlace } from './errors.js';
import { openPostgresLock } from './lock.js';

export type PostgresTarget = Extract<DatabaseTarget, { engine: 'postgres' }>;

/** Opens a PostgreSQL database: see `connect`. */
export async function openPostgres(target: PostgresTarget): Promise<OpenDatabase> {
  const place = placeOf(target);
  const connection = {
    host: target.host,
    port: target.port,
    user: target.user,
    password: target.password,
    database: target.database,
    ssl: false,
    application_name: 'manage-auth',
    connectionTimeoutMillis: 15_000,
    types: { getTypeParser },
  };
  const db = knex({
    ...knexSettings,
    client: guardedClient(PostgresClient, (error) => explainPostgres(error, place)),
    connection,
    pool: { min: 0, max: 4 },
  });
  return {
    db,
    description: `${place.database} on ${place.server}`,
    dialect: createPostgresDialect({ place, setup: undefined, openLock: (name) => openPostgresLock(db, name) }),
  };
}

function placeOf({ host, port, user, database, schema }: PostgresTarget): PostgresPlace {
  const server = host?.startsWith('/') ? host : `${host ?? 'localhost'}:${port ?? 5432}`;
  return { server, user: user ?? '', database: database ?? user ?? '', schema };
}

/** Types whose JavaScript values hold all that the server's text holds: bool, int2, int4, oid, float4, float8, bytea. */
const PARSED = new Set([16, 21, 23, 26, 700, 701, 17]);

/** Everything else is the server's own text. */
function getTypeParser(oid: number): (text: string) => unknown {
  return PARSED.has(oid) ? types.getTypeParser(oid) : (text) => text;
}
