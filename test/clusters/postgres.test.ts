import { existsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { jar } from '../helpers/browser.js';
import { startExample } from '../helpers/example-server.js';
import { manage, runManage, temporaryFolder } from '../helpers/manage.js';
import { type PostgresPair, startPair } from '../helpers/postgres-pair.js';

const password = 'Kaltes-Wasser-7';
const env = { SECRET_KEY: 'not-a-secret-0123456789-abcdefghijklmnopqrstuvwxyz' };
const expired = 6000;

let pair: PostgresPair;

beforeAll(async () => {
  pair = await startPair();
  const migrated = await manage(['migrate', '-v0'], { db: { url: pair.both }, env, cwd: tmpdir() });
  expect(migrated.stderr).toBe('');
  const made = await manage(
    ['createsuperuser', '--username', 'ada', '--email', 'ada@example.com', '--password-stdin'],
    { db: { url: pair.both }, env, stdin: password, cwd: tmpdir() },
  );
  expect(made.stderr).toBe('');
  const sessions = (key: string, count: number, days: number) =>
    pair.query(
      'primary',
      `INSERT INTO django_session SELECT $1 || lpad(i::text, 29, '0'), 'x', now() + $2 * interval '1 day' FROM generate_series(1, $3) i`,
      [key, days, count],
    );
  await sessions('old', expired, -1);
  await sessions('new', 300, 1);
});
afterAll(() => pair?.stop());

/** Looks again until something holds. */
async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('a standby', () => {
  const onStandby = (args: readonly string[], options: Parameters<typeof manage>[1] = {}) =>
    manage(args, { db: { url: pair.standby }, env, ...options });

  test.each([
    'listusers',
    'showuser ada',
    'access ada',
    'credentials ada',
    'exportuser ada',
    'listgroups',
    'listsessions --active',
    'sessionstats',
    'listlog',
    'listtokens',
    'check',
    'doctor',
    'showmigrations',
    'migrate --plan',
    'migrate --check',
    'dumpdata auth',
    'dumpdata auth --no-snapshot',
    'dumpaccess',
    'inspectdb',
    'sqlflush',
    'sqlsequencereset auth',
    'auditpasswords',
    'flush --dry-run',
    'clearsessions --dry-run',
    'clear_models auth.group --cascade --dry-run',
    'revokesessions --all --dry-run',
    'deleteuser ada --dry-run',
    'offboard ada --dry-run',
    'prune --dry-run',
    'populate_db --dry-run',
    'remove_stale_contenttypes --dry-run',
  ])('is read by %s', async (line) => {
    const { exitCode, stderr } = await onStandby(line.split(' '));
    expect([exitCode, stderr]).toEqual([0, expect.not.stringContaining('Error')]);
  });

  test.each([
    'createuser --username bob',
    'createsuperuser --username bob --email bob@example.com',
    'changepassword ada',
    'checkpassword ada --upgrade',
    'edituser ada --email ada@example.org',
    'deleteuser ada',
    'activateuser ada',
    'grant --user ada auth.add_user',
    'creategroup staff',
    'importusers users.csv',
    'loaddata users.json',
    'flush',
    'clear_models auth.group --cascade',
    'clearsessions',
    'revokesessions --all',
    'createsession ada',
    'prune',
    'migrate',
    'migrate auth zero',
    'populate_db',
    'reset_db',
    'remove_stale_contenttypes',
    'update_permissions',
    'sqlsequencereset auth --apply',
    'set_fake_passwords',
    'offboard ada',
  ])('is left alone by %s, and nobody is asked anything', async (line) => {
    const cwd = temporaryFolder({ 'users.json': '[]', 'users.csv': 'username\nbob\n' });
    const { exitCode, stdout, stderr } = await onStandby(line.split(' '), { cwd, answers: [] });
    expect([exitCode, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(
      /^CommandError: The database 'auth' can only be read at 127\.0\.0\.1:\d+, which is a standby\.\n.*target_session_attrs=read-write\.\n$/,
    );
  });

  test('target_session_attrs chooses among the servers', async () => {
    const [primary, standby] = [new URL(pair.primary).host, new URL(pair.standby).host];
    const where = async (attrs: string, hosts = [standby, primary]) => {
      const url = pair.primary.replace(primary, hosts.join(','));
      const { stdout, stderr } = await manage(['clearsessions', '--dry-run', '--json', '-v3'], {
        db: { url: `${url}?target_session_attrs=${attrs}` },
        env,
      });
      if (stdout === '') return stderr;
      const opened = await manage(['flush', '--dry-run', '--json'], {
        db: { url: `${url}?target_session_attrs=${attrs}` },
        env,
      });
      return opened.json.target.replace('auth on ', '');
    };
    expect(await where('any')).toBe(standby);
    expect(await where('read-write')).toBe(primary);
    expect(await where('primary')).toBe(primary);
    expect(await where('read-only', [primary, standby])).toBe(standby);
    expect(await where('standby', [primary, standby])).toBe(standby);
    expect(await where('prefer-standby', [primary, standby])).toBe(standby);
    expect(await where('prefer-standby', [primary])).toBe(primary);
    expect(await where('any', ['127.0.0.1:1', primary])).toBe(primary);
    expect(await where('read-write', [standby, '127.0.0.1:1'])).toBe(
      '{"error":{"code":"unsuitable_server","message":' +
        `"The PostgreSQL server at ${standby} is a standby, and the database URL asks for target_session_attrs=read-write. ` +
        'No PostgreSQL server answers at 127.0.0.1:1.",' +
        '"hint":"Name further servers in the database URL, or another target_session_attrs."}}\n',
    );
  });

  test('a database that is set to be read is told apart from it', async () => {
    await pair.query('primary', 'ALTER DATABASE auth SET default_transaction_read_only = on');
    const { exitCode, stderr } = await manage(['flush'], { db: { url: pair.primary }, env, answers: [] });
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining("is set to be read only for the user 'postgres'.")]);
    const { stderr: other } = await manage(['listusers'], { db: { url: pair.both }, env });
    expect(other).toContain('can only be read, and the database URL asks for target_session_attrs=read-write.');
    const client = new pg.Client({ connectionString: pair.primary.replace('/auth', '/postgres') });
    await client.connect();
    await client.query('ALTER DATABASE auth RESET default_transaction_read_only');
    await client.end();
  });
});

test('what is in batches goes on at the new primary, all else is rolled back, and nothing that was committed is lost', async () => {
  const db = { url: pair.both };
  const folder = temporaryFolder();
  const count = async (server: 'primary' | 'standby', where: string) =>
    Number((await pair.query(server, `SELECT count(*) AS n FROM ${where}`))[0]?.n);

  // A site with somebody logged in.
  const site = await startExample(db);
  const visitor = jar();
  await visitor.fetch(`${site.url}/accounts/signup/`, { form: { username: 'bob', password } });
  expect((await visitor.fetch(`${site.url}/count/`)).json).toEqual({ count: 1 });

  // Somebody who writes, and is told what is committed.
  const writer = new pg.Client({ connectionString: pair.primary });
  writer.on('error', () => undefined);
  await writer.connect();
  let [committed, sent] = [0, 0];
  const writing = (async () => {
    for (;;) {
      sent++;
      await writer.query('INSERT INTO auth_group (name) VALUES ($1)', [`written ${sent}`]);
      committed = sent;
    }
  })().catch(() => undefined);

  // A load that waits in the middle: another program has locked a row that it is to change.
  const holder = new pg.Client({ connectionString: pair.primary });
  holder.on('error', () => undefined);
  await holder.connect();
  await holder.query("BEGIN; UPDATE auth_user SET first_name = 'held' WHERE username = 'ada'");
  const [ada] = await pair.query('primary', "SELECT id FROM auth_user WHERE username = 'ada'");
  const fixture = [
    ...Array.from({ length: 50 }, (_, index) => ({
      model: 'auth.group',
      pk: 900_000 + index,
      fields: { name: `loaded ${index}`, permissions: [] },
    })),
    { model: 'auth.user', pk: ada?.id, fields: { username: 'ada', password: '!', email: 'changed@example.com' } },
  ];
  writeFileSync(join(folder, 'load.json'), JSON.stringify(fixture));
  const load = runManage(['loaddata', 'load.json'], { db, env, cwd: folder });

  // A dump that waits for a table that is locked.
  await holder.query('LOCK TABLE django_admin_log IN ACCESS EXCLUSIVE MODE');
  writeFileSync(join(folder, 'whole.json'), 'what was there before');
  const dump = runManage(['dumpdata', '-o', 'whole.json'], { db, env, cwd: folder });
  await until(async () => {
    const rows = await pair.query(
      'primary',
      "SELECT 1 FROM pg_stat_activity WHERE application_name = 'manage-auth' AND wait_event_type = 'Lock'",
    );
    return rows.length >= 2 ? true : undefined;
  });

  const clear = runManage(['clearsessions', '--batch-size', '20', '--pause', '20', '--json'], { db, env });
  await until(async () => ((await count('primary', 'django_session')) < expired ? true : undefined));

  pair.killPrimary();
  await writing;
  const away = await visitor.fetch(`${site.url}/whoami/`);
  expect([away.status, away.headers.get('retry-after')]).toEqual([503, '5']);
  expect((await visitor.fetch(`${site.url}/count/`)).status).toBe(503);

  await pair.promote();
  expect((await visitor.fetch(`${site.url}/whoami/`)).json).toMatchObject({ user: 'bob' });
  expect((await visitor.fetch(`${site.url}/count/`)).json).toEqual({ count: 2 });

  const cleared = await clear;
  expect([cleared.exitCode, cleared.stderr]).toEqual([0, '']);
  expect(await count('standby', "django_session WHERE session_key LIKE 'old%'")).toBe(0);
  expect(await count('standby', "django_session WHERE session_key LIKE 'new%'")).toBe(300);
  expect(cleared.json.stopped).toBeNull();

  const loaded = await load;
  expect(loaded.exitCode).toBe(1);
  expect(loaded.stderr).toContain('was lost');
  expect(await count('standby', "auth_group WHERE name LIKE 'loaded%'")).toBe(0);
  expect(await count('standby', "auth_user WHERE email = 'changed@example.com'")).toBe(0);

  const dumped = await dump;
  expect(dumped.exitCode).toBe(1);
  expect(dumped.stderr).toContain('was lost');
  expect(existsSync(join(folder, 'whole.json'))).toBe(true);

  expect(committed).toBeGreaterThan(0);
  const kept = await count('standby', "auth_group WHERE name LIKE 'written%'");
  expect(kept).toBeGreaterThanOrEqual(committed);
  expect(kept).toBeLessThanOrEqual(sent);
});
