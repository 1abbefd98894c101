import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

export interface PostgresProxy {
  /** 0 where it listens on a socket file. */
  readonly port: number;
  /** What clients have asked of their sessions, one after the other. */
  readonly startups: Record<string, string>[];
  /** How many clients came over TLS. */
  readonly encrypted: number;
  close(): Promise<void>;
}

export interface ProxyOptions {
  /** Offers TLS with the certificate for `localhost` in the fixtures. */
  readonly tls?: boolean;
  /** Refuses clients without TLS, or those with it, in the words of a server's pg_hba.conf. */
  readonly refuse?: 'plain' | 'tls';
  /** Listens on this file instead of a port. */
  readonly socket?: string;
  /** Accepts connections and never says anything. */
  readonly silent?: boolean;
  /** Ends a connection when its client sends this text. */
  readonly cutAt?: string;
}

const SSL_REQUEST = 80_877_103;

const certificate = (name: string) => readFile(new URL(`../data/samples/tls/${name}`, import.meta.url), 'utf8');

/** A server in front of a PostgreSQL server that does what poolers and TLS terminators do at the start of a session. */
export async function startProxy(
  server: { readonly host: string; readonly port: number },
  { tls = false, refuse, socket, silent = false, cutAt }: ProxyOptions = {},
): Promise<PostgresProxy> {
  const secure = { isServer: true, key: await certificate('server.key'), cert: await certificate('server.crt') };
  const startups: Record<string, string>[] = [];
  const open = new Set<Socket>();
  let encrypted = 0;

  const pass = async (client: Socket, first: Buffer, isTls: boolean) => {
    startups.push(startupParameters(first));
    if (refuse === (isTls ? 'tls' : 'plain')) {
      client.end(errorMessage('28000', 'no pg_hba.conf entry'));
      return;
    }
    const upstream = connect(server.port, server.host);
    open.add(upstream);
    upstream.on('error', () => client.destroy());
    upstream.on('close', () => client.destroy());
    client.on('error', () => upstream.destroy());
    upstream.write(first);
    if (cutAt !== undefined) {
      client.on('data', (data: Buffer) => {
        if (data.includes(cutAt)) upstream.destroy();
      });
    }
    client.pipe(upstream).pipe(client);
  };

  const greet = async (client: Socket, isTls: boolean): Promise<void> => {
    const [first]: Buffer[] = await once(client, 'data');
    if (first === undefined || silent) return;
    if (first.length === 8 && first.readInt32BE(4) === SSL_REQUEST) {
      client.write(tls ? 'S' : 'N');
      if (!tls) return greet(client, false);
      const inner = new TLSSocket(client, secure);
      inner.on('error', () => client.destroy());
      encrypted += 1;
      return greet(inner, true);
    }
    client.pause();
    await pass(client, first, isTls);
  };

  const listener = createServer((client) => {
    open.add(client);
    client.on('error', () => undefined);
    greet(client, false).catch(() => client.destroy());
  });
  listener.listen(socket ?? { port: 0, host: '127.0.0.1' });
  await once(listener, 'listening');
  const address = listener.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    startups,
    get encrypted() {
      return encrypted;
    },
    async close() {
      for (const each of open) each.destroy();
      if (!listener.listening) return;
      listener.close();
      await once(listener, 'close');
    },
  };
}

/** Names and values of a startup message (postgresql.org/docs/current/protocol-message-formats.html). */
function startupParameters(message: Buffer): Record<string, string> {
  const words = message.subarray(8).toString().split('\0');
  const parameters: Record<string, string> = {};
  for (let index = 0; index + 1 < words.length && words[index] !== ''; index += 2) {
    parameters[words[index] ?? ''] = words[index + 1] ?? '';
  }
  return parameters;
}

function errorMessage(code: string, message: string): Buffer {
  const fields = `SFATAL\0VFATAL\0C${code}\0M${message}\0\0`;
  const header = Buffer.alloc(5);
  header.write('E');
  header.writeInt32BE(Buffer.byteLength(fields) + 4, 1);
  return Buffer.concat([header, Buffer.from(fields)]);
}
