import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import mysql from 'mysql2/promise';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Galera, type GaleraNode, startGalera } from '../helpers/galera.js';
import { manage, runManage, temporaryFolder } from '../helpers/manage.js';

const env = { SECRET_KEY: 'not-a-secret-0123456789-abcdefghijklmnopqrstuvwxyz' };

let galera: Galera;
/** What names all nodes, the first one first. */
const db = () => ({ url: galera.url() });

beforeAll(async () => {
  galera = await startGalera();
  const { stderr } = await manage(['migrate', '-v0'], { db: db(), env, cwd: tmpdir() });
  expect(stderr).toBe('');
});
afterAll(() => galera?.stop());

async function until(look: () => Promise<boolean>): Promise<void> {
  while (!(await look())) await sleep(10);
}

async function count(node: GaleraNode, from: string): Promise<number> {
  return Number((await node.query(`SELECT COUNT(*) AS n FROM ${from}`))[0]?.n);
}

/** What all tables of a database have on a node, as the server sums it up. */
async function contents(node: GaleraNode, database: string): Promise<unknown> {
  await node.query('SELECT 1 FROM auth.django_migrations LIMIT 1');
  const tables = await node.query(
    'SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? ORDER BY 1',
    [database],
  );
  const names = tables.map(({ name }) => `\`${database}\`.\`${name}\``);
  return node.query(`CHECKSUM TABLE ${names.join(', ')}`);
}

async function expectEqual(nodes: readonly GaleraNode[], database = 'auth'): Promise<void> {
  const [first, ...others] = await Promise.all(nodes.map((node) => contents(node, database)));
  for (const other of others) expect(other).toEqual(first);
}

/** Fills the tables anew: one account, and sessions. */
async function fill({ old = 0, fresh = 0 }: { readonly old?: number; readonly fresh?: number } = {}): Promise<void> {
  const [node] = galera.nodes;
  for (const table of [
    'django_session',
    'django_admin_log',
    'auth_user_groups',
    'auth_user_user_permissions',
    'auth_group_permissions',
    'auth_group',
  ]) {
    await node.query(`DELETE FROM ${table}`);
  }
  await node.query('DELETE FROM auth_user');
  await node.query(
    `INSERT INTO auth_user (id, username, password, is_superuser, first_name, last_name, email, is_staff, is_active, date_joined)
     VALUES (1, 'ada', '!', 1, '', '', 'ada@example.com', 1, 1, UTC_TIMESTAMP(6))`,
  );
  for (const [key, rows, days] of [
    ['old', old, -1],
    ['new', fresh, 1],
  ] as const) {
    if (rows === 0) continue;
    await node.query(
      `INSERT INTO django_session SELECT CONCAT(?, LPAD(seq, 29, '0')), 'x', UTC_TIMESTAMP(6) + INTERVAL ? DAY FROM seq_1_to_${rows}`,
      [key, days],
    );
  }
}

/** A connection of somebody else to the first node. */
async function someone(): Promise<mysql.Connection> {
  const [host, port] = galera.nodes[0].address.split(':');
  const client = await mysql.createConnection({
    host: host ?? '',
    port: Number(port),
    user: 'manage',
    database: 'auth',
  });
  client.on('error', () => undefined);
  return client;
}

/** Whether a statement of this program waits on the first node for what somebody else has locked. */
async function waits(): Promise<boolean> {
  const rows = await galera.nodes[0].query("SELECT 1 FROM information_schema.INNODB_TRX WHERE trx_state = 'LOCK WAIT'");
  return rows.length > 0;
}

test('locks of this program are in no dump, check or list of tables', async () => {
  const [node] = galera.nodes;
  expect(await node.query("SHOW TABLES LIKE 'manage_lock'")).toHaveLength(1);
  expect(await node.query('SELECT * FROM manage_lock')).toEqual([]);
  for (const args of [['inspectdb'], ['sqlflush'], ['flush', '--dry-run'], ['dumpdata', '--introspect'], ['check']]) {
    const { exitCode, stdout, stderr } = await manage(args, { db: db(), env });
    expect([args, exitCode, stdout + stderr]).toEqual([args, 0, expect.not.stringContaining('manage_lock')]);
  }
});

test('commands on one node while others write on the others', async () => {
  await fill({ old: 3000, fresh: 500 });
  let ended = false;
  const written: string[] = [];
  /** Writes what commands write too; of what was accepted, nothing may be lost. */
  const write = async (node: GaleraNode, name: string) => {
    for (let turn = 1; !ended; turn++) {
      const key = `${name}${String(turn).padStart(29, '0')}`;
      const statements: [string, unknown[]][] = [
        ["UPDATE auth_user SET last_login = UTC_TIMESTAMP(6) WHERE username IN ('ada', 'bob', 'eve')", []],
        ['UPDATE auth_group SET name = name', []],
        [
          "UPDATE django_session SET expire_date = UTC_TIMESTAMP(6) + INTERVAL 2 DAY WHERE session_key LIKE 'new%' LIMIT 20",
          [],
        ],
        ["INSERT INTO django_session VALUES (?, 'x', UTC_TIMESTAMP(6) + INTERVAL 1 DAY)", [key]],
      ];
      // More often than any site does, and not so often that nobody else ever comes first.
      await sleep(20);
      for (const [sql, values] of statements) {
        try {
          await node.query(sql, values);
          if (values.length > 0) written.push(key);
        } catch (error) {
          // Who comes second is told so.
          if ((error as { errno?: number }).errno !== 1213) throw error;
        }
      }
    }
  };
  const writing = Promise.all([write(galera.nodes[1], 'two'), write(galera.nodes[2], 'tri')]);
  const users = JSON.stringify(
    Array.from({ length: 200 }, (_, index) => ({
      model: 'auth.user',
      pk: 1000 + index,
      fields: { username: `loaded-${index}`, password: '!', groups: [] },
    })),
  );
  const cwd = temporaryFolder({ 'users.json': users, 'users.csv': 'username,email\ncarl,carl@example.com\n' });
  try {
    for (const [line, stdin] of [
      ['createuser --username bob --email bob@example.com --no-input'],
      ['createuser --username eve --email eve@example.com --password-stdin', 'Kaltes-Wasser-7'],
      ['changepassword bob --password-stdin', 'Warmes-Wasser-7'],
      ['creategroup staff'],
      ['edituser bob --email bob@example.org --add-group staff'],
      ['grant --user bob --group staff auth.add_user auth.change_user'],
      ['editgroup staff --add-permission auth.delete_user'],
      ['loaddata users.json'],
      ['importusers users.csv'],
      ['deactivateuser eve'],
      ['createsession bob'],
      ['clearsessions'],
      ['revokesessions --user bob --no-input'],
      ['update_permissions'],
      ['dumpdata'],
      ['listusers'],
      ['showuser bob'],
      ['sessionstats'],
      ['migrate'],
      ['prune'],
      ['revoke --user bob auth.add_user'],
      ['mergeusers bob eve --no-input'],
      ['deleteuser bob --no-input'],
    ]) {
      const args = (line ?? '').split(' ');
      const result = await manage(args, { db: db(), env, cwd, ...(stdin === undefined ? {} : { stdin }) });
      expect([line, result.exitCode, result.stderr]).toEqual([line, 0, expect.not.stringContaining('Error')]);
    }
  } finally {
    ended = true;
  }
  await writing;
  await expectEqual(galera.nodes);
  const [node] = galera.nodes;
  expect(await count(node, "django_session WHERE session_key LIKE 'old%'")).toBe(0);
  expect(await count(node, "django_session WHERE session_key LIKE 'new%'")).toBe(500);
  expect(await count(node, "auth_user WHERE username LIKE 'loaded-%'")).toBe(200);
  const kept = await node.query(
    "SELECT session_key FROM django_session WHERE session_key REGEXP '^(two|tri)' ORDER BY 1",
  );
  expect(kept.map(({ session_key }) => session_key)).toEqual(written.sort());
});

describe('two operators on two nodes', () => {
  test('one of them clears sessions, and both migrate a new database', async () => {
    await fill({ old: 2000 });
    const slow = runManage(['clearsessions', '--batch-size', '50', '--pause', '20', '--json'], { db: db(), env });
    await until(async () => (await count(galera.nodes[1], 'django_session')) < 2000);
    const second = await manage(['clearsessions', '--json'], { db: { url: galera.url(1) }, env });
    expect([second.exitCode, second.json.running]).toEqual([0, true]);
    expect((await slow).json.deleted).toBe(2000);

    await galera.nodes[0].query('DROP DATABASE IF EXISTS fresh');
    await galera.nodes[0].query('CREATE DATABASE fresh CHARACTER SET utf8mb4');
    const runs = await Promise.all(
      ([0, 1] as const).map((node) =>
        runManage(['migrate', '--json'], { db: { url: galera.url(node).replace('/auth', '/fresh') }, env }),
      ),
    );
    expect(runs.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
    const applied = runs.map(({ json }) => json.applied.length).sort();
    expect(applied[0]).toBe(0);
    expect(applied[1]).toBeGreaterThan(10);
    await expectEqual(galera.nodes, 'fresh');
  });

  test('what a run leaves that is killed is taken over by the next one on another node, when its time is up', async () => {
    await fill({ old: 2000, fresh: 10 });
    const kill = new AbortController();
    const args = ['clearsessions', '--batch-size', '50', '--pause', '20', '--json'];
    const killed = runManage(args, { db: db(), env, killed: kill.signal }).catch(String);
    await until(async () => (await count(galera.nodes[1], 'django_session')) < 2000);
    kill.abort();
    expect(await killed).toContain('SIGKILL');
    const [, second] = galera.nodes;
    const next = () => manage(['clearsessions', '--json'], { db: { url: galera.url(1) }, env });
    const early = await next();
    expect([early.exitCode, early.json.running]).toEqual([0, true]);
    await second.query('UPDATE manage_lock SET until = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND');
    const late = await next();
    expect([late.exitCode, late.json.running]).toEqual([0, false]);
    expect(await count(second, 'django_session')).toBe(10);
    expect(await count(second, 'manage_lock')).toBe(0);
    await expectEqual(galera.nodes);
  });

  test('importusers begins again where the other node commits first', async () => {
    await fill();
    const [first, second] = galera.nodes;
    await first.query(
      "INSERT INTO auth_user SELECT 2, password, NULL, 0, 'bob', '', '', '', 0, 1, date_joined FROM auth_user",
    );
    const holder = await someone();
    await holder.query('START TRANSACTION');
    await holder.query("UPDATE auth_user SET first_name = 'held' WHERE username = 'bob'");
    const rows = ['username,email', 'ada,ada@example.org', 'bob,bob@example.org', 'eve,eve@example.org'];
    const cwd = temporaryFolder({ 'users.csv': rows.join('\n') });
    const run = runManage(['importusers', 'users.csv', '--update', '--json'], { db: db(), env, cwd });
    await until(waits);
    // What the run has read and locked is changed on another node, which ends its transaction; the holder's row is free then.
    await second.query("UPDATE auth_user SET last_name = 'other' WHERE username IN ('ada', 'bob')");
    await holder.query('ROLLBACK').catch(() => undefined);
    holder.destroy();
    const { exitCode, json } = await run;
    expect([exitCode, json]).toEqual([0, expect.objectContaining({ read: 3, created: 1, updated: 2 })]);
    const users = await second.query('SELECT username, last_name, email FROM auth_user ORDER BY username');
    expect(users).toEqual([
      { username: 'ada', last_name: 'other', email: 'ada@example.org' },
      { username: 'bob', last_name: 'other', email: 'bob@example.org' },
      { username: 'eve', last_name: '', email: 'eve@example.org' },
    ]);
    await expectEqual(galera.nodes);
  });

  test('both change the same accounts', async () => {
    await fill();
    const change = (node: 0 | 1, turn: number) =>
      manage(['edituser', 'ada', '--email', `ada-${node}-${turn}@example.com`], { db: { url: galera.url(node) }, env });
    for (let turn = 0; turn < 5; turn++) {
      const done = await Promise.all([change(0, turn), change(1, turn)]);
      expect(done.map(({ exitCode, stderr }) => [exitCode, stderr])).toEqual(
        done.map(() => [0, expect.not.stringContaining('Error')]),
      );
    }
    await expectEqual(galera.nodes);
  });
});

describe('the node of a command is killed', () => {
  beforeEach(async () => {
    await galera.nodes[0].join();
    await fill({ old: 4000, fresh: 300 });
  });

  /** The others have all that there was; so has this one when it is back. */
  const afterwards = async (look: (node: GaleraNode) => Promise<void>, database = 'auth') => {
    const [first, second, third] = galera.nodes;
    await expectEqual([second, third], database);
    await look(second);
    await first.join();
    await expectEqual(galera.nodes, database);
    await look(first);
  };

  test('clearsessions goes on at the next one', async () => {
    const run = runManage(['clearsessions', '--batch-size', '100', '--pause', '30'], { db: db(), env });
    await until(async () => (await count(galera.nodes[1], 'django_session')) < 4300);
    await galera.nodes[0].kill();
    const { exitCode, stdout, stderr } = await run;
    expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/^Removed \d+ expired sessions\.\n$/)]);
    expect(stderr).toContain(`Connections go to ${galera.nodes[1].address} from here on.\n`);
    await afterwards(async (node) => {
      expect(await count(node, "django_session WHERE session_key LIKE 'old%'")).toBe(0);
      expect(await count(node, "django_session WHERE session_key LIKE 'new%'")).toBe(300);
    });
  });

  test('revokesessions goes on at the next one', async () => {
    const holder = await someone();
    await holder.query('START TRANSACTION');
    await holder.query("UPDATE django_session SET session_data = 'y' WHERE session_key LIKE 'new%1'");
    const run = runManage(['revokesessions', '--all', '--no-input'], { db: db(), env });
    await until(waits);
    await galera.nodes[0].kill();
    const { exitCode, stdout, stderr } = await run;
    expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/^Ended \d+ sessions\.\n$/)]);
    expect(stderr).toContain('was lost. Trying again for 60 seconds.');
    expect(stderr).toContain('The database answers again: going on.');
    await afterwards(async (node) => expect(await count(node, 'django_session')).toBe(0));
  });

  test('loaddata is rolled back, and says so', async () => {
    const fixture = [
      ...Array.from({ length: 300 }, (_, index) => ({
        model: 'auth.group',
        pk: 5000 + index,
        fields: { name: `loaded ${index}`, permissions: [] },
      })),
      { model: 'auth.user', pk: 1, fields: { username: 'ada', password: '!', email: 'changed@example.com' } },
    ];
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'load.json'), JSON.stringify(fixture));
    const holder = await someone();
    await holder.query('START TRANSACTION');
    await holder.query("UPDATE auth_user SET first_name = 'held'");
    const run = runManage(['loaddata', 'load.json'], { db: db(), env, cwd });
    await until(waits);
    await galera.nodes[0].kill();
    const { exitCode, stderr } = await run;
    expect([exitCode, stderr]).toEqual([1, expect.stringMatching(/^CommandError: The connection to .* was lost/m)]);
    const again = await manage(['loaddata', 'load.json'], { db: db(), env, cwd });
    expect(again.stdout).toBe('Installed 301 object(s) from 1 fixture(s)\n');
    await afterwards(async (node) => {
      expect(await count(node, 'auth_group')).toBe(300);
      expect(await count(node, "auth_user WHERE email = 'changed@example.com' AND first_name = ''")).toBe(1);
    });
  });

  test('flush is rolled back, and says so', async () => {
    const holder = await someone();
    await holder.query('START TRANSACTION');
    await holder.query("UPDATE django_session SET session_data = 'y' WHERE session_key LIKE 'new%1'");
    const run = runManage(['flush', '--no-input'], { db: db(), env });
    await until(waits);
    await galera.nodes[0].kill();
    const { exitCode, stderr } = await run;
    expect([exitCode, stderr]).toEqual([1, expect.stringMatching(/^CommandError: The connection to .* was lost/m)]);
    const [, second] = galera.nodes;
    expect(await count(second, 'django_session')).toBe(4300);
    expect(await count(second, 'auth_user')).toBe(1);
    const again = await manage(['flush', '--no-input'], { db: db(), env });
    expect(again.exitCode).toBe(0);
    await afterwards(async (node) => {
      expect(await count(node, 'django_session')).toBe(0);
      expect(await count(node, 'auth_permission WHERE id BETWEEN 1 AND 24')).toBe(24);
    });
  });

  test('migrate goes on from there with the next run', async () => {
    const [, second] = galera.nodes;
    await second.query('DROP DATABASE IF EXISTS half');
    await second.query('CREATE DATABASE half CHARACTER SET utf8mb4');
    const half = { url: galera.url().replace('/auth', '/half') };
    const run = runManage(['migrate'], { db: half, env });
    const tables = "information_schema.TABLES WHERE TABLE_SCHEMA = 'half'";
    await until(async () => (await count(second, tables)) > 6);
    await galera.nodes[0].kill();
    const { exitCode, stderr } = await run;
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('was lost')]);
    const again = await manage(['migrate'], { db: half, env });
    expect([again.exitCode, again.stderr]).toEqual([0, '']);
    expect((await manage(['migrate', '--check'], { db: half, env })).exitCode).toBe(0);
    await afterwards(async (node) => {
      expect(await count(node, `${tables} AND TABLE_NAME = 'manage_migration_progress'`)).toBe(0);
      expect(await count(node, 'half.auth_permission')).toBe(24);
    }, 'half');
  });
});

test('a node that is left alone is said in a sentence', async () => {
  const [first, second, third] = galera.nodes;
  await Promise.all([second.kill(), third.kill()]);
  await first.query('SET SESSION wsrep_sync_wait = 0');
  await until(async () => {
    const [row] = await first.query("SHOW STATUS LIKE 'wsrep_cluster_status'");
    return row?.Value !== 'Primary';
  });
  const { exitCode, stderr } = await manage(['listusers'], {
    db: { url: `mysql://manage@${first.address}/auth` },
    env,
  });
  expect([exitCode, stderr]).toEqual([
    1,
    `CommandError: The node at ${first.address} is cut off from the greater part of its cluster.\nUse another node, or wait until they meet again.\n`,
  ]);
});
