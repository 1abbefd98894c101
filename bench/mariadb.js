// MariaDB: dumpdata and loaddata of users in groups with permissions of their own, and clearsessions of half of many
// sessions with another writer beside it, each beside Django where DJANGO_PYTHON is set, on the same server in one run.
//
//   npm run build && node bench/mariadb.js --server mysql://user:password@127.0.0.1:3306/ [--users 100000] [--sessions 1000000]
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import mysql from 'mysql2/promise';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { values } = parseArgs({
  options: {
    server: { type: 'string', default: 'mysql://root@127.0.0.1:3306/' },
    users: { type: 'string', default: '100000' },
    sessions: { type: 'string', default: '1000000' },
  },
});
const [users, sessions] = [Number(values.users), Number(values.sessions)];
const folder = mkdtempSync(join(tmpdir(), 'manage-bench-mariadb-'));
const table = [];

const urlOf = (name) => Object.assign(new URL(values.server), { pathname: `/bench_${name}` }).href;
const connect = (name) =>
  mysql.createConnection({
    uri: name === undefined ? values.server : urlOf(name),
    multipleStatements: true,
    charset: 'utf8mb4_unicode_ci',
  });

async function query(name, ...statements) {
  const client = await connect(name);
  try {
    let rows;
    for (const statement of statements) [rows] = await client.query(statement);
    return rows;
  } finally {
    await client.end();
  }
}

/** Seconds and peak memory in MB of one process; what it prints goes to `output`. */
async function run({ command, args, env = {}, cwd = folder }, output = 'ignore') {
  const started = performance.now();
  const child = spawn('/usr/bin/time', ['-f', 'memory %M', command, ...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const chunks = [];
  let said = '';
  child.stdout.on('data', (chunk) => output === 'ignore' || chunks.push(chunk));
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  const status = await new Promise((resolve) => child.on('close', resolve));
  const seconds = (performance.now() - started) / 1000;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}: ${said.slice(-2000)}`);
  if (output !== 'ignore') writeFileSync(output, Buffer.concat(chunks));
  return { seconds, megabytes: Math.round(Number(/memory (\d+)/.exec(said)?.[1]) / 1024) };
}

const manage = (name, ...args) => ({
  command: process.execPath,
  args: [join(root, 'bin/manage.js'), ...args],
  env: { DATABASE_URL: urlOf(name) },
});

const site = join(folder, 'site');
cpSync(join(root, 'test/django/site'), site, { recursive: true });
function django(name, ...args) {
  const { hostname, port, username, password } = new URL(values.server);
  const database = {
    ENGINE: 'django.db.backends.mysql',
    NAME: `bench_${name}`,
    USER: decodeURIComponent(username),
    PASSWORD: decodeURIComponent(password),
    HOST: hostname,
    PORT: port || '3306',
    OPTIONS: { charset: 'utf8mb4' },
  };
  const env = { DJANGO_DATABASE: JSON.stringify(database) };
  return { command: process.env.DJANGO_PYTHON, args: ['manage.py', ...args], cwd: site, env };
}
const beside = process.env.DJANGO_PYTHON !== undefined;

async function empty(name) {
  await query(
    undefined,
    `DROP DATABASE IF EXISTS bench_${name}`,
    `CREATE DATABASE bench_${name} CHARACTER SET utf8mb4`,
  );
  await run(manage(name, 'migrate', '-v0'));
}

function add(row) {
  table.push(row);
  console.log(Object.values(row).join('  '));
}

async function fixtures() {
  await empty('full');
  const moment = (i) => `'2023-11-14' + INTERVAL (${i}) * 61 SECOND + INTERVAL ((${i}) * 7919) % 1000000 MICROSECOND`;
  await query(
    'full',
    "INSERT INTO auth_group (name) SELECT CONCAT('group ', seq) FROM seq_1_to_100",
    `INSERT INTO auth_group_permissions (group_id, permission_id)
       SELECT g.id, p.id FROM auth_group g JOIN auth_permission p ON (g.id + p.id) % 3 = 0`,
    `INSERT INTO auth_user (password, last_login, is_superuser, username, first_name, last_name, email, is_staff, is_active, date_joined)
       SELECT CONCAT('pbkdf2_sha256$1000000$abcdefghijklmnopqrstuv$', seq, 'FqPTkLnHnQpW0bVZlQ9uGmL3c1XwJr5sYy8tKd2eAoM='),
         IF(seq % 3 = 0, NULL, ${moment('seq')}), 0, CONCAT('user', seq), CONCAT('Jürgen ', seq), 'O''Hara',
         CONCAT('user', seq, '@example.com'), seq % 50 = 0, 1, ${moment('seq + 7')} FROM seq_1_to_${users}`,
    `INSERT INTO auth_user_groups (user_id, group_id)
       SELECT u.id, 1 + (u.id + k.seq * 37) % 100 FROM auth_user u CROSS JOIN seq_1_to_2 k`,
    `INSERT INTO auth_user_user_permissions (user_id, permission_id)
       SELECT u.id, p.id FROM auth_user u JOIN auth_permission p ON u.id % 10 = 0 AND p.id % 12 = (u.id DIV 10) % 12`,
    'ANALYZE TABLE auth_user, auth_user_groups',
  );
  const file = join(folder, 'auth.json');
  const report = (what, whose, { seconds, megabytes }) =>
    add({ what, whose, seconds: seconds.toFixed(1), 'memory MB': megabytes });
  report(`dumpdata auth, ${users} users`, 'manage', await run(manage('full', 'dumpdata', 'auth'), file));
  await empty('target');
  report(`loaddata, ${users} users`, 'manage', await run(manage('target', 'loaddata', file)));
  const [{ there }] = await query('target', 'SELECT COUNT(*) AS there FROM auth_user');
  if (Number(there) !== users) throw new Error(`${there} users are there instead of ${users}.`);
  if (!beside) return;
  report(`dumpdata auth, ${users} users`, 'Django', await run(django('full', 'dumpdata', 'auth')));
  await empty('target');
  report(`loaddata, ${users} users`, 'Django', await run(django('target', 'loaddata', file)));
}

/** Inserts a session every 5 ms; resolves with the longest wait once `stop` is called. */
async function startWriter(name) {
  const client = await connect(name);
  let [running, longest, count] = [true, 0, 0];
  const done = (async () => {
    while (running) {
      const started = performance.now();
      await client.query(`INSERT INTO django_session VALUES ('live${count}', 'x', '2099-01-01')`);
      count += 1;
      longest = Math.max(longest, performance.now() - started);
      await sleep(5);
    }
    await client.end();
  })();
  return {
    /** Milliseconds of the longest wait since the last call, or the beginning. */
    takeLongest() {
      const taken = longest;
      longest = 0;
      return taken;
    },
    async stop() {
      running = false;
      await done;
      return { longest, count };
    },
  };
}

async function clearings() {
  const fill = async () => {
    await empty('sessions');
    await query(
      'sessions',
      `INSERT INTO django_session SELECT MD5(seq * 7919), REPEAT(MD5(seq), 6),
         UTC_TIMESTAMP(6) + INTERVAL IF(seq % 2, 1, -1) * CAST(1 + seq % 13 AS SIGNED) DAY FROM seq_1_to_${sessions}`,
      'ANALYZE TABLE django_session',
    );
  };
  const cases = [['manage', () => manage('sessions', 'clearsessions')]];
  if (beside) cases.push(['Django', () => django('sessions', 'clearsessions')]);
  for (const [whose, command] of cases) {
    await fill();
    const writer = await startWriter('sessions');
    // What the machine does to it with nobody beside it.
    await sleep(10_000);
    const alone = writer.takeLongest();
    const { seconds, megabytes } = await run(command());
    const { longest, count } = await writer.stop();
    const [{ left }] = await query('sessions', 'SELECT COUNT(*) AS `left` FROM django_session');
    add({
      what: `clearsessions of ${Math.floor(sessions / 2)} of ${sessions}`,
      whose,
      seconds: seconds.toFixed(1),
      'memory MB': megabytes,
      'the writer waits at most ms': Math.round(longest),
      'and alone': Math.round(alone),
      inserts: count,
      rows: Number(left) === Math.ceil(sessions / 2) + count ? 'all live rows there' : `${left} left`,
    });
  }
}

try {
  if (users > 0) await fixtures();
  if (sessions > 0) await clearings();
  console.table(table);
} finally {
  for (const name of ['full', 'target', 'sessions']) await query(undefined, `DROP DATABASE IF EXISTS bench_${name}`);
  rmSync(folder, { recursive: true, force: true });
}
