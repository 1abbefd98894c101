// dumpdata and loaddata of users in groups with permissions: seconds, objects a second and peak memory, as whole
// processes, beside Django where DJANGO_PYTHON and DJANGO_SITE (a project's folder) are set, and with --floor beside what
// the databases' own shells need for the same rows, in turns.
//
//   npm run build && node bench/fixtures.js [--users 10000,100000,1000000] [--postgres postgres://…/maintenance]
//                                           [--formats json,jsonl,xml,yaml] [--runs 3] [--django] [--floor]
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { fillPostgres, fillSqlite } from './fixture-data.js';

const root = process.env.MANAGE_ROOT ?? dirname(dirname(fileURLToPath(import.meta.url)));
const { values } = parseArgs({
  options: {
    users: { type: 'string', default: '10000,100000' },
    formats: { type: 'string', default: 'json' },
    runs: { type: 'string', default: '3' },
    postgres: { type: 'string' },
    django: { type: 'boolean', default: false },
    floor: { type: 'boolean', default: false },
  },
});
const folder = mkdtempSync(join(tmpdir(), 'manage-bench-'));
const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

/** Seconds, seconds of processor time and peak memory in MB of one process; what it prints goes to `out`. */
function measure(command, args, { env = {}, cwd = folder } = {}) {
  const stats = join(folder, 'time');
  const started = process.hrtime.bigint();
  const { status, stderr } = spawnSync('/usr/bin/time', ['-o', stats, '-f', '%M %U %S', command, ...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed: ${stderr}`);
  const [kilobytes, user, system] = readFileSync(stats, 'utf8').trim().split('\n').at(-1).split(' ').map(Number);
  return { seconds, cpu: user + system, megabytes: kilobytes / 1024 };
}

const manage = (url, ...args) =>
  measure(process.execPath, [join(root, 'bin/manage.js'), ...args], { env: { DATABASE_URL: url } });

/** What a dump has, without the permissions that every database makes for itself. */
const TABLES = ['auth_group', 'auth_user', 'auth_group_permissions', 'auth_user_groups', 'auth_user_user_permissions'];

const shell = (line) => measure('sh', ['-c', line]);

async function asAdmin(sql) {
  const client = new pg.Client({ connectionString: values.postgres });
  await client.connect();
  await client.query(sql);
  await client.end();
}

const engines = {
  sqlite: {
    async empty(name) {
      const file = join(folder, `${name}.sqlite3`);
      rmSync(file, { force: true });
      const url = `sqlite:///${file}`;
      manage(url, 'migrate', '-v0');
      return url;
    },
    fill: (url, users) => fillSqlite(url.slice('sqlite:///'.length), users),
    django: (url) => url.slice('sqlite:///'.length),
    /** The rows as the database's own shell writes and reads them. */
    floor(url, target) {
      const [file, other] = [url, target].map((each) => each.slice('sqlite:///'.length));
      const queries = TABLES.map((table) => `SELECT * FROM ${table};`).join(' ');
      const written = measure('sqlite3', ['-json', file, queries]);
      for (const table of TABLES) shell(`sqlite3 -csv '${file}' 'SELECT * FROM ${table}' > ${table}.csv`);
      const imports = TABLES.map((table) => `.import --csv ${table}.csv ${table}`);
      const read = measure('sqlite3', [other, 'PRAGMA foreign_keys = ON', 'BEGIN', ...imports, 'COMMIT']);
      return { written, read };
    },
  },
  ...(values.postgres === undefined
    ? {}
    : {
        postgres: {
          async empty(name) {
            await asAdmin(`DROP DATABASE IF EXISTS bench_${name} WITH (FORCE)`);
            await asAdmin(`CREATE DATABASE bench_${name}`);
            const url = new URL(values.postgres);
            url.pathname = `/bench_${name}`;
            manage(url.href, 'migrate', '-v0');
            return url.href;
          },
          fill: fillPostgres,
          django: (url) => url,
          floor(url, target) {
            const each = (make) => TABLES.flatMap((table) => ['-c', make(table)]);
            const rows = (table) => `COPY (SELECT row_to_json(t) FROM ${table} t) TO STDOUT`;
            const written = measure('psql', ['-q', url, ...each(rows)]);
            measure('psql', ['-q', url, ...each((table) => `\\copy ${table} TO '${table}.copy'`)]);
            const copies = each((table) => `\\copy ${table} FROM '${table}.copy'`);
            const read = measure('psql', ['-q', '-1', target, ...copies]);
            return { written, read };
          },
        },
      }),
};

/** A line of medians; with the runs of the floor beside them, also the median of the ratios of each pair. */
function show(label, users, runs, floors = []) {
  const seconds = median(runs.map((run) => run.seconds));
  const megabytes = Math.max(...runs.map((run) => run.megabytes));
  const rate = Math.round(users / seconds).toLocaleString('en');
  const columns = [
    label.padEnd(34),
    `${seconds.toFixed(2)} s`.padStart(9),
    `${median(runs.map(({ cpu }) => cpu)).toFixed(2)} s cpu`.padStart(12),
    `${rate}/s`.padStart(11),
    `${megabytes.toFixed(0)} MB`.padStart(7),
  ];
  if (floors.length > 0) {
    const ratio = median(runs.map((run, at) => run.seconds / floors[at].seconds));
    columns.push(`${ratio.toFixed(2)} x floor`.padStart(13));
  }
  console.log(columns.join(' '));
}

try {
  for (const [engine, { empty, fill, django, floor }] of Object.entries(engines)) {
    for (const users of values.users.split(',').map(Number)) {
      const url = await empty('full');
      await fill(url, users);
      for (const format of values.formats.split(',')) {
        const file = join(folder, `auth.${format}`);
        const label = `${engine} ${format} ${users}`;
        const [dumps, loads, written, read] = [[], [], [], []];
        // The two take turns, so that what disturbs one disturbs the other alike.
        for (let run = 0; run < Number(values.runs); run++) {
          if (values.floor) {
            const least = floor(url, await empty('target'));
            written.push(least.written);
            read.push(least.read);
          }
          dumps.push(manage(url, 'dumpdata', 'auth', '--format', format, '-o', file));
          loads.push(manage(await empty('target'), 'loaddata', file, '-v0'));
        }
        if (values.floor) show(`${engine} floor ${users} dump`, users, written);
        show(`${label} dump`, users, dumps, written);
        console.log(`${''.padEnd(34)} ${(statSync(file).size / 1e6).toFixed(0)} MB written`);
        if (values.floor) show(`${engine} floor ${users} load`, users, read);
        show(`${label} load`, users, loads, read);
        const python = process.env.DJANGO_PYTHON;
        if (!values.django || python === undefined || format !== 'json') continue;
        const site = { cwd: process.env.DJANGO_SITE, env: { ORACLE_DB: django(url), NO_BLOG: '1' } };
        const output = join(folder, 'django.json');
        show(`${label} dump by Django`, users, [
          measure(python, ['manage.py', 'dumpdata', 'auth', '-o', output], site),
        ]);
        const target = await empty('target');
        const there = { ...site, env: { ...site.env, ORACLE_DB: django(target) } };
        show(`${label} load by Django`, users, [measure(python, ['manage.py', 'loaddata', file], there)]);
      }
    }
  }
} finally {
  if (values.postgres !== undefined) {
    for (const name of ['full', 'target']) await asAdmin(`DROP DATABASE IF EXISTS bench_${name} WITH (FORCE)`);
  }
  rmSync(folder, { recursive: true, force: true });
}
