import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect, promisify } from 'node:util';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type ConnectOptions, connect } from '../../src/db/connect/connect.js';
import { transaction } from '../../src/db/transactions/transaction.js';
import { coreApps } from '../../src/registry/core.js';
import { createRegistry } from '../../src/registry/define.js';
import type { DatabaseTarget, ParsedDatabase } from '../../src/settings/settings.js';
import { useConnections } from '../helpers/connections.js';
import { createDatabase, type Engine, forEachEngine, sqliteDriver, type TestDatabase } from '../helpers/databases.js';
import { type PostgresProxy, type ProxyOptions, startProxy } from '../helpers/postgres-proxy.js';

const registry = createRegistry(coreApps);
const open = useConnections();

const undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'manage-connect-'));
  undo.push(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function connected(settings: ParsedDatabase, options: ConnectOptions = {}) {
  const connection = await connect(settings, registry, { driver: sqliteDriver, ...options });
  undo.push(() => connection.close());
  return connection;
}

/** The error of connecting, and everything that it would show to somebody who looks. */
async function failure(settings: ParsedDatabase) {
  const error: unknown = await connected(settings).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return { error, shown: inspect(error, { depth: 10, showHidden: true }) };
}

forEachEngine((engine) => {
  const target: Record<Engine, RegExp> = {
    sqlite: /db\.sqlite3$/,
    postgres: /^manage_test_\w+ on 127\.0\.0\.1:\d+$/,
    mariadb: /^manage_test_\w+ on 127\.0\.0\.1:\d+$/,
  };

  test('says where the database is, without user and password', async () => {
    const { connection, database } = await open(engine);
    expect(connection.target).toMatch(target[engine]);
    expect(connection.target).not.toContain('postgres:');
    expect(connection).toMatchObject({ alias: 'default', protected: false });
    expect(database.engine).toBe(engine);
  });

  test('reads the database that Django made', async () => {
    const { connection } = await open(engine, { from: 'sample' });
    expect(await connection.dialect.tableNames(connection.db)).toContain('django_session');
  });

  test('a missing table is an error that names it', async () => {
    const { connection } = await open(engine);
    await expect(connection.db('auth_user').select()).rejects.toMatchObject({
      name: 'CommandError',
      code: 'missing_table',
      message: "The database has no table 'auth_user'.",
    });
  });

  test('errors do not show what was bound', async () => {
    const { connection } = await open(engine);
    const error: unknown = await connection.db
      .raw('SELECT nonsense FROM nowhere WHERE password = ?', ['s3cret'])
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(Error);
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain('s3cret');
  });

  test('can be closed twice, and then refuses queries', async () => {
    const { connection } = await open(engine);
    await Promise.all([connection.close(), connection.close()]);
    await expect(connection.db.raw('SELECT 1')).rejects.toMatchObject({ code: 'connection_closed' });
  });
});

describe('SQLite', () => {
  const settings = (filename: string): ParsedDatabase => ({
    alias: 'default',
    protected: false,
    target: { engine: 'sqlite', filename },
  });

  test('a missing file is an error that names it, and is not made', async () => {
    const folder = await temporaryFolder();
    const { error } = await failure(settings(join(folder, 'db.sqlite3')));
    expect(error).toMatchObject({
      name: 'CommandError',
      code: 'missing_database',
      message: `The database '${join(folder, 'db.sqlite3')}' does not exist.`,
    });
    expect(await readdir(folder)).toEqual([]);
  });

  test('a missing file is made where that is asked for', async () => {
    const folder = await temporaryFolder();
    const connection = await connected(settings(join(folder, 'ä b%20?#.sqlite3')), { create: true });
    await connection.db.raw('CREATE TABLE made (id integer)');
    expect(await readdir(folder)).toEqual(['ä b%20?#.sqlite3']);
  });

  test('a new file is for its user only', async () => {
    const filename = join(await temporaryFolder(), 'db.sqlite3');
    await connected(settings(filename), { create: true });
    expect((await stat(filename)).mode & 0o777).toBe(0o600);
  });

  test('a file that is reached by two names has one lock', async () => {
    const folder = await temporaryFolder();
    const first = await connected(settings(join(folder, 'db.sqlite3')), { create: true });
    await symlink('db.sqlite3', join(folder, 'link.sqlite3'));
    const second = await connected(settings(join(folder, 'link.sqlite3')));
    const [held, refused] = [await first.dialect.openLock('x'), await second.dialect.openLock('x')];
    expect([await held.tryAcquire(), await refused.tryAcquire()]).toEqual([true, false]);
    await refused.release();
    await held.release();
  });

  test('a folder that is missing is not made', async () => {
    const folder = await temporaryFolder();
    const made = connected(settings(join(folder, 'no', 'db.sqlite3')), { create: true });
    await expect(made).rejects.toMatchObject({
      code: 'missing_folder',
      message: expect.stringContaining(`'${folder}/no'`),
    });
  });

  test('a folder and a file of something else are no databases', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'data'));
    await writeFile(
      join(folder, 'notes.txt'),
      'This is not a database, and it is long enough to have a header. '.repeat(20),
    );
    const { error } = await failure(settings(join(folder, 'data')));
    expect(error).toMatchObject({ code: 'not_a_database', message: expect.stringContaining('is a folder') });
    const other = await failure(settings(join(folder, 'notes.txt')));
    expect(other.error).toMatchObject({
      code: 'not_a_database',
      message: `'${join(folder, 'notes.txt')}' is not an SQLite database.`,
    });
  });

  test('an empty file is an empty database', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'db.sqlite3'), '');
    const connection = await connected(settings(join(folder, 'db.sqlite3')));
    expect(await connection.dialect.tableNames(connection.db)).toEqual([]);
    expect((await stat(join(folder, 'db.sqlite3'))).size).toBe(0);
  });

  /** Root may read and write everything: it does this as somebody else. */
  async function asOrdinaryUser<T>(work: () => Promise<T>): Promise<T> {
    if (process.getuid?.() !== 0) return work();
    process.seteuid?.('nobody');
    try {
      return await work();
    } finally {
      process.seteuid?.(0);
    }
  }

  test('a file that may not be read, and one that may not be written', async () => {
    const folder = await temporaryFolder();
    await chmod(folder, 0o755);
    const made = await connected(settings(join(folder, 'db.sqlite3')), { create: true });
    await made.db.raw('CREATE TABLE made (id integer)');
    await made.close();
    await chmod(join(folder, 'db.sqlite3'), 0o000);
    await chmod(folder, 0o555);
    const unreadable = await asOrdinaryUser(() => failure(settings(join(folder, 'db.sqlite3'))));
    expect(unreadable.error).toMatchObject({ code: 'database_unreachable' });
    await chmod(join(folder, 'db.sqlite3'), 0o444);
    await asOrdinaryUser(async () => {
      const connection = await connected(settings(join(folder, 'db.sqlite3')));
      expect(await connection.db('made').select()).toEqual([]);
      await expect(connection.db('made').insert({ id: 1 })).rejects.toMatchObject({ code: 'database_read_only' });
      await connection.close();
    });
    await chmod(folder, 0o755);
  });

  test('keeps the journal mode, checks references and waits for locks', async () => {
    const { connection, database, again } = await open('sqlite');
    expect(await connection.db.raw('PRAGMA journal_mode')).toEqual([{ journal_mode: 'delete' }]);
    expect(await connection.db.raw('PRAGMA foreign_keys')).toEqual([{ foreign_keys: 1 }]);
    expect(await connection.db.raw('PRAGMA busy_timeout')).toEqual([{ timeout: 5000 }]);
    await database.query('PRAGMA journal_mode = WAL');
    expect(await (await again()).db.raw('PRAGMA journal_mode')).toEqual([{ journal_mode: 'wal' }]);
  });

  test('a database in memory lives as long as its connection', async () => {
    const connection = await connected(settings(':memory:'));
    await connection.db.raw('CREATE TABLE made (id integer)');
    await transaction(connection, ({ db }) => db('made').insert({ id: 1 }));
    await transaction(connection, () => Promise.reject(new Error('back'))).catch(() => undefined);
    expect(await connection.db('made').select()).toEqual([{ id: 1 }]);
  });
});

describe('the program as a process', () => {
  /** Runs a command on a database, and tells which drivers it has loaded. */
  async function run(
    database: Pick<TestDatabase, 'url'>,
    driver: string,
    { broken = '^$', command = ['showmigrations', 'sessions'] } = {},
  ) {
    const preload = `data:text/javascript,${encodeURIComponent(`
      import Module, { createRequire } from 'node:module';
      const { cache } = createRequire('${import.meta.url}');
      const resolve = Module._resolveFilename;
      Module._resolveFilename = (name, ...rest) => {
        if (new RegExp(${JSON.stringify(broken)}).test(name)) throw new Error('It is not installed.');
        return resolve(name, ...rest);
      };
      process.on('exit', () => {
        const files = Object.keys(cache).map((file) => file.replaceAll('\\\\', '/'));
        const drivers = ['pg', 'sqlite3'].filter((name) => files.some((file) => file.includes('/node_modules/' + name + '/')));
        process.stdout.write('loaded: ' + drivers.join(' '));
      });
    `)}`;
    const folder = await temporaryFolder();
    const bin = new URL('../../bin/manage.js', import.meta.url).pathname;
    const child = promisify(execFile)(process.execPath, ['--import', preload, bin, ...command], {
      cwd: folder,
      env: { PATH: process.env.PATH, HOME: folder, DATABASE_URL: database.url, MANAGE_SQLITE_DRIVER: driver },
    });
    return child.catch(({ stdout, stderr }: { stdout: string; stderr: string }) => ({ stdout, stderr }));
  }

  const loaded: Record<Engine, string> = {
    sqlite: sqliteDriver === 'sqlite3' ? 'sqlite3' : '',
    postgres: 'pg',
    mariadb: 'mysql2',
  };
  test.each(['sqlite', 'postgres'] as const)(
    '%s loads its own driver alone, and says nothing about it',
    async (engine) => {
      const database = await createDatabase(engine, { from: 'sample' });
      undo.push(() => database.drop());
      const { stdout, stderr } = await run(database, sqliteDriver);
      expect(stdout).toContain('[X] 0001_initial');
      expect(stdout).toMatch(new RegExp(`loaded: ${loaded[engine]}$`));
      expect(stderr).toBe('');
    },
  );

  const builtIn = process.getBuiltinModule('node:sqlite' as 'node:os') !== undefined;
  test(`the driver of Node itself is ${builtIn ? 'used' : 'missed in one sentence'} where it is asked for`, async () => {
    const database = await createDatabase('sqlite', { from: 'sample' });
    undo.push(() => database.drop());
    const { stdout, stderr } = await run(database, 'node:sqlite');
    expect(stdout).toMatch(builtIn ? /\[X\] 0001_initial\nloaded: $/ : /^loaded: $/);
    expect(stderr).toMatch(builtIn ? /^$/ : /The SQLite driver 'node:sqlite' does not load\.\n/);
  });

  test(`where sqlite3 was not compiled the driver of Node itself is ${builtIn ? 'used' : 'missed, and nothing made'}`, async () => {
    const database = await createDatabase('sqlite', { from: 'sample' });
    undo.push(() => database.drop());
    const missing = { ...database, url: `${database.url}.new` };
    const { stderr } = await run(missing, '', { broken: '\\.node$', command: ['migrate', '-v0'] });
    expect(stderr).toMatch(
      builtIn
        ? /^$/
        : /There is no SQLite driver: .*\nsqlite3 is installed, and not compiled: run `npm rebuild sqlite3`/,
    );
    expect(existsSync(missing.url.replace(/^.*?:\/\/\//, ''))).toBe(builtIn);
  });

  test(`without sqlite3 the driver of Node itself is ${builtIn ? 'used' : 'missed in one sentence'}`, async () => {
    const database = await createDatabase('sqlite', { from: 'sample' });
    undo.push(() => database.drop());
    const { stdout, stderr } = await run(database, '', { broken: '^sqlite3(/|$)' });
    expect(stdout).toMatch(builtIn ? /\[X\] 0001_initial\nloaded: $/ : /^loaded: $/);
    expect(stderr).toMatch(builtIn ? /^$/ : /There is no SQLite driver: .*\nInstall it with `npm install sqlite3`/);
  });
});

type PostgresTarget = Extract<DatabaseTarget, { engine: 'postgres' }>;

describe('PostgreSQL', () => {
  async function server(change: Partial<PostgresTarget> = {}) {
    const database = await createDatabase('postgres');
    undo.push(() => database.drop());
    return { database, settings: changed(database, change) };
  }

  function changed({ settings }: TestDatabase, change: Partial<PostgresTarget>): ParsedDatabase {
    if (settings.target.engine !== 'postgres') throw new Error('This is a database of PostgreSQL.');
    return { ...settings, target: { ...settings.target, ...change } };
  }

  async function proxy(database: TestDatabase, options: ProxyOptions = {}): Promise<PostgresProxy> {
    const { hostname, port } = new URL(database.url);
    const started = await startProxy({ host: hostname, port: Number(port || 5432) }, options);
    undo.push(() => started.close());
    return started;
  }

  test.each<[string, Partial<PostgresTarget>, { code: string; message: RegExp }]>([
    [
      'no server',
      { host: '127.0.0.1', port: 1 },
      { code: 'database_unreachable', message: /^No PostgreSQL server answers at 127\.0\.0\.1:1\.$/ },
    ],
    [
      'no socket',
      { host: '/nowhere' },
      { code: 'database_unreachable', message: /^No PostgreSQL server answers at \/nowhere:\d+\.$/ },
    ],
    ['no host', { host: 'host.invalid' }, { code: 'database_unreachable', message: /host\.invalid:\d+ is not known/ }],
    [
      'a wrong password',
      { password: 'wr0ng' },
      { code: 'wrong_password', message: /does not accept this password of '\w+'/ },
    ],
    [
      'no password',
      { password: undefined },
      { code: 'wrong_password', message: /wants a password for the user '\w+'/ },
    ],
    [
      'no such database',
      { database: 'nobody_made_it' },
      { code: 'missing_database', message: /has no database 'nobody_made_it'/ },
    ],
    ['TLS that the server has not', { sslMode: 'require' }, { code: 'tls_failed', message: /does not offer TLS/ }],
    [
      'a root certificate that is not there',
      { sslMode: 'verify-full', sslRootCert: '/nowhere.crt' },
      { code: 'tls_failed', message: /'\/nowhere\.crt' cannot be read/ },
    ],
  ])('%s is one sentence with a hint and no password', async (_case, change, { code, message }) => {
    const { database, settings } = await server(change);
    // A server that needs no password, or that has TLS, is put right by what stands between.
    const between = await proxy(database);
    const through = change.sslMode === 'require' ? changed(database, { ...change, port: between.port }) : settings;
    const { error, shown } = await failure(through);
    expect(error).toMatchObject({ name: 'CommandError', code, hint: expect.stringMatching(/\.$/) });
    expect(error).toHaveProperty('message', expect.stringMatching(message));
    const password = new URL(database.url).password;
    expect(shown).not.toContain(password);
    expect(shown).not.toContain('wr0ng');
  });

  test('asks nothing of the session that a pooler would refuse', async () => {
    const { database } = await server();
    const between = await proxy(database);
    await database.query('CREATE SCHEMA app');
    const connection = await connected(changed(database, { port: between.port, schema: 'app' }));
    await transaction(connection, ({ db }) => db.raw('SELECT 1'));
    expect(between.startups.length).toBeGreaterThan(0);
    for (const startup of between.startups) {
      const allowed = ['user', 'database', 'client_encoding', 'application_name'];
      expect(Object.keys(startup).filter((name) => !allowed.includes(name))).toEqual([]);
      expect(startup.application_name).toBe('manage-auth');
    }
  });

  test('finds a schema in each query and each transaction, and leaves nothing in the session', async () => {
    const { database } = await server();
    await database.query('CREATE SCHEMA "my ""app"');
    await database.query('CREATE TABLE "my ""app".thing (id integer)');
    const connection = await connected(changed(database, { schema: 'my "app' }));
    await connection.db('thing').insert({ id: 1 });
    await transaction(connection, ({ db }) => db('thing').insert({ id: 2 }));
    await transaction(connection, async ({ db }) => expect(await db('thing').select()).toHaveLength(2), {
      mode: 'snapshot',
    });
    await expect(connection.db('thing').insert({ id: 'x' })).rejects.toThrow('invalid input syntax');
    expect(await connection.db('thing').count('* as n')).toEqual([{ n: '2' }]);
    expect(await connection.dialect.tableNames(connection.db)).toEqual(['thing']);
    const raw = await connection.db.client.acquireRawConnection();
    expect((await raw.query('SHOW search_path')).rows).toEqual([{ search_path: '"$user", public' }]);
    await raw.end();
    await expect(database.query('SELECT id FROM thing')).rejects.toThrow('does not exist');
  });

  test('takes several schemas, and says where one is missing', async () => {
    const { database } = await server();
    await database.query('CREATE TABLE public.shared (id integer)');
    const connection = await connected(changed(database, { schema: 'missing, public' }));
    expect(await connection.db('shared').select()).toEqual([]);
    const { error } = await failure(changed(database, { schema: 'missing' }));
    expect(error).toMatchObject({
      code: 'missing_schema',
      message: expect.stringMatching(/has no schema 'missing'/),
    });
  });

  test('says where a schema may not be used', async () => {
    const { database } = await server();
    const role = `manage_test_${process.pid}_reader`;
    await database.query(`CREATE ROLE ${role} LOGIN PASSWORD 'x'`);
    undo.push(() => database.query(`DROP ROLE ${role}`));
    await database.query('CREATE SCHEMA closed');
    await database.query('CREATE TABLE closed.auth_user (id integer)');
    const { error } = await failure(changed(database, { user: role, password: 'x', schema: 'closed' }));
    expect(error).toMatchObject({
      code: 'access_denied',
      message: expect.stringMatching(new RegExp(`The user '${role}' may not use the schema 'closed'`)),
      hint: expect.stringContaining('GRANT USAGE ON SCHEMA "closed"'),
    });
    await database.query('REVOKE USAGE ON SCHEMA public FROM PUBLIC');
    const nowhere = await failure(changed(database, { user: role, password: 'x' }));
    expect(nowhere.error).toMatchObject({ code: 'access_denied', message: expect.stringContaining("'public'") });
  });

  test('the schema that is meant without one has the same lock by name', async () => {
    const { database, settings } = await server();
    const first = await connected(settings);
    const second = await connected(changed(database, { schema: 'public' }));
    const [held, refused] = [await first.dialect.openLock('x'), await second.dialect.openLock('x')];
    undo.push(() => Promise.all([held.release(), refused.release()]));
    expect([await held.tryAcquire(), await refused.tryAcquire()]).toEqual([true, false]);
  });

  test('connects through a socket', async () => {
    const { database } = await server();
    const folder = await temporaryFolder();
    await proxy(database, { socket: join(folder, '.s.PGSQL.5432') });
    const connection = await connected(changed(database, { host: folder, port: undefined, sslMode: 'require' }));
    expect(connection.target).toContain(`on ${folder}:5432`);
    expect((await connection.db.raw('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  });

  const root = new URL('../data/samples/tls/root.crt', import.meta.url).pathname;
  const PLAIN = 'plain';
  const TLS = 'TLS';
  type Outcome = typeof PLAIN | typeof TLS | 'tls_failed' | 'access_denied';
  test.each<[string, Partial<PostgresTarget>, ProxyOptions, Outcome]>([
    ['disable', { sslMode: 'disable' }, { tls: true }, PLAIN],
    ['disable', { sslMode: 'disable' }, { tls: true, refuse: 'plain' }, 'access_denied'],
    ['allow', { sslMode: 'allow' }, { tls: true }, PLAIN],
    ['allow', { sslMode: 'allow' }, { tls: true, refuse: 'plain' }, TLS],
    ['prefer', { sslMode: 'prefer' }, { tls: true }, TLS],
    ['prefer', { sslMode: 'prefer' }, {}, PLAIN],
    ['prefer', { sslMode: 'prefer' }, { tls: true, refuse: 'tls' }, PLAIN],
    ['require', { sslMode: 'require' }, { tls: true }, TLS],
    ['require', { sslMode: 'require' }, { tls: true, refuse: 'tls' }, 'access_denied'],
    ['require with a root', { sslMode: 'require', sslRootCert: root }, { tls: true }, TLS],
    ['disable with any root', { sslMode: 'disable', sslRootCert: 'system' }, {}, 'tls_failed'],
    ['allow with any root', { sslMode: 'allow', sslRootCert: 'system' }, {}, 'tls_failed'],
    ['prefer with any root', { sslMode: 'prefer', sslRootCert: 'system' }, { tls: true }, 'tls_failed'],
    ['require with a wrong root', { sslMode: 'require', sslRootCert: 'system' }, { tls: true }, 'tls_failed'],
    ['verify-ca by address', { sslMode: 'verify-ca', sslRootCert: root, host: '127.0.0.1' }, { tls: true }, TLS],
    ['verify-ca without the root', { sslMode: 'verify-ca', sslRootCert: 'system' }, { tls: true }, 'tls_failed'],
    ['verify-full', { sslMode: 'verify-full', sslRootCert: root, host: 'localhost' }, { tls: true }, TLS],
    [
      'verify-full by address',
      { sslMode: 'verify-full', sslRootCert: root, host: '127.0.0.1' },
      { tls: true },
      'tls_failed',
    ],
    ['verify-full', { sslMode: 'verify-full', sslRootCert: root }, {}, 'tls_failed'],
  ])('sslmode %s %j at a server with %j: %s', async (_name, change, options, outcome) => {
    const { database } = await server();
    const between = await proxy(database, options);
    const settings = changed(database, { host: '127.0.0.1', ...change, port: between.port });
    if (outcome === PLAIN || outcome === TLS) {
      await connected(settings);
      expect(between.encrypted > 0 && !(outcome === PLAIN && options.refuse === 'tls')).toBe(outcome === TLS);
    } else {
      const { error } = await failure(settings);
      expect(error).toMatchObject({ name: 'CommandError', code: outcome });
    }
  });

  test.each(['verify-ca', 'verify-full'] as const)('%s without a root certificate trusts nobody', async (sslMode) => {
    vi.stubEnv('HOME', await temporaryFolder());
    undo.push(async () => vi.unstubAllEnvs());
    const { settings } = await server({ sslMode, host: '127.0.0.1' });
    const { error } = await failure(settings);
    expect(error).toMatchObject({ code: 'tls_failed', message: expect.stringMatching(/root\.crt' cannot be read\.$/) });
  });

  test('a connection that breaks is an error of one sentence', async () => {
    const { database } = await server();
    const between = await proxy(database);
    const connection = await connected(changed(database, { port: between.port }));
    const slow = connection.db.raw('SELECT pg_sleep(30)').catch((reason: unknown) => reason);
    const running = "SELECT 1 FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(30)' AND state = 'active'";
    await expect.poll(() => database.query(`${running} AND datname = current_database()`)).toHaveLength(1);
    await between.close();
    expect(await slow).toMatchObject({ name: 'CommandError', code: 'connection_lost' });
  });

  test('a connection that breaks at COMMIT leaves it open what has happened', async () => {
    const { database } = await server();
    await database.query('CREATE TABLE thing (id integer)');
    const between = await proxy(database, { cutAt: 'COMMIT\0' });
    const connection = await connected(changed(database, { port: between.port, sslMode: 'disable' }));
    await expect(transaction(connection, ({ db }) => db('thing').insert({ id: 1 }))).rejects.toMatchObject({
      code: 'connection_lost',
      message: expect.stringMatching(/was lost while the changes were being committed\.$/),
      hint: 'Look whether they are in the database before you try again.',
    });
  });

  test('takes the password from the file that libpq has, and says nothing about it', async () => {
    const { database } = await server();
    const { hostname, port, username, password } = new URL(database.url);
    const folder = await temporaryFolder();
    const escaped = decodeURIComponent(password).replace(/[\\:]/g, '\\$&');
    await writeFile(
      join(folder, 'pgpass'),
      `# comment\nother:*:*:*:wrong\n${hostname}:${port || 5432}:*:${username}:${escaped}\n*:*:*:*:wrong\n`,
      { mode: 0o600 },
    );
    const { PGPASSFILE } = process.env;
    process.env.PGPASSFILE = join(folder, 'pgpass');
    undo.push(async () => {
      if (PGPASSFILE === undefined) delete process.env.PGPASSFILE;
      else process.env.PGPASSFILE = PGPASSFILE;
    });
    const warnings: Error[] = [];
    const listen = (warning: Error) => warnings.push(warning);
    process.on('warning', listen);
    undo.push(async () => process.off('warning', listen));
    await connected(changed(database, { password: undefined }));
    await chmod(join(folder, 'pgpass'), 0o644);
    const readable = await failure(changed(database, { password: undefined }));
    expect(readable.error).toMatchObject({ code: 'wrong_password' });
    expect(warnings).toEqual([]);
  });

  test('something that is no PostgreSQL server is an error of one sentence', async () => {
    const { database } = await server();
    const other = createServer((client) => client.end('220 mail.example.org ESMTP\r\n').on('error', () => undefined));
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    undo.push(async () => other.close());
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    for (const sslMode of ['disable', 'prefer'] as const) {
      const { error } = await failure(changed(database, { port, sslMode }));
      expect(error).toMatchObject({ name: 'CommandError', code: 'database_unreachable' });
    }
  });

  test('words in a statement are not taken for what the server says', async () => {
    const { settings } = await server();
    const connection = await connected(settings);
    await connection.db.raw('CREATE TABLE certificate (id integer)');
    const error: unknown = await connection.db.raw("INSERT INTO certificate VALUES ('x')").catch((reason) => reason);
    expect(error).toMatchObject({ code: 'type_mismatch', cause: { code: '22P02' } });
  });

  test('gives up connecting when it is told to', async () => {
    const { database } = await server();
    const between = await proxy(database, { silent: true });
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 50);
    const connecting = connected(changed(database, { port: between.port }), { signal: abort.signal });
    await expect(connecting).rejects.toMatchObject({ name: 'OperationCancelled' });
    const late = connected(changed(database, {}), { signal: abort.signal });
    await expect(late).rejects.toMatchObject({ name: 'OperationCancelled' });
  });

  test('closing ends a long query at the server too', async () => {
    const { database, settings } = await server();
    const connection = await connected(settings);
    const slow = connection.db.raw('SELECT pg_sleep(30)').catch((reason: unknown) => reason);
    const running = () =>
      database.query("SELECT 1 FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(30)' AND state = 'active'");
    await expect.poll(running).toHaveLength(1);
    await connection.close();
    expect(await slow).toBeInstanceOf(Error);
    await expect.poll(running).toHaveLength(0);
  });
});
