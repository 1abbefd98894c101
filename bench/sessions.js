// A million sessions, half of them over: how long clearsessions takes and how long it keeps another writer waiting, beside
// one DELETE and, where DJANGO_PYTHON is set, Django's own; then revokesessions and sessionstats, which decode and verify
// every row. On PostgreSQL also through pgbouncer in transaction mode, where that is installed, and partitioned by list.
//
//   npm run build && node bench/sessions.js [--sessions 1000000] [--postgres postgres://…] [--only sqlite|postgres]
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { fillPostgres, fillSqlite, query, root, secretKey } from './sessions-data.js';
import { startPgbouncer } from './sessions-pgbouncer.js';

const { values } = parseArgs({
  options: {
    sessions: { type: 'string', default: '1000000' },
    postgres: { type: 'string', default: '' },
    only: { type: 'string', default: '' },
  },
});
const count = Number(values.sessions);
const folder = mkdtempSync(join(tmpdir(), 'manage-bench-sessions-'));
const table = [];

/** The table is printed at the end; meanwhile a line says how far it is. */
function add(row) {
  table.push(row);
  console.log(`${row.case}: ${row.seconds} s`);
}

const oneDelete = new Map();
/** How much longer it took than the engine's one DELETE, which is measured first. */
function timesOneDelete(name, seconds) {
  const [engine, what] = name.split(': ');
  if (what === 'clearsessions --batch-size all') oneDelete.set(engine, seconds);
  const whole = oneDelete.get(engine);
  return whole === undefined ? '' : (seconds / whole).toFixed(1);
}

/** Runs a program to its end, with a writer beside it. */
async function measure(name, url, { command, args, cwd, env }, writerUrl = url) {
  const writer = spawn(process.execPath, [join(root, 'bench/sessions-writer.js'), writerUrl], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let report = '';
  writer.stdout.on('data', (chunk) => {
    report += chunk;
  });
  const closed = new Promise((resolve) => writer.on('close', resolve));
  await sleep(500);
  const { seconds, rss } = await run({ command, args, cwd, env });
  await sleep(200);
  writer.stdin.end();
  await closed;
  const { inserts, p99, longest } = JSON.parse(report);
  const left = await countRows(url);
  const expected = Math.ceil(count / 2) + inserts;
  add({
    case: name,
    seconds: seconds.toFixed(1),
    'times one DELETE': timesOneDelete(name, seconds),
    'writer waits at most ms': Math.round(longest),
    'p99 ms': Math.round(p99),
    inserts,
    'rss MB': rss,
    rows: left === expected ? 'all live rows there' : `${left} instead of ${expected}`,
  });
}

function run({ command, args, cwd = root, env = {} }) {
  const started = performance.now();
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env } });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  return new Promise((resolve, reject) => {
    child.on('close', (status) => {
      const seconds = (performance.now() - started) / 1000;
      const rss = Math.round(Number(/maxRSS (\d+)/.exec(err)?.[1] ?? 0) / 1024);
      if (status === 0) resolve({ seconds, out, rss });
      else reject(new Error(`${command} ${args.join(' ')} ended with ${status}: ${err}`));
    });
  });
}

const tellMemory =
  "data:text/javascript,process.on('exit',()=>process.stderr.write('maxRSS '+process.resourceUsage().maxRSS))";
const manage = (url, ...args) => ({
  command: process.execPath,
  args: ['--import', tellMemory, join(root, 'bin/manage.js'), ...args],
  env: { DATABASE_URL: url, SECRET_KEY: secretKey },
});
const clear = (url, ...args) => manage(url, 'clearsessions', '--json', ...args);

function django(database) {
  const site = join(folder, 'site');
  cpSync(join(root, 'test/django/site'), site, { recursive: true });
  const env = { DJANGO_DATABASE: JSON.stringify(database), SECRET_KEY: secretKey };
  return { command: process.env.DJANGO_PYTHON, args: ['manage.py', 'clearsessions'], cwd: site, env };
}

async function countRows(url) {
  if (url.startsWith('postgres')) return Number((await query(url, 'SELECT count(*) AS n FROM django_session'))[0].n);
  const { createRequire } = await import('node:module');
  const { Database } = createRequire(import.meta.url)('sqlite3');
  const db = new Database(url.replace('sqlite:///', ''));
  const row = await new Promise((resolve, reject) => {
    db.get('SELECT count(*) AS n FROM django_session', (error, found) => (error ? reject(error) : resolve(found)));
  });
  await new Promise((resolve) => db.close(resolve));
  return row.n;
}

/** What decodes and verifies every row. */
async function scans(engine, source) {
  for (const args of [['sessionstats'], ['revokesessions', '--user', 'alice', '--no-input']]) {
    const url = await source.copy('scan');
    const { seconds, rss } = await run(manage(url, ...args, '--json'));
    add({ case: `${engine}: ${args.join(' ')}`, seconds: seconds.toFixed(1), 'rss MB': rss });
    await source.drop('scan');
  }
}

async function clearings(engine, source) {
  const one = async (name, make, writerUrl) => {
    const url = await source.copy('clear');
    await measure(`${engine}: ${name}`, url, await make(url), writerUrl);
    await source.drop('clear');
  };
  await one('clearsessions --batch-size all', (url) => clear(url, '--batch-size', 'all'));
  if (process.env.DJANGO_PYTHON) await one('Django clearsessions', () => django(source.django('clear')));
  await one('clearsessions', (url) => clear(url));
  if (engine === 'sqlite') return;
  await one('clearsessions, partitioned by list', async (url) => {
    await query(url, ...partition);
    return clear(url);
  });
  const bouncer = startPgbouncer(values.postgres, folder);
  if (bouncer === undefined) return;
  try {
    await sleep(1000);
    await one('clearsessions through pgbouncer', (url) => clear(bouncer.through(url)));
    await twoAtOnce(source, bouncer);
  } finally {
    bouncer.stop();
  }
}

/** The lock between runs has to hold where connections are shared. */
async function twoAtOnce(source, bouncer) {
  const url = bouncer.through(await source.copy('clear'));
  const first = run(clear(url, '--batch-size', String(Math.ceil(count / 400)), '--pause', '20'));
  await sleep(1500);
  const second = await run(clear(url));
  const results = [await first, second].map(({ out }) => JSON.parse(out));
  const alone = results[0].deleted === Math.ceil(count / 2) && results[1].running && results[1].deleted === 0;
  add({
    case: 'postgres: two runs at once through pgbouncer',
    seconds: second.seconds.toFixed(1),
    rows: alone ? 'the second did nothing' : 'THEY MET',
  });
  await source.drop('clear');
}

const partition = [
  'ALTER TABLE django_session RENAME TO plain',
  `CREATE TABLE django_session (session_key varchar(40) NOT NULL, session_data text NOT NULL,
    expire_date timestamptz NOT NULL, region text NOT NULL DEFAULT 'eu', PRIMARY KEY (session_key, region))
    PARTITION BY LIST (region)`,
  "CREATE TABLE session_eu PARTITION OF django_session FOR VALUES IN ('eu')",
  "CREATE TABLE session_us PARTITION OF django_session FOR VALUES IN ('us')",
  "CREATE TABLE session_asia PARTITION OF django_session FOR VALUES IN ('asia')",
  'CREATE INDEX ON django_session (expire_date)',
  `INSERT INTO django_session SELECT *, (ARRAY['eu', 'us', 'asia'])[1 + ascii(session_key) % 3] FROM plain`,
  'DROP TABLE plain',
  'ANALYZE django_session',
  'CHECKPOINT',
];

try {
  console.log(`${count} sessions; ${spawnSync('nproc').stdout} processors; Node ${process.version}`);
  if (values.only !== 'postgres') {
    const source = await fillSqlite(folder, count);
    await clearings('sqlite', source);
    await scans('sqlite', source);
  }
  if (values.only !== 'sqlite' && values.postgres !== '') {
    const source = await fillPostgres(values.postgres, count);
    await clearings('postgres', source);
    await scans('postgres', source);
    await source.drop('full');
  }
  console.table(table);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
