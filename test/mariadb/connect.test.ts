import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { connect } from '../../src/db/connect/connect.js';
import type { Connection } from '../../src/db/connect/connection.js';
import { explainMariadb } from '../../src/db/engines/mariadb/errors.js';
import { parseMariadbUrl } from '../../src/db/engines/mariadb/url.js';
import { coreApps } from '../../src/registry/core.js';
import { createRegistry } from '../../src/registry/define.js';
import { createDatabase, type TestDatabase } from '../helpers/databases.js';
import { manage, runManage, temporaryFolder } from '../helpers/manage.js';

const tls = (name: string) => join(import.meta.dirname, '../data/samples/tls', name);

let db: TestDatabase;
const undo: (() => Promise<unknown>)[] = [];
beforeEach(async () => {
  db = await createDatabase('mariadb');
  undo.push(() => db.drop());
});
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

const name = () => new URL(db.url).pathname.slice(1);

/** The URL of the database with something changed. */
function url(change: (changed: URL) => unknown): { url: string } {
  const changed = new URL(db.url);
  change(changed);
  return { url: changed.href };
}

/** A user of its own, who comes by the network or the socket, with these rights. */
async function user(rights: string, { host = '127.0.0.1', password = 'p4ss word', more = '' } = {}) {
  const account = `'u_${name().slice(-20)}'@'${host}'`;
  await db.query(`CREATE USER ${account} IDENTIFIED BY '${password}' ${more}`);
  undo.push(() => db.query(`DROP USER ${account}`));
  await db.query(`GRANT ${rights} ON "${name()}".* TO ${account}`);
  return { name: `u_${name().slice(-20)}`, password };
}

async function open(options: { url: string }): Promise<Connection> {
  const target = parseMariadbUrl(options.url.replace(/^mysql:/, ''), { base: '/', lookup: () => undefined });
  const connection = await connect({ alias: 'default', protected: false, target }, createRegistry(coreApps));
  undo.push(() => connection.close());
  return connection;
}

describe('TLS', () => {
  const cipher = async (search: string) => {
    const { db: executor } = await open(
      url((changed) => void Object.assign(changed, { hostname: 'localhost', search })),
    );
    const [rows] = await executor.raw("SHOW SESSION STATUS LIKE 'Ssl_cipher'");
    return String(rows[0]?.Value);
  };

  test.each([
    ['?ssl-mode=disabled', /^$/],
    ['', /./],
    ['?ssl-mode=required', /./],
    [`?ssl-ca=${tls('root.crt')}`, /./],
    [`?ssl-mode=verify_ca&ssl-ca=${tls('root.crt')}`, /./],
    [`?ssl-mode=verify_identity&ssl-ca=${tls('root.crt')}`, /./],
  ])('%s', async (search, expected) => {
    expect(await cipher(search)).toMatch(expected);
  });

  test.each([
    // The driver would compare the certificate of an address with the name localhost.
    [`?ssl-mode=verify_identity&ssl-ca=${tls('root.crt')}`, /cannot be compared with the address 127\.0\.0\.1/],
    ['?ssl-mode=verify_ca', /cannot be trusted: .*certificate/],
    [`?ssl-mode=verify_ca&ssl-ca=${tls('server.key')}`, /cannot be trusted/],
    ['?ssl-mode=verify_ca&ssl-ca=/nowhere.crt', /The root certificate '\/nowhere\.crt' cannot be read\./],
  ])('%s is refused', async (search, message) => {
    const { exitCode, stderr } = await manage(['showmigrations'], {
      db: url((changed) => Object.assign(changed, { search })),
    });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(message);
  });

  test('a user who must use TLS is let in with it alone', async () => {
    const { name: username, password } = await user('ALL', { more: 'REQUIRE SSL' });
    const by = (search: string) =>
      manage(['migrate', '-v0'], { db: url((changed) => Object.assign(changed, { username, password, search })) });
    expect(await by('')).toMatchObject({ exitCode: 0, stderr: '' });
    expect((await by('?ssl-mode=disabled')).stderr).toContain('does not accept');
  });
});

describe('where the server is', () => {
  test('a socket', async () => {
    const { name: username, password } = await user('ALL', { host: 'localhost' });
    const [row] = await db.query('SELECT @@socket AS socket');
    const { exitCode, stderr } = await manage(['migrate', '-v0'], {
      db: { url: `mysql://${username}:${encodeURIComponent(password)}@/${name()}?socket=${row?.socket}` },
    });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  });

  test('dbshell is given the first of several servers that answers, and the ssl-mode', async () => {
    const { port } = new URL(db.url);
    const shell = async (search: string) => {
      const source = { url: url((changed) => Object.assign(changed, { port: '1', search })).url };
      const args = ['dbshell', '--', '-N', '-e', "SHOW STATUS LIKE 'Ssl_cipher'; SELECT DATABASE()"];
      return (await runManage(args, { db: source })).stdout;
    };
    expect(await shell(`?hosts=127.0.0.1:${port}&ssl-mode=disabled`)).toBe(`Ssl_cipher\t\n${name()}\n`);
    expect(await shell(`?hosts=127.0.0.1:${port}&ssl-mode=required`)).toMatch(/^Ssl_cipher\t.+\n/);
  });

  test('a file of options has what the URL does not say, the password above all', async () => {
    const { name: username, password } = await user('ALL');
    const { hostname, port } = new URL(db.url);
    const cwd = temporaryFolder({
      'my.cnf': `[mysqld]\nport=1\n[client]\nhost=${hostname}\nport = ${port}\nuser=${username}\npassword="${password}"\n`,
    });
    const source = { url: `mysql:///${name()}?defaults-file=my.cnf` };
    expect(await manage(['migrate', '-v0'], { db: source, cwd })).toMatchObject({ exitCode: 0, stderr: '' });
    const shell = await runManage(['dbshell', '--', '-N', '-e', 'SELECT CURRENT_USER()'], { db: source, cwd });
    expect(shell).toMatchObject({ exitCode: 0, stdout: `${username}@127.0.0.1\n` });
    const none = await manage(['migrate', '-v0'], { db: { url: `mysql:///${name()}?defaults-file=none.cnf` }, cwd });
    expect(none.stderr).toMatch(/The option file '.*none\.cnf' cannot be read\./);
  });
});

describe('errors are sentences', () => {
  const said = async (change: (changed: URL) => unknown, ...args: string[]) => {
    const result = await manage(args.length === 0 ? ['showmigrations'] : args, { db: url(change) });
    expect(result).toMatchObject({ exitCode: 1, stdout: '' });
    expect(result.stderr).not.toMatch(/\n +at |p4ss/);
    return result.stderr;
  };

  test('a wrong password, and none', async () => {
    const { name: username } = await user('ALL');
    const wrong = await said((changed) => Object.assign(changed, { username, password: 'p4ss' }));
    expect(wrong).toContain(`does not accept this password of '${username}'`);
    const none = await said((changed) => Object.assign(changed, { username, password: '' }));
    expect(none).toContain(`wants a password for the user '${username}'`);
  });

  test('no server, and no such database', async () => {
    expect(await said((changed) => Object.assign(changed, { port: '1' }))).toMatch(
      /No MariaDB or MySQL server answers at 127\.0\.0\.1:1\./,
    );
    const lacking = await said((changed) => Object.assign(changed, { pathname: '/nowhere_at_all' }));
    expect(lacking).toContain("has no database 'nowhere_at_all'");
  });

  test('rights that a user lacks', async () => {
    expect(await manage(['migrate', '-v0'], { db })).toMatchObject({ exitCode: 0 });
    const { name: username, password } = await user('SELECT');
    const denied = await said((changed) => Object.assign(changed, { username, password }), 'creategroup', 'editors');
    expect(denied).toContain(`The user '${username}' lacks a privilege in '${name()}': INSERT command denied`);
  });

  test('a server that only reads', async () => {
    expect(await manage(['migrate', '-v0'], { db })).toMatchObject({ exitCode: 0 });
    const { name: username, password } = await user('ALL');
    undo.push(() => db.query('SET GLOBAL read_only = 0'));
    await db.query('SET GLOBAL read_only = 1');
    const change = (changed: URL) => void Object.assign(changed, { username, password });
    expect(await said(change, 'creategroup', 'editors')).toContain('can only be read');
    expect(await manage(['listgroups'], { db: url(change) })).toMatchObject({ exitCode: 0 });
  });

  test('too many connections', async () => {
    const { name: username, password } = await user('ALL', { more: 'WITH MAX_USER_CONNECTIONS 1' });
    const change = (changed: URL) => void Object.assign(changed, { username, password });
    const { db: executor } = await open(url(change));
    await executor.raw('SELECT 1');
    expect(await said(change)).toContain('has no free connections');
  });

  test('a connection that is lost', async () => {
    const connection = await open(url(() => undefined));
    const [[row]] = await connection.db.raw('SELECT CONNECTION_ID() AS id');
    const sleeping = connection.db.raw('SELECT SLEEP(60)').then(
      () => 'slept',
      (error: unknown) => error,
    );
    for (;;) {
      const [busy] = await db.query(
        "SELECT id FROM information_schema.processlist WHERE info LIKE 'SELECT SLEEP(60)%'",
      );
      if (busy === undefined) continue;
      expect(String(row.id)).toBe(String(busy.id));
      await db.query(`KILL ${busy.id}`);
      break;
    }
    expect(await sleeping).toMatchObject({ code: expect.stringMatching(/connection_lost|query_cancelled/) });
  });

  test.each([
    [1021, 'disk_full', /has no disk space left/],
    [1114, 'disk_full', /has no disk space left/],
    [1040, 'database_unreachable', /has no free connections/],
    [1153, 'too_large', /A statement is larger/],
    [1205, 'database_locked', /is locked/],
  ])('number %i', (errno, code, message) => {
    const error = Object.assign(new Error('said'), { errno, code: 'ER_ANY' });
    const place = { server: 'host:3306', user: 'u', database: 'd' };
    expect(explainMariadb(error, place)).toMatchObject({ code, message: expect.stringMatching(message) });
  });
});

test('a missing right comes with the statement that gives it', async () => {
  expect((await manage(['migrate', '-v0'], { db })).exitCode).toBe(0);
  const { name: username, password } = await user('SELECT');
  const limited = url((changed) => void Object.assign(changed, { username, password, hostname: '127.0.0.1' }));
  const rights: string[] = [];
  for (;;) {
    const { exitCode, stderr } = await manage(['creategroup', 'editors'], { db: limited });
    if (exitCode === 0) break;
    const [, grant] =
      /^Give the right with: (GRANT \w+ ON \S+ TO) the account that SELECT CURRENT_USER\(\) shows\.$/m.exec(stderr) ??
      [];
    expect(grant, stderr).toBeDefined();
    // Each is asked for once: what the sentence says helps.
    expect(rights).not.toContain(grant);
    rights.push(String(grant));
    await db.query(`${grant} '${username}'@'127.0.0.1'`);
  }
  expect(rights[0]).toMatch(/^GRANT INSERT ON .*auth_group/);
});
