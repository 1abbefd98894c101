// Who is logged in, asked over and over with 10,000 sessions in the table: requests a second, p99 and the server's processor
// time for each, of every adapter beside its bare framework with the same two reads by hand, beside Express with
// express-session, connect-session-knex and passport, and, where DJANGO_PYTHON is set and has gunicorn, beside Django with one
// worker. Each server has one core, and the load another one.
//
//   npm run build && node bench/web.js [--postgres postgres://…] [--seconds 1] [--rounds 11] [--requests 200000] [--burst 200]
//
// With --requests, whether memory grows over so many of them; with --burst, what so many logins at once do to everybody else at
// the example, and whether an unknown name takes as long as a wrong password.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { callCommand, createUser, makePassword, openProject } from 'manage-auth';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { values } = parseArgs({
  options: {
    postgres: { type: 'string', default: '' },
    seconds: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '11' },
    requests: { type: 'string', default: '0' },
    burst: { type: 'string', default: '0' },
    only: { type: 'string', default: '' },
  },
});
const secretKey = 'not-a-secret-0123456789-abcdefghijklmnopqrstuvwxyz-0123456789';
const folder = mkdtempSync(join(tmpdir(), 'manage-bench-web-'));
const ticks = Number(execFileSync('getconf', ['CLK_TCK']));

/** Users and sessions, and the keys of some of them, which stand between commas: who asks at once is not one visitor. */
async function fill(url) {
  const env = { DATABASE_URL: url, SECRET_KEY: secretKey };
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const host = { env: { ...process.env, ...env }, cwd: () => folder, stdout: nowhere };
  await callCommand('migrate', ['-v0'], host);
  const project = await openProject({ cwd: folder, env });
  const connection = await project.connect();
  try {
    const password = await makePassword('bench', { iterations: 1 });
    await createUser(connection, { values: { username: 'bench' }, password }, { now: new Date() });
  } finally {
    await connection.close();
  }
  await callCommand('populate_db', ['--users', '1000', '--sessions', '10000', '--no-input', '-v0'], host);
  const keys = [];
  for (let visitor = 0; visitor < 32; visitor++) {
    keys.push((await callCommand('createsession', ['bench', '-v0'], host)).key);
  }
  return keys.join(',');
}

const running = new Set();

// However this ends, by a rejection that nobody has waited for too, no server is left running.
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(1));

function spawned(...args) {
  const child = spawn(...args);
  running.add(child);
  child.once('close', () => running.delete(child));
  return child;
}

/** Starts a server on the first core; resolves with its port, and what ends it. */
async function start(command, args, env, cwd = root) {
  const child = spawned('taskset', ['-c', '0', command, ...args], {
    cwd,
    env: { ...process.env, ...env, NODE_ENV: 'production' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let value = '';
  for await (const line of createInterface({ input: child.stdout })) {
    value = line;
    if (/^\d+$|http:/.test(line)) break;
  }
  return {
    pid: child.pid,
    port: Number(value),
    line: value,
    stop: () => new Promise((r) => child.once('close', r) && child.kill('SIGKILL')),
  };
}

/** Processor time in microseconds, of a process and its children. */
function processorTime(pid) {
  const children = spawnSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' })
    .stdout.split('\n')
    .filter(Boolean);
  return [pid, ...children].reduce((sum, each) => {
    const [, , , , , , , , , , , , , user, system] = readFileSync(`/proc/${each}/stat`, 'utf8')
      .replace(/\(.*\)/, 'x')
      .split(' ');
    return sum + ((Number(user) + Number(system)) / ticks) * 1e6;
  }, 0);
}

const rss = (pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;

function load(port, cookie, seconds, cookieName, connections = '32') {
  const args = [
    '-c',
    '1',
    process.execPath,
    join(root, 'bench/web-load.js'),
    `http://127.0.0.1:${port}/whoami/`,
    cookie,
    connections,
    String(seconds),
  ];
  const child = spawned('taskset', args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, COOKIE_NAME: cookieName },
  });
  let out = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  return new Promise((resolve, reject) => {
    child.on('close', (code) =>
      code === 0 ? resolve(JSON.parse(out)) : reject(new Error(`The load ended with ${code}.`)),
    );
  });
}

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];

const wants = (name) => values.only === '' || values.only.split(',').includes(name);

async function measure(engine, url) {
  const key = await fill(url);
  const env = { DATABASE_URL: url, SECRET_KEY: secretKey };
  const node =
    (...args) =>
    () =>
      start(process.execPath, [join(root, 'bench/web-server.js'), ...args], env);
  const cases = ['node:http', 'express', 'fastify', 'hono'].flatMap((each) => [
    { name: each, start: node(each) },
    { name: `bare ${each}`, start: node('bare', each) },
  ]);
  const packages = wants('express-session') ? expressStack() : undefined;
  if (packages !== undefined) {
    cases.push({
      name: 'express-session',
      start: () =>
        start(process.execPath, [join(root, 'bench/web-server.js'), 'express-session'], { ...env, PACKAGES: packages }),
      enter: true,
    });
  }
  if (process.env.DJANGO_PYTHON) cases.push({ name: 'django', start: () => startDjango(url) });
  const chosen = cases.filter(({ name }) => wants(name));
  const found = new Map(chosen.map(({ name }) => [name, { rates: [], p99s: [], costs: [], rss: 0 }]));
  if (Number(values.rounds) > 0) {
    await measureInTurns(chosen, key, found);
    report(engine, chosen, found);
  }
  if (Number(values.requests) > 0) {
    await memory(
      chosen.filter(({ name }) => !/bare|django|session/.test(name)),
      key,
    );
  }
  if (Number(values.burst) > 0) await burst(engine, { ...env, PORT: '0' }, key);
}

/** All servers stand by, and each gets the same short while in each round: what slows the machine down slows down all. */
async function measureInTurns(chosen, key, found) {
  const servers = new Map();
  for (const { name, start: begin, enter } of chosen) {
    const server = await begin();
    const [cookieName, cookie] = enter ? await enterExpress(server.port) : ['sessionid', key];
    servers.set(name, { ...server, cookieName, cookie });
    await load(server.port, cookie, 3, cookieName);
  }
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const [name, { pid, port, cookie, cookieName }] of servers) {
      const before = processorTime(pid);
      const { requests, p99, failed } = await load(port, cookie, values.seconds, cookieName);
      if (failed > 0) throw new Error(`${name}: ${failed} of ${requests} answers were wrong.`);
      const all = found.get(name);
      all.rates.push(requests / Number(values.seconds));
      all.p99s.push(p99);
      all.costs.push((processorTime(pid) - before) / requests);
      all.rss = Math.max(all.rss, rss(pid));
    }
  }
  for (const { stop } of servers.values()) await stop();
}

/** Medians of the rounds; what is compared, round by round. */
function report(engine, chosen, found) {
  const none = { rates: [], costs: [] };
  const ratio = (kind, above, below) =>
    median((found.get(above) ?? none)[kind].map((each, round) => each / (found.get(below) ?? none)[kind][round]));
  const rateOf = (name) => median(found.get(name).rates);
  const costOf = (name) => median(found.get(name).costs);
  console.table(
    chosen.map(({ name }) => ({
      engine,
      server: name,
      'requests/s': Math.round(rateOf(name)),
      'p99 ms': median(found.get(name).p99s).toFixed(1),
      'processor µs': Math.round(costOf(name)),
      'of the bare one': ratio('rates', name, `bare ${name}`).toFixed(2),
      'by processor time': (1 / ratio('costs', name, `bare ${name}`)).toFixed(2),
      'times Django': ratio('rates', name, 'django').toFixed(1),
      'rss MB': Math.round(found.get(name).rss),
    })),
  );
}

/** Logins by the hundred, with hashes as Django makes them, at the example. */
async function burst(engine, env, key) {
  const { stop, pid, line } = await start(process.execPath, [join(root, 'examples/server/server.js')], env);
  const url = /http:\S+(?=\/$)/.exec(line)[0];
  const post = (path, form) =>
    fetch(`${url}${path}`, { method: 'POST', body: new URLSearchParams(form), redirect: 'manual' });
  const logIn = (username, password) => post('/accounts/login/', { username, password });
  const password = 'Kaltes-Wasser-7';
  await post('/accounts/signup/', { username: 'burst', email: '', password1: password, password2: password });
  const others = load(new URL(url).port, key, 15, 'sessionid', '4');
  const logins = Array.from({ length: Number(values.burst) }, () =>
    logIn('burst', password).then(
      ({ status }) => status,
      () => 'no answer',
    ),
  );
  const { requests, p50, p99 } = await others;
  const peak = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  const counts = {};
  for (const status of await Promise.all(logins)) counts[status] = (counts[status] ?? 0) + 1;
  console.log(
    `${engine}, ${values.burst} logins at once: by status ${JSON.stringify(counts)}; ${requests} requests of others meanwhile, ` +
      `median ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms; the process has had ${Math.round(peak)} MB at most`,
  );
  const times = { burst: [], nobody: [] };
  for (let round = 0; round < 41; round++) {
    for (const [name, all] of Object.entries(times)) {
      const begin = performance.now();
      await logIn(name, 'wrong');
      all.push(performance.now() - begin);
    }
  }
  const [known, unknown] = [median(times.burst), median(times.nobody)];
  console.log(
    `${engine}, a wrong password takes ${known.toFixed(1)} ms, an unknown name ${unknown.toFixed(1)} ms (medians; ${((unknown / known - 1) * 100).toFixed(1)} %)`,
  );
  await stop();
}

/** Whether memory grows over many requests. */
async function memory(cases, key) {
  for (const { name, start: begin } of cases) {
    const server = await begin();
    const sizes = [];
    for (let done = 0; done < Number(values.requests); ) {
      done += (await load(server.port, key, 5, 'sessionid')).requests;
      sizes.push(`${done}: ${Math.round(rss(server.pid))}`);
    }
    console.log(`${name}, MB after so many requests: ${sizes.join(', ')}`);
    await server.stop();
  }
}

/** The packages of the usual stack, put into a folder of their own. */
function expressStack() {
  const names = ['express@5', 'express-session', 'connect-session-knex', 'passport', 'knex', 'pg'];
  const { status } = spawnSync(
    'npm',
    ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefix', folder, ...names],
    {
      stdio: 'ignore',
    },
  );
  if (status !== 0) return undefined;
  // The one that is there need not be compiled.
  rmSync(join(folder, 'node_modules/sqlite3'), { recursive: true, force: true });
  symlinkSync(join(root, 'node_modules/sqlite3'), join(folder, 'node_modules/sqlite3'));
  return folder;
}

async function enterExpress(port) {
  const response = await fetch(`http://127.0.0.1:${port}/enter/`);
  return /^([^=]+)=([^;]+)/.exec(response.headers.getSetCookie()[0]).slice(1);
}

async function startDjango(url) {
  const site = join(folder, 'site');
  cpSync(join(root, 'test/django/site'), site, { recursive: true });
  const target = new URL(url.replace('sqlite:///', 'sqlite://x'));
  const database = url.startsWith('sqlite:')
    ? { ENGINE: 'django.db.backends.sqlite3', NAME: target.pathname }
    : {
        ENGINE: 'django.db.backends.postgresql',
        NAME: target.pathname.slice(1),
        USER: target.username,
        PASSWORD: decodeURIComponent(target.password),
        HOST: target.hostname,
        PORT: target.port,
        CONN_MAX_AGE: 600,
      };
  const env = {
    DJANGO_DATABASE: JSON.stringify(database),
    DJANGO_URLCONF: 'web_urls',
    DJANGO_SETTINGS_MODULE: 'settings',
    SECRET_KEY: secretKey,
  };
  const port = 20_000 + Math.floor(Math.random() * 20_000);
  const child = spawned(
    'taskset',
    [
      '-c',
      '0',
      process.env.DJANGO_PYTHON,
      '-m',
      'gunicorn',
      '-w',
      '1',
      '-b',
      `127.0.0.1:${port}`,
      '--keep-alive',
      '60',
      '--log-level',
      'error',
      'django.core.wsgi:get_wsgi_application()',
    ],
    { cwd: site, env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'inherit'] },
  );
  for (;;) {
    if (
      await fetch(`http://127.0.0.1:${port}/whoami/`).then(
        (r) => r.ok,
        () => false,
      )
    )
      break;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return { pid: child.pid, port, stop: () => new Promise((r) => child.once('close', r) && child.kill('SIGTERM')) };
}

await measure('SQLite', `sqlite:///${folder}/bench.db`);
if (values.postgres !== '') await measure('PostgreSQL', values.postgres);
