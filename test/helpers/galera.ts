import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, cpSync, existsSync, mkdtempSync, openSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import mysql from 'mysql2/promise';

/** How soon the others notice that a node is gone. */
const impatient =
  'evs.keepalive_period=PT0.3S;evs.inactive_check_period=PT0.3S;evs.suspect_timeout=PT2S;evs.inactive_timeout=PT4S;evs.install_timeout=PT4S';
const provider = '/usr/lib/galera/libgalera_smm.so';

export interface GaleraNode {
  /** `127.0.0.1:5601` */
  readonly address: string;
  /** Runs SQL on this node alone, which waits for what was committed on the others before; with `?` for bindings. */
  query(sql: string, values?: readonly unknown[]): Promise<Record<string, unknown>[]>;
  /** Ends it with SIGKILL. */
  kill(): Promise<void>;
  /** Starts it again where it does not run: it gets from the others what it has missed. */
  join(): Promise<void>;
}

export interface Galera {
  readonly nodes: readonly [GaleraNode, GaleraNode, GaleraNode];
  /** URL of the database `auth` that names all nodes, beginning with one of them. */
  url(first?: 0 | 1 | 2): string;
  stop(): Promise<void>;
}

/** Starts a cluster of three nodes on this machine: Debian's `mariadb-server`, `galera-4` and `rsync` have to be there. */
export async function startGalera(): Promise<Galera> {
  if (!existsSync(provider)) {
    throw new Error('Galera is not installed: `apt-get install mariadb-server galera-4 rsync` brings it.');
  }
  const owner = serverUser();
  const folder = mkdtempSync(join(tmpdir(), 'manage-galera-'));
  const stops: (() => Promise<void>)[] = [];
  // A group of its own, which Ctrl-C does not reach.
  const reaper = spawn(process.execPath, [fileURLToPath(new URL('reaper.js', import.meta.url)), folder], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const tell = (line: string) => reaper.stdin.write(`${line}\n`);
  const stop = async () => {
    for (const each of stops) await each();
    const ended = once(reaper, 'exit');
    reaper.stdin.end();
    await ended;
  };
  try {
    if (owner.uid !== undefined && owner.gid !== undefined) chownSync(folder, owner.uid, owner.gid);
    // The tests' own folder for temporary files is closed to the servers' user.
    const env = { ...process.env, TMPDIR: folder, PATH: `${process.env.PATH}:/usr/sbin:/usr/bin` };
    execFileSync(
      'mariadb-install-db',
      ['--no-defaults', `--datadir=${folder}/data1`, '--auth-root-authentication-method=normal', '--skip-test-db'],
      { ...owner, cwd: folder, env, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    for (const number of [2, 3]) cpSync(`${folder}/data1`, `${folder}/data${number}`, { recursive: true });
    if (owner.uid !== undefined) execFileSync('chown', ['-R', `${owner.uid}:${owner.gid}`, folder]);
    // For each node: of the server, of the group, of the two ways in which it gets what it has missed.
    const ports = await freePorts(12);
    const port = (node: number, index: number) => ports[node * 4 + index] ?? 0;
    const group = [0, 1, 2].map((node) => `127.0.0.1:${port(node, 1)}`).join(',');
    const makeNode = (node: 0 | 1 | 2) => {
      let server: ChildProcess | undefined;
      let client: mysql.Connection | undefined;
      const socket = join(folder, `${node + 1}.sock`);
      const address = `127.0.0.1:${port(node, 0)}`;
      const begin = async (...options: string[]) => {
        const log = openSync(join(folder, `${node + 1}.log`), 'a');
        const started = spawn(
          'mariadbd',
          [
            '--no-defaults',
            `--datadir=${folder}/data${node + 1}`,
            `--port=${port(node, 0)}`,
            '--bind-address=127.0.0.1',
            `--socket=${socket}`,
            '--binlog-format=ROW',
            '--default-storage-engine=InnoDB',
            '--innodb-autoinc-lock-mode=2',
            '--innodb-buffer-pool-size=64M',
            // Nothing here has to outlast the machine.
            '--innodb-flush-log-at-trx-commit=0',
            '--innodb-log-file-size=16M',
            '--wsrep-on=ON',
            `--wsrep-provider=${provider}`,
            '--wsrep-cluster-name=test',
            `--wsrep-cluster-address=gcomm://${group}`,
            `--wsrep-node-address=127.0.0.1:${port(node, 1)}`,
            `--wsrep-node-name=node${node + 1}`,
            '--wsrep-sst-method=rsync',
            `--wsrep-sst-receive-address=127.0.0.1:${port(node, 2)}`,
            `--wsrep-provider-options=base_port=${port(node, 1)};gmcast.listen_addr=tcp://127.0.0.1:${port(node, 1)};ist.recv_addr=127.0.0.1:${port(node, 3)};gcache.size=64M;${impatient}`,
            ...options,
          ],
          { ...owner, cwd: folder, env, stdio: ['ignore', log, log] },
        );
        server = started;
        const { pid } = started;
        tell(`+${pid}`);
        started.on('exit', () => tell(`-${pid}`));
        while (started.exitCode === null && started.signalCode === null) {
          const state = await stateOf(socket);
          if (state === 'Synced') return;
          await sleep(100);
        }
        throw new Error(`The node ${node + 1} did not start.`);
      };
      const end = async (signal: NodeJS.Signals) => {
        client?.destroy();
        client = undefined;
        if (server === undefined || server.exitCode !== null || server.signalCode !== null) return;
        const ended = once(server, 'exit');
        server.kill(signal);
        await ended;
      };
      stops.push(() => end('SIGKILL'));
      const query: GaleraNode['query'] = async (sql, values = []) => {
        client ??= await openNode(port(node, 0));
        const [rows] = await client.query(sql, [...values]);
        return Array.isArray(rows) ? (rows as Record<string, unknown>[]) : [];
      };
      return {
        node: {
          address,
          query,
          kill: () => end('SIGKILL'),
          join: async () => (server?.exitCode === null && server.signalCode === null ? undefined : begin()),
        },
        begin,
        socket,
      };
    };
    const made = [makeNode(0), makeNode(1), makeNode(2)] as const;
    await made[0].begin('--wsrep-new-cluster');
    const root = await mysql.createConnection({ socketPath: made[0].socket, user: 'root' });
    await root.query("CREATE USER manage@'127.0.0.1'");
    await root.query("GRANT ALL ON *.* TO manage@'127.0.0.1' WITH GRANT OPTION");
    await root.query('CREATE DATABASE auth CHARACTER SET utf8mb4');
    await root.end();
    // One after the other: a node gives its data to one at a time.
    await made[1].begin();
    await made[2].begin();
    const nodes = [made[0].node, made[1].node, made[2].node] as const;
    return {
      nodes,
      url(first = 0) {
        const others = nodes.filter((_, index) => index !== first).map(({ address }) => address);
        return `mysql://manage@${nodes[first].address}/auth?hosts=${others.join(',')}`;
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function openNode(port: number): Promise<mysql.Connection> {
  const client = await mysql.createConnection({
    host: '127.0.0.1',
    port,
    user: 'manage',
    database: 'auth',
    dateStrings: true,
    supportBigNumbers: true,
    bigNumberStrings: true,
  });
  client.on('error', () => undefined);
  await client.query("SET SESSION wsrep_sync_wait = 15, sql_mode = 'ANSI_QUOTES,STRICT_ALL_TABLES'");
  return client;
}

async function stateOf(socketPath: string): Promise<string | undefined> {
  const client = await mysql.createConnection({ socketPath, user: 'root' }).catch(() => undefined);
  if (client === undefined) return undefined;
  try {
    const [rows] = await client.query("SHOW STATUS LIKE 'wsrep_local_state_comment'");
    return (rows as { Value: string }[])[0]?.Value;
  } catch {
    return undefined;
  } finally {
    client.destroy();
  }
}

/** Ids of the user that servers run as: they refuse to be root. */
function serverUser(): { readonly uid?: number; readonly gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const id = (option: string) => Number(execFileSync('id', [option, 'mysql'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

async function freePorts(count: number): Promise<number[]> {
  const probes = await Promise.all(
    Array.from({ length: count }, async () => {
      const probe = createServer().listen(0, '127.0.0.1');
      await once(probe, 'listening');
      return probe;
    }),
  );
  return probes.map((probe) => {
    const address = probe.address();
    probe.close();
    return typeof address === 'object' && address !== null ? address.port : 0;
  });
}
