import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { jar } from '../helpers/browser.js';
import { startExample } from '../helpers/example-server.js';
import { manage, runManage, temporaryFolder } from '../helpers/manage.js';
import { startPooler } from '../helpers/pgbouncer.js';
import { startPair } from '../helpers/postgres-pair.js';
import { fillSite, password } from '../web/site.js';

const expired = 4000;

/** Looks again until something holds. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Somebody who writes, connects again when the connection is lost, and is told what is committed. */
function startWriter(url: string) {
  const answered = new Set<string>();
  let isOver = false;
  const done = (async () => {
    for (let sent = 1; !isOver; ) {
      const client = new pg.Client({ connectionString: url });
      client.on('error', () => undefined);
      try {
        await client.connect();
        for (; !isOver; sent++) {
          await client.query('INSERT INTO auth_group (name) VALUES ($1)', [`written ${sent}`]);
          answered.add(`written ${sent}`);
        }
      } catch {
        // Whether it was committed is not known.
        sent++;
      }
      await client.end().catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  const stop = () => {
    isOver = true;
    return done;
  };
  return { answered, stop };
}

test('behind PgBouncer, which is turned to the new primary, work in batches and the site go on, and nothing is lost', async () => {
  const pair = await startPair();
  onTestFinished(() => pair.stop());
  await fillSite({ url: pair.primary }, { ada: {} });
  await pair.query(
    'primary',
    "INSERT INTO django_session SELECT 'old' || lpad(i::text, 29, '0'), 'x', now() - interval '1 day' FROM generate_series(1, $1) i",
    [expired],
  );
  const count = async (server: 'primary' | 'standby', where: string) =>
    Number((await pair.query(server, `SELECT count(*) AS n FROM ${where}`))[0]?.n);
  const pooler = await startPooler(pair.primary);

  const site = await startExample(pooler);
  const visitor = jar();
  await visitor.fetch(`${site.url}/accounts/login/`, { form: { username: 'ada', password } });
  expect((await visitor.fetch(`${site.url}/count/`)).json).toEqual({ count: 1 });

  const writer = startWriter(pooler.url);
  onTestFinished(() => writer.stop());

  // A load that waits in the middle: another program has locked a row that it is to change.
  const holder = new pg.Client({ connectionString: pair.primary });
  holder.on('error', () => undefined);
  await holder.connect();
  const { rows } = await holder.query("SELECT id FROM auth_user WHERE username = 'ada'");
  await holder.query("BEGIN; UPDATE auth_user SET first_name = 'held' WHERE username = 'ada'");
  const cwd = temporaryFolder();
  const records = [
    { model: 'auth.group', pk: 900_000, fields: { name: 'loaded', permissions: [] } },
    { model: 'auth.user', pk: rows[0]?.id, fields: { username: 'ada', password: '!', email: 'changed@example.com' } },
  ];
  writeFileSync(join(cwd, 'load.json'), JSON.stringify(records));
  const load = runManage(['loaddata', 'load.json'], { db: pooler, cwd });
  await until(async () => (await count('primary', 'pg_locks WHERE NOT granted')) > 0);

  const clear = runManage(['clearsessions', '--batch-size', '20', '--pause', '20', '--json'], { db: pooler });
  await until(async () => (await count('primary', 'django_session')) < expired);

  pair.killPrimary();
  const before = writer.answered.size;
  expect((await visitor.fetch(`${site.url}/whoami/`)).status).toBe(503);
  await pair.promote();
  pooler.turnTo(pair.standby);

  const cleared = await clear;
  expect([cleared.exitCode, cleared.stderr, cleared.json.stopped]).toEqual([0, '', null]);
  expect(await count('standby', "django_session WHERE session_key LIKE 'old%'")).toBe(0);

  const loaded = await load;
  expect([loaded.exitCode, loaded.stdout]).toEqual([1, '']);
  expect(await count('standby', "auth_group WHERE name = 'loaded'")).toBe(0);
  expect(await count('standby', "auth_user WHERE email = 'changed@example.com'")).toBe(0);

  await until(async () => (await visitor.fetch(`${site.url}/healthz/`)).status === 204);
  expect((await visitor.fetch(`${site.url}/whoami/`)).json).toMatchObject({ user: 'ada' });
  expect((await visitor.fetch(`${site.url}/count/`)).json).toEqual({ count: 2 });
  expect((await manage(['listusers', '--json'], { db: pooler })).exitCode).toBe(0);

  await until(async () => writer.answered.size > before + 20);
  await writer.stop();
  const kept = new Set((await pair.query('standby', 'SELECT name FROM auth_group')).map(({ name }) => String(name)));
  expect([...writer.answered].filter((name) => !kept.has(name))).toEqual([]);
  expect(site.errors()).not.toMatch(/unhandled|uncaught/i);
});
