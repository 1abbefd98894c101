// Expired OAuth tokens and rights on objects that are gone, 500,000 of 1,000,000 each: `manage prune`, and the longest wait of a
// writer that changes a row of the same table every 20 ms meanwhile, beside a bare DELETE of the same rows; and beside Django's
// `cleartokens` and `clean_orphan_obj_perms`, where DJANGO_PYTHON is set and DJANGO_SITE is a project with these apps. Django is
// stopped after --django-seconds: what counts are the rows that each has deleted in a second. Beside the clock stands processor
// time (Linux): of the program, and with --server PID (the process that PostgreSQL's others are children of) of the server.
// With --refresh every other access token has a refresh token, and every tenth an ID token; --refresh-age is the lifetime of
// refresh tokens for both, without which they keep their access tokens. --expired says how many in a hundred are over.
//
//   npm run build && node bench/prune.js [--postgres postgres://…] [--rows 1000000] [--only oauth|guardian] [--engine sqlite|postgres]
//     [--expired 50] [--refresh [--refresh-age 604800]] [--django-seconds 300]
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
    expired: { type: 'string', default: '50' },
    refresh: { type: 'boolean', default: false },
    'refresh-age': { type: 'string', default: '' },
    'django-seconds': { type: 'string', default: '300' },
  },
});
const rows = Number(values.rows);
const isOver = `(i * ${values.expired}) % 100 < ${values.expired}`;
const folder = mkdtempSync(join(tmpdir(), 'manage-bench-prune-'));
const { Database } = createRequire(import.meta.url)('sqlite3');

/** A database with the tables of the apps, in which tokens have expired and objects are gone. */
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
    const words = {
      moment: (days) => `datetime('now', '${days} days')`,
      digest: () => 'lower(hex(randomblob(32)))',
      uuid: (text) => text,
      yes: '1',
    };
    for (const sql of filling(series, words)) await db.exec(sql);
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
    const words = {
      moment: (days) => `now() + interval '${days} days'`,
      digest: (i) => `encode(sha256(${i}::text::bytea), 'hex')`,
      uuid: (text) => `${text}::uuid`,
      yes: 'true',
    };
    for (const sql of filling(series, words)) await db.exec(sql);
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

function filling(series, { moment, digest, uuid, yes }) {
  const expires = `CASE WHEN ${isOver} THEN ${moment('-9')} ELSE ${moment('+9')} END`;
  const [hasRefresh, hasIdToken] = values.refresh ? ['i % 4 < 2', 'i % 20 < 2'] : ['1 = 0', '1 = 0'];
  return [
    `${series(1000)} INSERT INTO auth_user (id, username, password, first_name, last_name, email, is_superuser, is_staff, is_active, date_joined)
       SELECT 100000 + i, 'bench' || i, '', '', '', '', ${yes}, ${yes}, ${yes}, ${moment('+0')} FROM s`,
    `INSERT INTO oauth2_provider_application (id, client_id, redirect_uris, client_type, authorization_grant_type, client_secret,
         name, user_id, skip_authorization, created, updated, algorithm, post_logout_redirect_uris, hash_client_secret, allowed_origins)
       SELECT 1, 'bench', '', 'public', 'password', '', 'bench', 100001, ${yes}, ${moment('+0')}, ${moment('+0')}, '', '', ${yes}, ''`,
    `${series(rows)} INSERT INTO oauth2_provider_idtoken (id, jti, expires, scope, application_id, user_id, created, updated)
       SELECT i, ${uuid(`substr(${digest('i')}, 1, 32)`)}, ${expires}, 'openid', 1, 100001, ${moment('-20')}, ${moment('-20')}
         FROM s WHERE ${hasIdToken}`,
    `${series(rows)} INSERT INTO oauth2_provider_accesstoken (id, token, token_checksum, expires, scope, application_id, user_id,
         created, updated, id_token_id) SELECT i, ${digest('i')}, ${digest('i')}, ${expires},
         'read', 1, 100001, ${moment('-20')}, ${moment('-20')}, CASE WHEN ${hasIdToken} THEN i END FROM s`,
    // Every fifth was exchanged for another one, and has no access token any more.
    `${series(rows)} INSERT INTO oauth2_provider_refreshtoken (id, token, access_token_id, application_id, user_id, created, updated,
         revoked) SELECT i, ${digest('i')}, CASE WHEN i % 5 > 0 THEN i END, 1, 100001, ${moment('-20')}, ${moment('-20')},
         CASE WHEN i % 5 = 0 THEN ${moment('-9')} END FROM s WHERE ${hasRefresh}`,
    `INSERT INTO django_content_type (id, app_label, model) SELECT 100001, 'auth', 'user' WHERE NOT EXISTS
         (SELECT 1 FROM django_content_type WHERE app_label = 'auth' AND model = 'user')`,
    `${series(1000)} INSERT INTO auth_permission (id, name, content_type_id, codename)
       SELECT 100000 + s.i, 'x', t.id, 'bench' || s.i FROM s, django_content_type t WHERE app_label = 'auth' AND model = 'user'`,
    // The others are about a user who is there.
    `${series(rows)} INSERT INTO guardian_userobjectpermission (id, object_pk, content_type_id, permission_id, user_id)
       SELECT i, CASE WHEN ${isOver} THEN CAST(200000 + i AS text) ELSE '100001' END, t.id, 100001 + i / 1000 % 1000, 100001 + i % 1000
         FROM s, django_content_type t WHERE t.app_label = 'auth' AND t.model = 'user'`,
  ];
}

const parts = {
  oauth: {
    tables: ['accesstoken', 'refreshtoken', 'idtoken'].map((name) => `oauth2_provider_${name}`),
    write: "UPDATE oauth2_provider_accesstoken SET scope = 'write' WHERE id = 1",
    // What has a refresh token is not comparable: Django's rule is several statements.
    bare: values.refresh ? undefined : (moment) => `DELETE FROM oauth2_provider_accesstoken WHERE expires < ${moment}`,
    options: values['refresh-age'] === '' ? [] : ['--refresh-age', values['refresh-age']],
    django: 'cleartokens',
  },
  guardian: {
    tables: ['guardian_userobjectpermission'],
    options: [],
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

/** The settings of the site, with a lifetime of refresh tokens where one is given. */
function djangoSettings(site) {
  if (values['refresh-age'] === '') return {};
  const [, module] = /"DJANGO_SETTINGS_MODULE", *"([\w.]+)"/.exec(readFileSync(join(site, 'manage.py'), 'utf8'));
  const text = `from ${module} import *\nOAUTH2_PROVIDER = {"REFRESH_TOKEN_EXPIRE_SECONDS": ${values['refresh-age']}}\n`;
  writeFileSync(join(folder, 'prune_settings.py'), text);
  return { DJANGO_SETTINGS_MODULE: 'prune_settings', PYTHONPATH: `${folder}:${process.env.PYTHONPATH ?? ''}` };
}

/** Does `work` beside a writer, says what it took, and resolves with the rows that it has deleted in a second. */
async function measure(engine, name, copy, { write, tables }, work) {
  const count = async () => {
    const db = await copy.open();
    let all = 0;
    for (const table of tables) all += await db.count(table);
    await db.close();
    return all;
  };
  const before = await count();
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
  const deleted = before - (await count());
  const processor = [used, served].filter((each) => each > 0.05).map((each) => each.toFixed(1));
  console.log(
    `${engine}  ${name.padEnd(34)} ${seconds.toFixed(1).padStart(7)} s  ${String(deleted).padStart(7)} rows, ${(deleted / seconds).toFixed(0).padStart(6)} a second` +
      `  longest wait ${longest.toFixed(0).padStart(6)} ms` +
      (processor.length === 0 ? '' : `  processor ${processor.join(' + ')} s`) +
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
        run(process.execPath, [join(root, 'bin/manage.js'), 'prune', '--only', part, ...each.options], {
          DATABASE_URL: copy.url,
        }),
      ),
    );
    const times = (one, other) => (one / other).toFixed(1);
    if (each.bare !== undefined) {
      const floor = await using('bare', (copy) =>
        measure(engine.name, 'DELETE', copy, each, async () => {
          const db = await copy.open();
          await db.exec(each.bare(kind === 'sqlite' ? "datetime('now')" : 'now()'));
          await db.close();
        }),
      );
      console.log(
        `${engine.name}  ${part}: ${times(floor, ours)} times the time of the bare DELETE, which nothing that deletes these rows can beat`,
      );
    }
    const { DJANGO_PYTHON: python, DJANGO_SITE: site } = process.env;
    if (python === undefined || site === undefined) continue;
    const limit = { cwd: site, seconds: Number(values['django-seconds']) };
    const django = await using('django', (copy) =>
      measure(engine.name, `manage.py ${each.django}`, copy, each, () =>
        run(python, ['manage.py', each.django], { ...djangoSettings(site), ORACLE_DB: copy.oracle }, limit),
      ),
    );
    console.log(`${engine.name}  ${part}: ${times(ours, django)} times as many rows a second as ${each.django}`);
  }
  await engine.close();
}
rmSync(folder, { recursive: true, force: true });
