import type pg from 'pg';
import { CommandError } from '../../../errors.js';
import { firstOf } from '../first-of.js';
import { openConnection, type PostgresConnections } from './connection.js';
import { explainPostgres } from './errors.js';
import { type PostgresServer, type PostgresServers, placeOf } from './server.js';
import { assertRole } from './session-attrs.js';
import type { PostgresTarget, SessionAttrs } from './url.js';

/** A connection, and the server that it goes to. */
export interface Reached {
  readonly client: pg.Client;
  readonly server: PostgresServer;
}

/**
 * Connects to the first server that answers and is one of those that are asked for. Where one refuses the user or the
 * database, no further one is tried, as in libpq.
 *
 * @throws CommandError, or the driver's error where that says nothing that a person can act on.
 */
export async function openFirst(
  target: PostgresTarget,
  servers: PostgresServers,
  connections: PostgresConnections = { clients: new Set(), interrupted: false },
): Promise<Reached> {
  const open = async (server: PostgresServer, wanted: SessionAttrs): Promise<Reached> => {
    const place = placeOf(server, target.schema);
    let client: pg.Client | undefined;
    try {
      client = await openConnection(target, server, connections);
      await assertRole(client, place.server, wanted);
      return { client, server };
    } catch (error) {
      client?.end().catch(() => undefined);
      throw explainPostgres(error, place, { connecting: true }) ?? error;
    }
  };
  const first = (wanted: SessionAttrs) =>
    firstOf(
      servers,
      (server) => open(server, wanted),
      () => connections.interrupted,
    );
  const { sessionAttrs = 'any' } = target;
  if (sessionAttrs !== 'prefer-standby' || servers.length === 1) return first(sessionAttrs);
  return first('standby').catch((error: unknown) => {
    if (error instanceof CommandError && error.code === 'unsuitable_server') return first('any');
    throw error;
  });
}
