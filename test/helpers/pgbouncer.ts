import { spawn } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { temporaryFolder } from './manage.js';
import { freePort } from './postgres-server.js';

export interface Pooler {
  /** The URL of the database through it. */
  readonly url: string;
  /** Sends new connections to another server, as those who watch over a cluster do. */
  turnTo(url: string): void;
}

/** Starts PgBouncer in transaction mode before the server of this URL; it ends with the test. */
export async function startPooler(url: string, { size = 20 } = {}): Promise<Pooler> {
  const port = await freePort();
  const file = join(temporaryFolder(), 'pgbouncer.ini');
  const write = (to: string) => {
    const { port: server, password } = new URL(to);
    const config = [
      '[databases]',
      `* = host=127.0.0.1 port=${server} user=postgres password=${password}`,
      '[pgbouncer]',
      'listen_addr = 127.0.0.1',
      `listen_port = ${port}`,
      'unix_socket_dir =',
      'auth_type = any',
      'pool_mode = transaction',
      `default_pool_size = ${size}`,
      'server_login_retry = 1',
      '',
    ];
    writeFileSync(file, config.join('\n'));
  };
  write(url);
  chmodSync(join(file, '..'), 0o755);
  // It refuses to run as root.
  const user = process.getuid?.() === 0 ? ['-u', 'nobody'] : [];
  const pooler = spawn('pgbouncer', [...user, '-q', file], { stdio: 'ignore' });
  const ended = new Promise((resolve) => pooler.once('close', resolve));
  onTestFinished(async () => {
    pooler.kill('SIGINT');
    await ended;
  });
  await listening(port);
  const through = new URL(url);
  through.port = String(port);
  return {
    url: through.href,
    turnTo(to) {
      write(to);
      pooler.kill('SIGHUP');
    },
  };
}

async function listening(port: number): Promise<void> {
  for (;;) {
    const isThere = await new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.end();
        resolve(true);
      }).on('error', () => resolve(false));
    });
    if (isThere) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
