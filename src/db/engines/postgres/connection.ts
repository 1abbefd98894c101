import { connect } from 'node:net';
import type { Client } from 'pg';
import { pg } from './driver.js';
import { findPassword } from './password.js';
import type { PostgresServer } from './server.js';
import { refusesThisWay, tlsAttempts } from './tls.js';
import type { PostgresTarget } from './url.js';

/** The connections of one open database. */
export interface PostgresConnections {
  /** Those that are open or being opened. */
  readonly clients: Set<Client>;
  /** Set when they have been ended: no further one is opened then. */
  interrupted: boolean;
}

const CONNECT_TIMEOUT_MS = 15_000;

/**
 * Connects. Nothing but the name of the program is asked of the session, so that a pooler may stand between, and that backslashes
 * are letters like others where the server says that they are not: poolers keep that for each of their clients.
 *
 * @throws the driver's error of the last way that the sslmode allows.
 */
export async function openConnection(
  target: PostgresTarget,
  server: PostgresServer,
  connections: PostgresConnections = { clients: new Set(), interrupted: false },
): Promise<Client> {
  const attempts = await tlsAttempts(target, server.host);
  for (const [index, ssl] of attempts.entries()) {
    const client = new pg.Client({
      ...server,
      // Not pg's own search, which warns of its end on stderr.
      password: target.password || (() => findPassword(server)),
      ssl,
      application_name: 'manage-auth',
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      keepAlive: true,
      types: { getTypeParser },
    });
    // A connection that breaks while nobody uses it must not end the process; its next query fails.
    client.on('error', (error) => Object.assign(client, { __knex__disposed: error }));
    client.on('end', () => {
      connections.clients.delete(client);
      Object.assign(client, { __knex__disposed: 'The connection has ended.' });
    });
    connections.clients.add(client);
    const reported = reportedBy(client);
    try {
      await client.connect();
      // Else a backslash in a text of a statement would take what follows for another character.
      if (reported.get('standard_conforming_strings') === 'off') {
        await client.query('SET standard_conforming_strings TO on');
      }
      return client;
    } catch (error) {
      connections.clients.delete(client);
      client.end().catch(() => undefined);
      if (connections.interrupted || index === attempts.length - 1 || !refusesThisWay(error)) throw error;
    }
  }
  throw new Error('An sslmode allows at least one way to connect.');
}

/** What the server says of the session when it begins (postgresql.org/docs/current/protocol-flow.html#PROTOCOL-ASYNC). */
function reportedBy(client: Client): ReadonlyMap<string, string> {
  const reported = new Map<string, string>();
  client.connection.on('parameterStatus', ({ parameterName, parameterValue }: Record<string, string>) => {
    if (parameterName !== undefined && parameterValue !== undefined) reported.set(parameterName, parameterValue);
  });
  return reported;
}

/** Code of a request to cancel (postgresql.org/docs/current/protocol-message-formats.html). */
const CANCEL = 80_877_102;

/** Ends all connections at once, and asks the server to end the queries that it runs for them. */
export function interruptConnections(connections: PostgresConnections): void {
  connections.interrupted = true;
  for (const client of connections.clients) {
    const { host, port } = client;
    const { processID, secretKey } = client as Client & { processID?: number; secretKey?: number };
    if (typeof processID === 'number' && typeof secretKey === 'number') {
      const request = Buffer.alloc(16);
      for (const [index, word] of [16, CANCEL, processID, secretKey].entries()) request.writeInt32BE(word, index * 4);
      const socket = host.startsWith('/') ? connect(`${host}/.s.PGSQL.${port}`) : connect(port, host);
      socket.on('error', () => undefined).end(request);
    }
    client.connection.stream.destroy();
  }
}

/** Types whose JavaScript values hold all that the server's text holds: bool, int2, int4, oid, float4, float8, bytea. */
const PARSED = new Set([16, 21, 23, 26, 700, 701, 17]);

/** Everything else is the server's own text. */
function getTypeParser(oid: number): (text: string) => unknown {
  return PARSED.has(oid) ? pg.types.getTypeParser(oid) : asItIs;
}

const asItIs = (text: string) => text;
