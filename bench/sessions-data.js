// Databases with many sessions for bench/sessions.js: one is filled, and each measurement gets a copy of it.
import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { encodeSession } from '../dist/src/index.js';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
export const secretKey = 'bench-0123456789abcdefghijklmnopqrstuvwxyz-0123456789-abcdef';
const users = 100_000;
const rowsAtOnce = 5000;
const day = 86_400_000;

/** Runs a command of manage and fails where it fails. */
export function manage(url, ...args) {
  const env = { ...process.env, DATABASE_URL: url, SECRET_KEY: secretKey };
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'bin/manage.js'), ...args], { env });
  if (status !== 0) throw new Error(`manage ${args.join(' ')}: ${stderr}`);
  return stdout.toString();
}

/** Sessions of logged-in users, every other one over, in no order. */
function* makeSessions(count) {
  const now = Date.now();
  for (let start = 0; start < count; start += rowsAtOnce) {
    const size = Math.min(rowsAtOnce, count - start);
    yield Array.from({ length: size }, (_, index) => {
      const user = 1 + (((start + index) * 7919) % users);
      const data = {
        _auth_user_id: String(user),
        _auth_user_backend: 'django.contrib.auth.backends.ModelBackend',
        _auth_user_hash: createHash('sha256').update(String(user)).digest('hex'),
      };
      const expires = new Date(now + ((start + index) % 2 === 0 ? 1 : -1) * (1 + Math.random() * 13) * day);
      const signed = new Date(expires.getTime() - 14 * day);
      return [randomBytes(16).toString('hex'), encodeSession(data, { secretKey, now: signed }), expires.toISOString()];
    });
  }
}

/** A database on SQLite: the URL of a copy, for each call with another name. */
export async function fillSqlite(folder, count) {
  mkdirSync(folder, { recursive: true });
  const file = (name) => join(folder, `${name}.sqlite3`);
  manage(
    `sqlite:///${file('full')}`,
    'createsuperuser',
    '--migrate',
    '--no-input',
    '--username=alice',
    '--email=',
    '-v0',
  );
  const { Database } = createRequire(import.meta.url)('sqlite3');
  const db = new Database(file('full'));
  const run = (sql, values = []) =>
    new Promise((resolve, reject) => db.run(sql, values, (error) => (error ? reject(error) : resolve())));
  await run('PRAGMA synchronous = OFF');
  await run('BEGIN');
  for (const rows of makeSessions(count)) {
    const values = rows.flatMap(([key, data, expires]) => [key, data, expires.replace('T', ' ').replace('Z', '000')]);
    await run(`INSERT INTO django_session VALUES ${rows.map(() => '(?, ?, ?)').join(', ')}`, values);
  }
  await run('COMMIT');
  await new Promise((resolve) => db.close(resolve));
  return {
    copy(name) {
      copyFileSync(file('full'), file(name));
      return `sqlite:///${file(name)}`;
    },
    drop: (name) => rmSync(file(name), { force: true }),
    django: (name) => ({ ENGINE: 'django.db.backends.sqlite3', NAME: file(name) }),
  };
}

/** The same on a PostgreSQL server. */
export async function fillPostgres(server, count) {
  const database = (name) => `bench_sessions_${name}`;
  const urlOf = (name) => Object.assign(new URL(server), { pathname: `/${database(name)}` }).href;
  const drop = (name) => query(server, `DROP DATABASE IF EXISTS ${database(name)} WITH (FORCE)`);
  await drop('full');
  await query(server, `CREATE DATABASE ${database('full')}`);
  manage(urlOf('full'), 'createsuperuser', '--migrate', '--no-input', '--username=alice', '--email=', '-v0');
  const client = new pg.Client({ connectionString: urlOf('full') });
  await client.connect();
  for (const rows of makeSessions(count)) {
    const columns = [0, 1, 2].map((column) => rows.map((row) => row[column]));
    await client.query(
      'INSERT INTO django_session SELECT * FROM unnest($1::text[], $2::text[], $3::timestamptz[])',
      columns,
    );
  }
  await client.query('VACUUM (ANALYZE) django_session');
  await client.query('CHECKPOINT');
  await client.end();
  return {
    async copy(name) {
      await drop(name);
      await query(server, `CREATE DATABASE ${database(name)} TEMPLATE ${database('full')}`);
      await query(server, 'CHECKPOINT');
      return urlOf(name);
    },
    drop,
    django(name) {
      const { hostname, port, username, password } = new URL(server);
      const [USER, PASSWORD] = [username, password].map(decodeURIComponent);
      return {
        ENGINE: 'django.db.backends.postgresql',
        NAME: database(name),
        USER,
        PASSWORD,
        HOST: hostname,
        PORT: port,
      };
    },
  };
}

/** Runs one statement, or several, on a connection of its own. */
export async function query(url, ...statements) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    let result;
    for (const statement of statements) result = await client.query(statement);
    return result.rows;
  } finally {
    await client.end();
  }
}
