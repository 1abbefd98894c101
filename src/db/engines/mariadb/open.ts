import knex from 'knex';
import { guardedClient, knexSettings } from '../../connect/client.js';
import { createNames } from '../../connect/names.js';
import type { OpenDatabase } from '../../connect/open-database.js';
import type { ServerPlace } from '../../dialect/server-errors.js';
import type { ConnectOptions } from '../engine.js';
import { mariadbClient } from './client.js';
import { interruptConnections, type MariadbConnections, openConnection } from './connection.js';
import { createMariadbDialect } from './dialect.js';
import { explainMariadb } from './errors.js';
import { openMariadbLock } from './lock.js';
import { type MariadbServer, serverOf } from './server.js';
import type { MariadbTarget } from './url.js';

/** Opens a MariaDB or MySQL database: see `connect`. */
export async function openMariadb(
  target: MariadbTarget,
  { useTz = true, timeZone = 'UTC', lockTimeoutMs }: ConnectOptions,
): Promise<OpenDatabase> {
  const server = await serverOf(target);
  const place = placeOf(server);
  const connections: MariadbConnections = { open: new Set(), interrupted: false };
  const request = {
    target,
    server,
    connections,
    lockTimeoutSeconds: lockTimeoutMs === undefined ? undefined : Math.ceil(lockTimeoutMs / 1000),
  };
  const open = () =>
    openConnection(request).catch((error: unknown) => {
      throw explainMariadb(error, place, { connecting: true }) ?? error;
    });
  const explain = (error: unknown) => explainMariadb(error, place);
  const names = createNames();
  return {
    db: knex({
      ...knexSettings(names),
      client: guardedClient(mariadbClient(open), names, explain),
      // It makes Knex set up its pool; the client knows itself where to connect.
      connection: { database: server.database },
      pool: { min: 0, max: 4 },
    }),
    description: `${place.database} on ${place.server}`,
    dialect: createMariadbDialect({
      place,
      timeZone: useTz ? 'UTC' : timeZone,
      openLock: (name) => openMariadbLock(open, explain, `${server.database} ${name}`),
    }),
    interrupt: () => interruptConnections(connections, request),
  };
}

export function placeOf({ host, port, socket, user, database }: MariadbServer): ServerPlace {
  return { server: socket ?? `${host}:${port}`, user, database };
}
