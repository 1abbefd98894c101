import { guardedClient, knexSettings } from '../../connect/client.js';
import { knexModules } from '../../connect/knex.js';
import { createNames } from '../../connect/names.js';
import type { OpenDatabase } from '../../connect/open-database.js';
import type { ServerPlace } from '../../dialect/server-errors.js';
import type { ConnectOptions } from '../engine.js';
import { movedTo } from '../first-of.js';
import { mariadbClient } from './client.js';
import { interruptConnections, type MariadbConnections } from './connection.js';
import { createMariadbDialect } from './dialect.js';
import { explainMariadb } from './errors.js';
import { openFirst } from './first-server.js';
import { openMariadbLock } from './lock.js';
import { placeOf, serversOf } from './server.js';
import type { MariadbTarget } from './url.js';

/** Opens a MariaDB or MySQL database: see `connect`. */
export async function openMariadb(
  target: MariadbTarget,
  { useTz = true, timeZone = 'UTC', lockTimeoutMs, run }: ConnectOptions,
): Promise<OpenDatabase> {
  const servers = await serversOf(target);
  let current = placeOf(servers[0]);
  // What is said of a server is about the one that was reached last.
  const place: ServerPlace = {
    ...current,
    get server() {
      return current.server;
    },
  };
  const connections: MariadbConnections = { open: new Map(), interrupted: false };
  const request = {
    target,
    connections,
    lockTimeoutSeconds: lockTimeoutMs === undefined ? undefined : Math.ceil(lockTimeoutMs / 1000),
  };
  let hasReached = false;
  const openAny = async () => {
    const reached = await openFirst(servers, request);
    const there = placeOf(reached.server);
    if (hasReached && there.server !== current.server) run?.onOutage?.(movedTo(there));
    hasReached = true;
    current = there;
    return reached;
  };
  const open = async () => (await openAny()).connection;
  const explain = (error: unknown) => explainMariadb(error, place);
  const names = createNames();
  return {
    db: knexModules.makeInstance({
      ...knexSettings(names),
      client: guardedClient(mariadbClient(open), names, explain),
      // It makes Knex set up its pool; the client knows itself where to connect.
      connection: { database: place.database },
      pool: { min: 0, max: 4 },
    }),
    get description() {
      return `${place.database} on ${place.server}`;
    },
    dialect: createMariadbDialect({
      place,
      timeZone: useTz ? 'UTC' : timeZone,
      openLock: (name) => openMariadbLock(openAny, place.database, explain, name),
    }),
    interrupt: () => interruptConnections(connections, target),
  };
}
