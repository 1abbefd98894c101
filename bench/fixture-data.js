// Fills a migrated database with users in groups, with permissions of their own, for the benchmarks of fixtures.
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import pg from 'pg';

const GROUPS = 100;

/** Statements for both engines: `series(n)` gives a table of 1 to n with the column i. */
function statements(users, { series, yes, no, moment }) {
  return [
    `INSERT INTO auth_group (name) SELECT 'group ' || i FROM ${series(GROUPS)}`,
    `INSERT INTO auth_group_permissions (group_id, permission_id)
       SELECT g.id, p.id FROM auth_group g JOIN auth_permission p ON (g.id + p.id) % 3 = 0`,
    `INSERT INTO auth_user (password, last_login, is_superuser, username, first_name, last_name, email, is_staff,
                            is_active, date_joined)
       SELECT 'pbkdf2_sha256$1000000$abcdefghijklmnopqrstuv$' || i || 'FqPTkLnHnQpW0bVZlQ9uGmL3c1XwJr5sYy8tKd2eAoM=',
              CASE WHEN i % 3 = 0 THEN NULL ELSE ${moment('i')} END, ${no}, 'user' || i, 'Jürgen ' || i, 'O''Hara', 
              'user' || i || '@example.com', CASE WHEN i % 50 = 0 THEN ${yes} ELSE ${no} END, ${yes}, ${moment('i + 7')}
       FROM ${series(users)}`,
    `INSERT INTO auth_user_groups (user_id, group_id)
       SELECT u.id, 1 + (u.id + k.i * 37) % ${GROUPS} FROM auth_user u CROSS JOIN ${series(2)} k`,
    `INSERT INTO auth_user_user_permissions (user_id, permission_id)
       SELECT u.id, p.id FROM auth_user u JOIN auth_permission p ON u.id % 10 = 0 AND p.id % 12 = (u.id / 10) % 12`,
  ];
}

const sqlite = {
  series: (n) => `(WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < ${n}) SELECT i FROM s)`,
  yes: '1',
  no: '0',
  moment: (i) =>
    `(strftime('%Y-%m-%d %H:%M:%S', 1700000000 + (${i}) * 61, 'unixepoch') || printf('.%06d', ((${i}) * 7919) % 1000000))`,
};

const postgres = {
  series: (n) => `(SELECT g AS i FROM generate_series(1, ${n}) g) AS s_${n}`,
  yes: 'true',
  no: 'false',
  moment: (i) =>
    `(to_timestamp(1700000000 + (${i}) * 61) + ((${i})::bigint * 7919 % 1000000) * interval '1 microsecond')`,
};

export async function fillSqlite(file, users) {
  const { Database } = createRequire(import.meta.url)('sqlite3');
  const db = await new Promise((resolve, reject) => {
    const opened = new Database(file, (error) => (error ? reject(error) : resolve(opened)));
  });
  const sql = ['BEGIN', ...statements(users, sqlite), 'COMMIT'].join(';\n');
  await new Promise((resolve, reject) => db.exec(sql, (error) => (error ? reject(error) : resolve())));
  await new Promise((resolve) => db.close(resolve));
}

export async function fillPostgres(url, users) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const aliased = { ...postgres, series: (n) => postgres.series(n).replace(/ AS s_\d+$/, '') };
  for (const sql of statements(users, aliased)) {
    await client.query(sql.replace(/FROM (\(SELECT g AS i [^)]*\)[^)]*\))(?! k)/g, 'FROM $1 AS s'));
  }
  await client.query('ANALYZE');
  await client.end();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [url = '', users = '100000'] = process.argv.slice(2);
  if (url.startsWith('postgres')) await fillPostgres(url, Number(users));
  else await fillSqlite(url.replace(/^sqlite:\/\/\//, ''), Number(users));
}
