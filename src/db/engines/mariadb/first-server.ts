import type { Connection as RawConnection } from 'mysql2';
import { CommandError } from '../../../errors.js';
import { firstOf } from '../first-of.js';
import { type ConnectionRequest, openConnection } from './connection.js';
import { explainMariadb } from './errors.js';
import { assertInStep, joinCluster, readNode } from './galera.js';
import { type MariadbServer, type MariadbServers, placeOf } from './server.js';

/** A connection, and the server that it goes to. */
export interface Reached {
  readonly connection: RawConnection;
  readonly server: MariadbServer;
  /** Whether that is a node of a cluster that writes on all of its nodes. */
  readonly isNode: boolean;
}

/**
 * Connects to the first server that answers; of a cluster, to the first node that is in step with the others, else to one
 * that takes statements all the same.
 *
 * @throws CommandError, or the driver's error where that says nothing that a person can act on.
 */
export async function openFirst(servers: MariadbServers, request: Omit<ConnectionRequest, 'server'>): Promise<Reached> {
  const open = async (server: MariadbServer, strict: boolean): Promise<Reached> => {
    const place = placeOf(server);
    let connection: RawConnection | undefined;
    try {
      connection = await openConnection({ ...request, server });
      const node = await readNode(connection);
      if (node !== undefined) {
        assertInStep(node, place.server, strict);
        await joinCluster(connection);
      }
      return { connection, server, isNode: node !== undefined };
    } catch (error) {
      connection?.destroy();
      throw explainMariadb(error, place, { connecting: true }) ?? error;
    }
  };
  const first = (strict: boolean) =>
    firstOf(
      servers,
      (server) => open(server, strict),
      () => request.connections?.interrupted === true,
    );
  if (servers.length === 1) return first(false);
  return first(true).catch((error: unknown) => {
    if (error instanceof CommandError && error.code === 'unsuitable_server') return first(false);
    throw error;
  });
}
