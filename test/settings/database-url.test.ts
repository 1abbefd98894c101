import { describe, expect, test } from 'vitest';
import { parseDatabaseUrl } from '../../src/settings/database-url.js';

const parse = (url: string, variables: Readonly<Record<string, string>> = {}) =>
  parseDatabaseUrl(url, '/srv/site', (name) => {
    const value = variables[name];
    return value === undefined ? undefined : { value, base: '/here', where: 'the environment' };
  });

describe('SQLite', () => {
  test.each([
    ['sqlite:///db.sqlite3', '/srv/site/db.sqlite3'],
    ['sqlite:///data/db.sqlite3', '/srv/site/data/db.sqlite3'],
    ['sqlite:///../db.sqlite3', '/srv/db.sqlite3'],
    ['sqlite:////var/lib/db.sqlite3', '/var/lib/db.sqlite3'],
    ['SQLite:////var/lib/db.sqlite3', '/var/lib/db.sqlite3'],
    ['sqlite:////var/lib/my%20db%3F%25.sqlite3', '/var/lib/my db?%.sqlite3'],
    ['sqlite:////var/lib/a+b#c.sqlite3', '/var/lib/a+b#c.sqlite3'],
    ['sqlite::memory:', ':memory:'],
    ['sqlite://:memory:', ':memory:'],
  ])('%s is %s', (url, filename) => {
    expect(parse(url)).toEqual({ engine: 'sqlite', filename });
  });

  test.each([
    ['sqlite:///', /names no file/],
    ['sqlite://db.sqlite3', /sqlite:\/\/\/relative\.db/],
    ['sqlite:db.sqlite3', /sqlite:\/\/\/relative\.db/],
    ['sqlite:///db.sqlite3?mode=ro', /no parameters/],
    ['sqlite:///db%zz', /two hexadecimal digits/],
    ['sqlite:///db%00', /NUL/],
  ])('%s is refused', (url, message) => {
    expect(() => parse(url)).toThrow(message);
  });
});

describe('PostgreSQL', () => {
  const nothing = {
    engine: 'postgres',
    host: undefined,
    port: undefined,
    user: undefined,
    password: undefined,
    database: undefined,
    schema: undefined,
    sslMode: 'prefer',
    sslRootCert: undefined,
  };

  test.each([
    ['postgres://', {}],
    ['postgresql:///auth', { database: 'auth' }],
    [
      'postgres://me:secret@db.example.com:6432/auth',
      { host: 'db.example.com', port: 6432, user: 'me', password: 'secret', database: 'auth' },
    ],
    [
      'postgres://m%40e:p%3A%2F%23%3F%40ss%25@h/na%20me',
      { host: 'h', user: 'm@e', password: 'p:/#?@ss%', database: 'na me' },
    ],
    ['postgres://me:a:b@c@h/d', { host: 'h', user: 'me', password: 'a:b@c', database: 'd' }],
    ['postgres://me@/d?host=/var/run/postgresql', { host: '/var/run/postgresql', user: 'me', database: 'd' }],
    ['postgres://%2Fvar%2Frun/d', { host: '/var/run', database: 'd' }],
    ['postgres://[::1]:5433/d', { host: '::1', port: 5433, database: 'd' }],
    ['postgres://h/d?schema=auth', { host: 'h', database: 'd', schema: 'auth' }],
    ['postgres://h/d?sslmode=verify-full', { host: 'h', database: 'd', sslMode: 'verify-full' }],
    ['postgres://h/d?sslrootcert=ca.pem', { host: 'h', database: 'd', sslRootCert: '/srv/site/ca.pem' }],
    [
      'postgres://?dbname=d&user=u&password=p&port=5&host=h',
      { host: 'h', port: 5, user: 'u', password: 'p', database: 'd' },
    ],
    [
      'postgres://u@h1:1,[::1]:2,h3/d?target_session_attrs=read-write',
      {
        host: 'h1',
        port: 1,
        others: [
          { host: '::1', port: 2 },
          { host: 'h3', port: undefined },
        ],
        user: 'u',
        database: 'd',
        sessionAttrs: 'read-write',
      },
    ],
    ['postgres:///d?host=h1,/run&port=7', { host: 'h1', port: 7, others: [{ host: '/run', port: 7 }], database: 'd' }],
  ])('%s', (url, expected) => {
    expect(parse(url)).toEqual({ ...nothing, ...expected });
  });

  test('PGTARGETSESSIONATTRS stands in for what the URL does not have', () => {
    const variables = { PGTARGETSESSIONATTRS: 'standby' };
    expect(parse('postgres://h/d', variables)).toMatchObject({ sessionAttrs: 'standby' });
    expect(parse('postgres://h/d?target_session_attrs=any', variables)).toMatchObject({ sessionAttrs: 'any' });
    expect(() => parse('postgres://h/d', { PGTARGETSESSIONATTRS: 'on' })).toThrow(
      /^PGTARGETSESSIONATTRS in the environment is 'on'/,
    );
  });

  test('PGSSLMODE and PGSSLROOTCERT stand in for what the URL does not have', () => {
    const variables = { PGSSLMODE: 'verify-full', PGSSLROOTCERT: 'system' };
    expect(parse('postgres://', variables)).toEqual({ ...nothing, sslMode: 'verify-full', sslRootCert: 'system' });
    const given = parse('postgres://?sslmode=disable&sslrootcert=/ca.pem', variables);
    expect(given).toEqual({ ...nothing, sslMode: 'disable', sslRootCert: '/ca.pem' });
  });

  test('a wrong PGSSLMODE is told as what it is, and not where the URL has its own', () => {
    const variables = { PGSSLMODE: 'on' };
    expect(() => parse('postgres://h/d', variables)).toThrow(
      /^PGSSLMODE in the environment is 'on': known are disable,/,
    );
    expect(parse('postgres://h/d?sslmode=require', variables)).toMatchObject({ sslMode: 'require' });
  });

  test('PGSSLROOTCERT is relative to where it is said', () => {
    const target = parse('postgres://h/d', { PGSSLROOTCERT: 'ca.pem' });
    expect(target).toMatchObject({ sslRootCert: '/here/ca.pem' });
  });

  test('sslrootcert=system makes verify-full the default', () => {
    expect(parse('postgres://h/d?sslrootcert=system')).toMatchObject({ sslMode: 'verify-full', sslRootCert: 'system' });
    expect(parse('postgres://h/d?sslrootcert=system&sslmode=prefer')).toMatchObject({ sslMode: 'prefer' });
  });

  test.each([
    ['postgres:h/d', /postgres:\/\/user:password@host:5432\/name/],
    ['postgres://h:port/d', /port/],
    ['postgres://h:0/d', /port/],
    ['postgres://h:65536/d', /port/],
    ['postgres://h1,/d', /host:port,host:port/],
    ['postgres://?host=h1,h2&port=1,2,3', /2 hosts and 3 ports/],
    ['postgres://h1,h2/d?target_session_attrs=master', /target_session_attrs is 'master': known are any, read-write/],
    ['postgres://h/d?sslmode=on', /sslmode is 'on'/],
    ['postgres://h/d?sslmod=require', /Did you mean sslmode\?/],
    ['postgres://h/d?application_name=x', /unknown parameter 'application_name'/],
    ['postgres://m%ze@h/d', /user/],
  ])('%s is refused', (url, message) => {
    expect(() => parse(url)).toThrow(message);
  });
});

test.each(['', 'db.sqlite3', 'oracle://h/d', '__proto__:x'])('%j is no URL of a known engine', (url) => {
  expect(() => parse(url)).toThrow(/sqlite:\/\/\/file\.db, postgres:\/\/host\/name and mysql:\/\/host\/name are known/);
});

test.each([
  'postgres://me:hunter2/x@h/d',
  'postgres://me:hunter2%@h/d',
  'postgres://me:hunter2@h:x/d',
  'postgres://me:hunter2@h/d?sslmode=x',
  'oracle://me:hunter2@h/d',
  'mysql://me:hunter2@h:x/d',
  'postgres//me:hunter2@h/d',
  'postgres://me@h/d?password=hunter2%',
  'postgres://me@h/d?pasword=hunter2',
])('no error repeats the password of %s', (url) => {
  let message = '';
  try {
    parse(url);
  } catch (error) {
    message = error instanceof Error ? `${error.message} ${error.stack}` : '';
  }
  expect(message).not.toBe('');
  expect(message).not.toContain('hunter2');
});

describe('MariaDB and MySQL', () => {
  const nothing = {
    engine: 'mariadb',
    host: undefined,
    port: undefined,
    socket: undefined,
    user: undefined,
    password: undefined,
    database: undefined,
    defaultsFile: undefined,
    sslMode: 'preferred',
    sslCa: undefined,
  };

  test.each([
    ['mysql://h/d', { host: 'h', database: 'd' }],
    [
      'mysql://a:7,b/d?hosts=c:8,a:7',
      {
        host: 'a',
        port: 7,
        others: [
          { host: 'b', port: 7 },
          { host: 'c', port: 8 },
        ],
        database: 'd',
      },
    ],
    ['mariadb://u:p%40@h:3307/d', { host: 'h', port: 3307, user: 'u', password: 'p@', database: 'd' }],
    ['mysql://u@/d?unix_socket=/run/m.sock', { socket: '/run/m.sock', user: 'u', database: 'd' }],
    ['mysql://u@%2Frun%2Fm.sock/d', { socket: '/run/m.sock', user: 'u', database: 'd' }],
    ['mysql://h/d?ssl-mode=VERIFY_IDENTITY', { host: 'h', database: 'd', sslMode: 'verify_identity' }],
    ['mysql://h/d?ssl-ca=ca.pem', { host: 'h', database: 'd', sslMode: 'verify_ca', sslCa: '/srv/site/ca.pem' }],
    ['mysql:///d?defaults-file=my.cnf', { database: 'd', defaultsFile: '/srv/site/my.cnf' }],
  ])('%s', (url, expected) => {
    expect(parse(url)).toEqual({ ...nothing, ...expected });
  });

  test.each([
    ['mysql://h/d?ssl-mode=maybe', /its ssl-mode is 'maybe'/],
    ['mysql://h/d?sslmode=require', /unknown parameter 'sslmode'/],
    ['mysql:h', /write mysql:\/\/user:password@host:3306\/name/],
  ])('%s is refused', (url, message) => {
    expect(() => parse(url)).toThrow(message);
  });
});
