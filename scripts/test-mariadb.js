// Runs the tests on MariaDB: on the server of TEST_MARIADB_URL, or on one that is started from Debian's `mariadb-server`, as a
// user of its own where this process is root, in a folder of its own, and stopped afterwards. Without arguments it runs those
// that are about the engine, with `--all` all that need a database; other arguments are taken as Vitest takes them.
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, copyFileSync, mkdtempSync, openSync, rmSync, statfsSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** What is about values, statements, transactions and tables; the rest is the same whatever the engine. */
const files = [
  'test/mariadb',
  'test/db/batches',
  'test/db/introspect.test',
  'test/db/introspected',
  'test/db/locks',
  'test/db/nested-transactions',
  'test/db/rows',
  'test/db/schema-editor',
  'test/db/snapshot',
  'test/db/text-pages',
  'test/db/transaction.test',
  'test/db/values',
  'test/fixtures/dump.test',
  'test/fixtures/load.test',
  'test/fixtures/odd-forms',
  'test/fixtures/ranges',
  'test/apps/packages',
  'test/apps/prune',
  'test/auth/library',
  'test/migrations/kept',
  'test/migrations/schemas',
  'test/migrations/states',
  'test/commands/circles',
  'test/commands/clear-models',
  'test/commands/clearsessions.test',
  'test/sessions/pages',
];

/** What `--all` runs: whatever commands do. */
const folders = [
  'apps',
  'auth',
  'cli',
  'commands',
  'db',
  'fixtures',
  'mariadb',
  'migrations',
  'modules',
  'sessions',
  'web',
];

/** What is about the files, statements and locks of the other engines. */
const otherEngines = ['test/fixtures/database-faults.test.ts'];

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Ids of the user that the server runs as: it refuses to be root. */
function serverUser() {
  if (process.getuid?.() !== 0) return {};
  const [uid, gid] = ['-u', '-g'].map((option) =>
    Number(spawnSync('id', [option, 'mysql'], { encoding: 'utf8' }).stdout),
  );
  return { uid, gid };
}

/** In memory where there is room, since each table that is made waits for the disk; its name is that of the tests' own folders. */
function makeFolder() {
  try {
    const { bavail, bsize } = statfsSync('/dev/shm');
    if (bavail * bsize >= 2_000_000_000) return mkdtempSync(`/dev/shm/manage-tests-${process.pid}-`);
  } catch {
    // There is no such place here.
  }
  return mkdtempSync(join(tmpdir(), 'manage-mariadb-'));
}

async function startServer() {
  const folder = makeFolder();
  const owner = serverUser();
  if (owner.uid !== undefined) chownSync(folder, owner.uid, owner.gid);
  const log = openSync(join(folder, 'log'), 'w');
  const data = join(folder, 'data');
  // Debian has the server where only root looks.
  const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` };
  const options = { ...owner, cwd: folder, env, stdio: ['ignore', log, log] };
  const made = spawnSync(
    'mariadb-install-db',
    ['--no-defaults', `--datadir=${data}`, '--auth-root-authentication-method=normal', '--skip-test-db'],
    options,
  );
  if (made.status !== 0) throw new Error('mariadb-install-db failed: is the package mariadb-server installed?');
  for (const name of ['server.crt', 'server.key']) {
    const file = join(folder, name);
    copyFileSync(join(import.meta.dirname, '../test/data/samples/tls', name), file);
    if (owner.uid !== undefined) chownSync(file, owner.uid, owner.gid);
    chmodSync(file, 0o600);
  }
  const port = await freePort();
  const server = spawn(
    'mariadbd',
    [
      '--no-defaults',
      `--datadir=${data}`,
      `--port=${port}`,
      '--bind-address=127.0.0.1',
      `--socket=${join(folder, 'socket')}`,
      '--skip-log-bin',
      // Nothing here has to outlast the machine.
      '--innodb-flush-log-at-trx-commit=0',
      '--max-connections=400',
      `--ssl-cert=${join(folder, 'server.crt')}`,
      `--ssl-key=${join(folder, 'server.key')}`,
    ],
    options,
  );
  const stop = async () => {
    const ended = new Promise((resolve) => server.once('exit', resolve));
    if (server.exitCode === null && server.kill()) await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  const { default: mysql } = await import('mysql2/promise');
  for (let attempt = 0; attempt < 120; attempt++) {
    const client = await mysql
      .createConnection({ socketPath: join(folder, 'socket'), user: 'root' })
      .catch(() => undefined);
    if (client === undefined) {
      await sleep(250);
      continue;
    }
    await client.query("CREATE USER manage@'127.0.0.1'");
    await client.query("GRANT ALL ON *.* TO manage@'127.0.0.1' WITH GRANT OPTION");
    await client.end();
    return { url: `mysql://manage@127.0.0.1:${port}/`, stop };
  }
  await stop();
  throw new Error('The server does not start.');
}

const server = process.env.TEST_MARIADB_URL;
const { url, stop } = server ? { url: server, stop: async () => {} } : await startServer();
try {
  const given = process.argv.slice(2);
  const wanted = given.filter((argument) => argument !== '--all');
  const all = [...folders.map((name) => `test/${name}/`), ...otherEngines.flatMap((file) => ['--exclude', file])];
  const isNamed = wanted.some((argument) => !argument.startsWith('-'));
  const { status } = spawnSync(
    process.execPath,
    [
      join(import.meta.dirname, '../node_modules/vitest/vitest.mjs'),
      'run',
      ...(given.includes('--all') ? all : isNamed ? [] : files),
      ...wanted,
    ],
    { stdio: 'inherit', env: { ...process.env, TEST_MARIADB_URL: url } },
  );
  process.exitCode = status ?? 1;
} finally {
  await stop();
}
