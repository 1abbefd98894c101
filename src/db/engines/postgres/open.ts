import type { Client } from 'pg';
import { guardedClient, knexSettings } from '../../connect/client.js';
import { knexModules } from '../../connect/knex.js';
import { lateKnex, type PlainRows } from '../../connect/late-knex.js';
import { createNames } from '../../connect/names.js';
import type { OpenDatabase } from '../../connect/open-database.js';
import { quote } from '../../dialect/sql-text.js';
import { type ConnectOptions, poolTimeoutMs } from '../engine.js';
import { movedTo } from '../first-of.js';
import { postgresClient } from './client.js';
import { interruptConnections, type PostgresConnections } from './connection.js';
import { createPostgresDialect } from './dialect.js';
import { explainPostgres, type PostgresPlace } from './errors.js';
import { openFirst } from './first-server.js';
import { openPostgresLock } from './lock.js';
import { placeOf, serversOf } from './server.js';
import { quoteText } from './sql-text.js';
import type { PostgresTarget } from './url.js';

/** Opens a PostgreSQL database: see `connect`. */
export function openPostgres(
  target: PostgresTarget,
  { poolSize, run, placed = [] }: Pick<ConnectOptions, 'poolSize' | 'run' | 'placed'> = {},
): OpenDatabase {
  const servers = serversOf(target);
  let current = placeOf(servers[0], target.schema);
  // What is said of a server is about the one that was reached last.
  const place: PostgresPlace = {
    ...current,
    get server() {
      return current.server;
    },
  };
  const setup = setupOf(target.schema, [...new Set(placed.map(({ schema }) => schema))]);
  const connections: PostgresConnections = { clients: new Set(), interrupted: false };
  let reached = false;
  const open = async () => {
    const { client, server } = await openFirst(target, servers, connections);
    const there = placeOf(server, target.schema);
    if (reached && there.server !== current.server) run?.onOutage?.(movedTo(there));
    reached = true;
    current = there;
    return client;
  };
  const explain = (error: unknown) => explainPostgres(error, place);
  const names = createNames();
  const early = createEarly(open);
  const make = () =>
    knexModules.makeInstance({
      ...knexSettings(names),
      client: guardedClient(
        postgresClient(() => early.take() ?? open(), setup),
        names,
        explain,
      ),
      // It makes Knex set up its pool; the client knows itself where to connect.
      connection: { database: place.database },
      pool: { min: 0, max: poolSize ?? 4 },
      ...(poolSize === undefined ? {} : { acquireConnectionTimeout: poolTimeoutMs }),
    });
  return {
    // What each query needs set up only Knex's client knows.
    db: setup === undefined ? lateKnex(make, { names, explain, query: early.query, close: early.close }) : make(),
    get description() {
      return `${place.database} on ${place.server}`;
    },
    dialect: createPostgresDialect({
      place,
      setup,
      placed,
      openLock: (name) =>
        openPostgresLock(open, explain, `${target.schema?.split(',')[0]?.trim() || 'public'} ${name}`),
    }),
    interrupt: () => interruptConnections(connections),
  };
}

/** The connection that is asked before there is a Knex, which then takes it. */
function createEarly(open: () => Promise<Client>) {
  let first: Promise<Client> | undefined;
  let last: Promise<unknown> = Promise.resolve();
  const begin = () => {
    const opening = open();
    const forget = () => {
      if (first === opening) first = undefined;
    };
    opening.then((client) => client.once('end', forget), forget);
    return opening;
  };
  const take = () => {
    const taken = first;
    first = undefined;
    return taken;
  };
  return {
    /** Once nothing runs on it any more: the driver does not want to be asked while it asks. */
    take(): Promise<Client> | undefined {
      const taken = take();
      return taken && last.then(() => taken);
    },
    /** One after the other, for the same reason. */
    query(sql: string): Promise<PlainRows> {
      first ??= begin();
      const client = first;
      const rows = last.then(async () => (await (await client).query<PlainRows[number]>(sql)).rows);
      last = rows.catch(() => undefined);
      return rows;
    },
    async close() {
      await (await take()?.catch(() => undefined))?.end();
    },
  };
}

/** What every transaction begins with: the search path of the URL, or the server's own, with the `schemas` of models behind it. */
function setupOf(path: string | undefined, schemas: readonly string[]): string | undefined {
  if (schemas.length === 0) return path === undefined ? undefined : `SET LOCAL search_path TO ${searchPath(path)}`;
  const more = schemas.map(quote).join(', ');
  if (path !== undefined) return `SET LOCAL search_path TO ${searchPath(path)}, ${more}`;
  const own = "nullif(pg_catalog.current_setting('search_path'), '')";
  return `SELECT pg_catalog.set_config('search_path', concat_ws(', ', ${own}, ${quoteText(more)}), true)`;
}

/** `app` or `app,public`, quoted. */
function searchPath(schema: string): string {
  return schema
    .split(',')
    .map((name) => quote(name.trim()))
    .join(', ');
}
