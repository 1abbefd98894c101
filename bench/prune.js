// Expired OAuth tokens and rights on objects that are gone, 500,000 of 1,000,000 each: `manage prune`, and the longest wait of a
// writer that changes a row of the same table every 20 ms meanwhile, beside a bare DELETE of the same rows; and beside Django's
// `cleartokens` and `clean_orphan_obj_perms`, where DJANGO_PYTHON is set and DJANGO_SITE is a project with these apps. Django is
// stopped after --django-seconds: what counts are the rows that each has deleted in a second. Beside the clock stands processor
// time (Linux): of the program, and with --server PID (the process that PostgreSQL's others are children of) of the server.
//
//   npm run build && node bench/prune.js [--postgres postgres://…] [--rows 1000000] [--only oauth|guardian] [--engine sqlite|postgres]
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import pg from 'pg';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { values } = parseArgs({
  options: {
    postgres: { type: 'string', default: '' },
    rows: { type: 'string', default: '1000000' },
    only: { type: 'string', default: '' },
    engine: { type: 'string', default: '' },
    server: { type: 'string', default: '' },
    'django-seconds': { type: 'string', default: '300' },
  },
});
const rows = Number(values.rows);
const folder = mkdtempSync(join(tmpdir(), 'manage-bench-prune-'));
const { Database } = createRequire(import.meta.url)('sqlite3');

/** A database with the tables of the apps, in which half of the tokens have expired and half of the objects are gone. */
const engines = {
  async sqlite() {
    const open = (file) => {
      const db = new Database(file);
      db.configure('busyTimeout', 60_000);
      return {
        exec: (sql) => new Promise((resolve, reject) => db.exec(sql, (error) => (error ? reject(error) : resolve()))),
        count: (table) =>
          new Promise((resolve, reject) =>
            db.get(`SELECT count(*) AS n FROM ${table}`, (error, row) => (error ? reject(error) : resolve(row.n))),
          ),
        close: () => new Promise((resolve) => db.close(resolve)),
      };
    };
    const full = join(folder, 'full.sqlite3');
    const text = readFileSync(join(root, 'test/data/apps/sqlite.sql'), 'utf8').replace(
      /CREATE TABLE sqlite_sequence[^;]*;/,
      '',
    );
    const db = open(full);
    const series = (last) => `WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < ${last})`;
    await db.exec(`BEGIN; ${text} COMMIT; BEGIN;`);
    for (const sql of filling(
      series,
      (days) => `datetime('now', '${days} days')`,
      () => 'hex(randomblob(32))',
      '1',
    ))
      await db.exec(sql);
    await db.exec('COMMIT; ANALYZE');
    await db.close();
    return {
      name: 'SQLite',
      async copy(name) {
        const file = join(folder, `${name}.sqlite3`);
        copyFileSync(full, file);
        return { url: `sqlite:///${file}`, oracle: file, open: () => open(file), drop: async () => rmSync(file) };
      },
      async close() {},
    };
  },
  async postgres() {
    const open = async (url) => {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      return {
        exec: (sql) => client.query(sql),
        count: async (table) => Number((await client.query(`SELECT count(*) AS n FROM ${table}`)).rows[0].n),
        close: () => client.end(),
      };
    };
    const admin = await open(values.postgres);
    const urlOf = (name) => Object.assign(new URL(values.postgres), { pathname: `/${name}` }).href;
    const base = `prune_${process.pid}`;
    await admin.exec(`CREATE DATABASE ${base}`);
    const db = await open(urlOf(base));
    await db.exec(readFileSync(join(root, 'test/data/apps/postgres.sql'), 'utf8'));
    await db.exec('SET search_path = public');
    const series = (last) => `WITH s(i) AS (SELECT generate_series(1, ${last}))`;
    for (const sql of filling(
      series,
      (days) => `now() + interval '${days} days'`,
      (i) => `encode(sha256(${i}::text::bytea), 'hex')`,
      'true',
    ))
      await db.exec(sql);
    await db.exec('VACUUM ANALYZE');
    await db.close();
    return {
      name: 'PostgreSQL',
      async copy(name) {
        await admin.exec(`CREATE DATABASE ${base}_${name} TEMPLATE ${base}`);
        const url = urlOf(`${base}_${name}`);
        return {
          url,
          oracle: url,
          open: () => open(url),
          drop: () => admin.exec(`DROP DATABASE ${base}_${name} WITH (FORCE)`),
        };
      },
      async close() {
        await admin.exec(`DROP DATABASE ${base} WITH (FORCE)`);
        await admin.close();
      },
    };
  },
};

function filling(series, moment, digest, yes) {
  return [
    `${series(1000)} INSERT INTO auth_user (id, username, password, first_name, last_name, email, is_superuser, is_staff, is_active, date_joined)
       SELECT 100000 + i, 'bench' || i, '', '', '', '', ${yes}, ${yes}, ${yes}, ${moment('+0')} FROM s`,
    `INSERT INTO oauth2_provider_application (id, client_id, redirect_uris, client_type, authorization_grant_type, client_secret,
         name, user_id, skip_authorization, created, updated, algorithm, post_logout_redirect_uris, hash_client_secret, allowed_origins)
       SELECT 1, 'bench', '', 'public', 'password', '', 'bench', 100001, ${yes}, ${moment('+0')}, ${moment('+0')}, '', '', ${yes}, ''`,
    `${series(rows)} INSERT INTO oauth2_provider_accesstoken (id, token, token_checksum, expires, scope, application_id, user_id,
         created, updated) SELECT i, ${digest('i')}, ${digest('i')}, CASE i % 2 WHEN 0 THEN ${moment('-9')} ELSE ${moment('+9')} END,
         'read', 1, 100001, ${moment('-20')}, ${moment('-20')} FROM s`,
    `INSERT INTO django_content_type (id, app_label, model) SELECT 100001, 'auth', 'user' WHERE NOT EXISTS
         (SELECT 1 FROM django_content_type WHERE app_label = 'auth' AND model = 'user')`,
    `${series(1000)} INSERT INTO auth_permission (id, name, content_type_id, codename)
       SELECT 100000 + s.i, 'x', t.id, 'bench' || s.i FROM s, django_content_type t WHERE app_label = 'auth' AND model = 'user'`,
    // Every other row is about a user who is there.
    `${series(rows)} INSERT INTO guardian_userobjectpermission (id, object_pk, content_type_id, permission_id, user_id)
       SELECT i, CASE i % 2 WHEN 0 THEN CAST(200000 + i AS text) ELSE '100001' END, t.id, 100001 + i / 1000 % 1000, 100001 + i % 1000
         FROM s, django_content_type t WHERE t.app_label = 'auth' AND t.model = 'user'`,
  ];
}

const parts = {
  oauth: {
    table: 'oauth2_provider_accesstoken',
    write: "UPDATE oauth2_provider_accesstoken SET scope = 'write' WHERE id = 1",
    bare: (moment) => `DELETE FROM oauth2_provider_accesstoken WHERE expires < ${moment}`,
    django: 'cleartokens',
  },
  guardian: {
    table: 'guardian_userobjectpermission',
    write: "UPDATE guardian_userobjectpermission SET object_pk = '100001' WHERE id = 1",
    bare: () => "DELETE FROM guardian_userobjectpermission WHERE object_pk <> '100001'",
    django: 'clean_orphan_obj_perms',
  },
};

/** Writes every 20 ms until it is stopped, and says how long the longest write took. */
async function startWriter(copy, sql) {
  const db = await copy.open();
  let [longest, stopped] = [0, false];
  const work = (async () => {
    while (!stopped) {
      const began = performance.now();
      await db.exec(sql);
      longest = Math.max(longest, performance.now() - began);
      await wait(20);
    }
  })();
  return async () => {
    stopped = true;
    await work;
    await db.close();
    return longest;
  };
}

/** Processor seconds of the children that have ended: of this process, and of the server's. */
function processorSeconds(pid) {
  if (pid === '') return Number.NaN;
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    return (Number(fields[13]) + Number(fields[14])) / 100;
  } catch {
    return Number.NaN;
  }
}

/** Runs a program to its end, or for so many seconds, where it may also fail: Django does where SQLite is locked for 5 seconds. */
async function run(program, args, env, { cwd = root, seconds } = {}) {
  const child = spawn(program, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'pipe'] });
  let text = '';
  let stopped = false;
  child.stderr.on('data', (data) => (text += data));
  const timer =
    seconds === undefined
      ? undefined
      : setTimeout(() => {
          stopped = true;
          child.kill('SIGKILL');
        }, seconds * 1000);
  const [status] = await once(child, 'close');
  clearTimeout(timer);
  if (status === 0) return undefined;
  if (seconds === undefined) throw new Error(`${program} ${args.join(' ')}: ${text}`);
  return stopped ? `stopped after ${seconds} s` : text.trim().split('\n').at(-1);
}

/** Does `work` beside a writer, says what it took, and resolves with the rows that it has deleted in a second. */
async function measure(engine, name, copy, { write, table }, work) {
  const stop = await startWriter(copy, write);
  const [ours, servers] = [processorSeconds('self'), processorSeconds(values.server)];
  const began = performance.now();
  const ended = await work();
  const seconds = (performance.now() - began) / 1000;
  const longest = await stop();
  const used = processorSeconds('self') - ours;
  // The server counts a process when it has noticed its end.
  if (values.server !== '') await wait(200);
  const served = processorSeconds(values.server) - servers;
  const db = await copy.open();
  const deleted = rows - (await db.count(table));
  await db.close();
  const processor = [used, served].filter((each) => each > 0.05).map((each) => each.toFixed(1));
  console.log(
    `${engine}  ${name.padEnd(34)} ${seconds.toFixed(1).padStart(7)} s  ${String(deleted).padStart(7)} rows, ${(deleted / seconds).toFixed(0).padStart(6)} a second` +
      `  longest wait ${longest.toFixed(0).padStart(6)} ms  processor ${processor.join(' + ')} s` +
      (ended === undefined ? '' : `  (${ended})`),
  );
  return deleted / seconds;
}

for (const kind of ['sqlite', ...(values.postgres === '' ? [] : ['postgres'])]) {
  if (values.engine !== '' && values.engine !== kind) continue;
  const engine = await engines[kind]();
  for (const [part, each] of Object.entries(parts)) {
    if (values.only !== '' && values.only !== part) continue;
    const using = async (name, work) => {
      const copy = await engine.copy(`${part}_${name}`);
      const result = await work(copy);
      await copy.drop();
      return result;
    };
    const ours = await using('ours', (copy) =>
      measure(engine.name, `manage prune --only ${part}`, copy, each, () =>
        run(process.execPath, [join(root, 'bin/manage.js'), 'prune', '--only', part], { DATABASE_URL: copy.url }),
      ),
    );
    const floor = await using('bare', (copy) =>
      measure(engine.name, 'DELETE', copy, each, async () => {
        const db = await copy.open();
        await db.exec(each.bare(kind === 'sqlite' ? "datetime('now')" : 'now()'));
        await db.close();
      }),
    );
    const times = (one, other) => (one / other).toFixed(1);
    console.log(
      `${engine.name}  ${part}: ${times(floor, ours)} times the time of the bare DELETE, which nothing that deletes these rows can beat`,
    );
    const { DJANGO_PYTHON: python, DJANGO_SITE: site } = process.env;
    if (python === undefined || site === undefined) continue;
    const limit = { cwd: site, seconds: Number(values['django-seconds']) };
    const django = await using('django', (copy) =>
      measure(engine.name, `manage.py ${each.django}`, copy, each, () =>
        run(python, ['manage.py', each.django], { ORACLE_DB: copy.oracle }, limit),
      ),
    );
    console.log(
      `${engine.name}  ${part}: ${times(ours, django)} times as many rows a second as ${each.django}; the bare DELETE ${times(floor, django)} times`,
    );
  }
  await engine.close();
}
rmSync(folder, { recursive: true, force: true });
