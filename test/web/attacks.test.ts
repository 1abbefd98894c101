import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { User } from '../../src/auth/backends/user.js';
import { makePassword } from '../../src/auth/passwords/hashers.js';
import { cookieHeader, deletedCookieHeader, httpDate, parseCookies, withVary } from '../../src/web/cookies.js';
import { csrfProblem, fetchMetadataProblem, maskSecret, newSecret } from '../../src/web/csrf.js';
import { RequestError } from '../../src/web/errors.js';
import { factsOf, trustedProxies } from '../../src/web/facts.js';
import { createSessionLoader } from '../../src/web/load-session.js';
import { authenticate, login } from '../../src/web/login.js';
import { withAuth } from '../../src/web/node.js';
import { createPasswords } from '../../src/web/passwords.js';
import { isSafeRedirect } from '../../src/web/safe-redirect.js';
import { jar } from '../helpers/browser.js';
import { createDatabase, forEachEngine, type TestDatabase } from '../helpers/databases.js';
import { fillSite, openTestAuth, password } from './site.js';

describe('cookies', () => {
  it.each([
    ['a=1; b=2; a=3', { a: '3', b: '2' }],
    ['a="x\\"y\\054z"', { a: 'x"y,z' }],
    ['=x; y; z=', { '': 'y', z: '' }],
    [' a = b = c ', { a: 'b = c' }],
    ['__proto__=1;constructor=2', { ['__proto__']: '1', constructor: '2' }],
    [';;; ;', {}],
  ])('%j', (header, cookies) => {
    expect(Object.fromEntries(parseCookies(header))).toEqual(cookies);
  });

  it('are written as Python writes them', () => {
    const now = new Date('2026-11-26T11:00:00.9Z');
    expect(
      cookieHeader('a', 'b c', { maxAge: 60, domain: 'x.org', secure: true, path: '/', sameSite: 'Lax' }, now),
    ).toBe('a="b c"; Domain=x.org; expires=Thu, 26 Nov 2026 11:01:00 GMT; Max-Age=60; Path=/; SameSite=Lax; Secure');
    expect(deletedCookieHeader('__Host-a', { path: '/' })).toBe(
      '__Host-a=""; expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/; Secure',
    );
    expect(httpDate(1e30)).toBe('Fri, 31 Dec 9999 23:59:59 GMT');
    expect(withVary('Accept,  cookie', 'Cookie')).toBe('Accept, cookie');
    expect(withVary('*, x', 'Cookie')).toBe('*');
  });
});

describe('CSRF', () => {
  const secret = newSecret();
  const rules = { headerName: 'X-CSRFToken', trustedOrigins: ['https://good.org', 'https://*.wild.org'] };
  const ask = (
    headers: Record<string, string>,
    { field, secure = false, method = 'POST', cookie = secret }: Record<string, string | boolean | undefined> = {},
  ) =>
    csrfProblem(
      { method: String(method), secure: secure === true, host: 'here:8000', header: (name) => headers[name] },
      rules,
      { secret: cookie === '' ? undefined : String(cookie), field: field as string | undefined },
    );

  it.each<readonly [Record<string, string>, Record<string, string | boolean | undefined>, string | undefined]>([
    [{}, {}, 'CSRF token missing.'],
    [{}, { cookie: '' }, 'CSRF cookie not set.'],
    [{}, { method: 'GET', cookie: '' }, undefined],
    [{}, { field: maskSecret(secret) }, undefined],
    [{}, { field: secret }, undefined],
    [{}, { field: 'short' }, 'CSRF token from POST has incorrect length.'],
    [{}, { field: '-'.repeat(32) }, 'CSRF token from POST has invalid characters.'],
    [{}, { field: maskSecret(newSecret()) }, 'CSRF token from POST incorrect.'],
    [{ 'x-csrftoken': newSecret() }, {}, "CSRF token from the 'X-Csrftoken' HTTP header incorrect."],
    [{ 'x-csrftoken': secret }, { method: 'DELETE', field: 'ignored' }, undefined],
    [{ origin: 'http://here:8000' }, { field: secret }, undefined],
    [
      { origin: 'https://here:8000' },
      { field: secret },
      'Origin checking failed - https://here:8000 does not match any trusted origins.',
    ],
    [{ origin: 'null' }, { field: secret }, 'Origin checking failed - null does not match any trusted origins.'],
    [{ origin: 'https://good.org' }, { field: secret }, undefined],
    [{ origin: 'https://a.wild.org' }, { field: secret }, undefined],
    [
      { origin: 'https://awild.org' },
      { field: secret },
      'Origin checking failed - https://awild.org does not match any trusted origins.',
    ],
    [{}, { field: secret, secure: true }, 'Referer checking failed - no Referer.'],
    [{ referer: 'https://here:8000/x' }, { field: secret, secure: true }, undefined],
    [
      { referer: 'http://here:8000/x' },
      { field: secret, secure: true },
      'Referer checking failed - Referer is insecure while host is secure.',
    ],
    [{ referer: 'here' }, { field: secret, secure: true }, 'Referer checking failed - Referer is malformed.'],
    [
      { referer: 'https://evil.org/' },
      { field: secret, secure: true },
      'Referer checking failed - https://evil.org/ does not match any trusted origins.',
    ],
  ])('%j %j', (headers, options, problem) => {
    expect(ask(headers, options)).toBe(problem);
  });

  it.each<readonly [Record<string, string>, boolean]>([
    [{}, true],
    [{ 'sec-fetch-site': 'same-origin', origin: 'https://elsewhere.org' }, true],
    [{ 'sec-fetch-site': 'none' }, true],
    [{ 'sec-fetch-site': 'same-site' }, false],
    [{ 'sec-fetch-site': 'cross-site', origin: 'https://evil.org' }, false],
    [{ 'sec-fetch-site': 'cross-site', origin: 'https://good.org' }, true],
    [{ origin: 'http://here:8000' }, true],
    [{ origin: 'http://here' }, false],
    [{ origin: 'null' }, false],
  ])('by what browsers say: %j', (headers, passes) => {
    const request = { method: 'POST', secure: false, host: 'here:8000', header: (name: string) => headers[name] };
    expect(fetchMetadataProblem(request, rules) === undefined).toBe(passes);
  });
});

it.each([
  '',
  ' ',
  '//evil',
  '///evil',
  '\\\\evil',
  '/\\evil',
  'http:///evil',
  'javascript:alert(1)',
  'java\nscript:alert(1)',
  '\x08//evil',
  'http://here\\@evil',
  'http:999',
  'ftp://here/',
  'http://[::1',
  '\u2028//evil',
  '\ufeffa',
  `/${'x'.repeat(2048)}`,
])('leads nobody to %j', (url) => {
  expect(isSafeRedirect(url, { allowedHosts: ['here'] })).toBe(false);
});

it.each(['/', '/a?next=//evil', 'a/b', 'http://here/', 'HTTPS://here/', '//here/', '?x=1', '/a%20b/'])(
  'leads to %j',
  (url) => {
    expect(isSafeRedirect(url, { allowedHosts: ['here'] })).toBe(true);
  },
);

it('gives nobody the user of another one who has the session at the same time', async () => {
  // As the tests of a project may have it.
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const answers: ((id: string) => void)[] = [];
  const asked: string[] = [];
  const row = (id: string) => ({ text: id, expires: '' });
  const load = createSessionLoader(
    {
      load: () => new Promise((resolve) => answers.push((id) => resolve(row(id)))),
      loadWithUser: async (_, userKey) => {
        asked.push(`alone ${userKey}`);
        return { ...row(userKey), user: { id: userKey } };
      },
      loadManyWithUsers: async (sessions) => {
        asked.push([...sessions.values()].join());
        return new Map(
          [...sessions].map(([key, userKey]) => [key, () => ({ ...row(userKey), user: { id: userKey } })]),
        );
      },
    },
    { encode: String, decode: (id) => JSON.stringify({ _auth_user_id: id }) },
    (user) => user as unknown as User,
    () => true,
  );
  const now = new Date();
  const firsts = [load('a', now), load('a', now)];
  answers[0]?.('1');
  await firsts[0];
  const one = load('a', now);
  answers[1]?.('2');
  await firsts[1];
  const two = load('a', now);
  expect(await Promise.all([one, two])).toMatchObject([
    { userKey: '1', user: { id: '1' } },
    { userKey: '2', user: { id: '2' } },
  ]);
  expect(asked).toEqual(['2', 'alone 1']);
});

it('answers others whose sessions are read together with one that cannot be read', async () => {
  const row = (id: string) => {
    if (id === '2') throw new Error('This row has no date.');
    return { text: id, expires: '', user: { id } };
  };
  const load = createSessionLoader(
    {
      load: async (id) => ({ text: id, expires: '' }),
      loadWithUser: async (id) => row(id),
      loadManyWithUsers: async (sessions) => new Map([...sessions.keys()].map((id) => [id, () => row(id)])),
    },
    { encode: String, decode: (id) => JSON.stringify({ _auth_user_id: id }) },
    (user) => user as unknown as User,
    () => true,
  );
  const loadAll = () => Promise.allSettled(['1', '2', '3'].map((id) => load(id, new Date())));
  await loadAll();
  expect(await loadAll()).toMatchObject([
    { status: 'fulfilled', value: { userKey: '1' } },
    { status: 'rejected', reason: { message: 'This row has no date.' } },
    { status: 'fulfilled', value: { userKey: '3' } },
  ]);
});

it('believes proxies alone', () => {
  const facts = (remoteAddress: string, headers: Record<string, string>) =>
    factsOf(
      {
        method: 'GET',
        url: '/',
        encrypted: false,
        remoteAddress,
        header: (name) => ({ host: 'inner', ...headers })[name],
      },
      trustedProxies(['10.0.0.0/8', '::1']),
    );
  const forwarded = {
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'outer',
    'x-forwarded-for': '6.6.6.6, 1.2.3.4, 10.1.1.1',
  };
  const { secure, host, clientAddress } = facts('::ffff:10.0.0.1', forwarded);
  expect({ secure, host, clientAddress }).toEqual({ secure: true, host: 'outer', clientAddress: '1.2.3.4' });
  const stranger = facts('1.2.3.4', forwarded);
  expect([stranger.secure, stranger.host, stranger.clientAddress]).toEqual([false, 'inner', '1.2.3.4']);
  expect(() => trustedProxies(['proxy.example.org'])).toThrow(
    "'proxy.example.org' is neither an address nor a network.",
  );
});

it('hashes few passwords at once, and sends away who comes after too many', async () => {
  const passwords = createPasswords({ concurrency: 2, waiting: 5 });
  const encoded = await makePassword('right', { iterations: 1_000_000 });
  const results = await Promise.allSettled(Array.from({ length: 20 }, () => passwords.check('right', encoded)));
  expect(results.filter((each) => each.status === 'fulfilled' && each.value)).toHaveLength(7);
  for (const each of results) {
    if (each.status === 'fulfilled') continue;
    const error: unknown = each.reason;
    expect(error).toBeInstanceOf(RequestError);
    expect(error).toMatchObject({ status: 503, headers: { 'Retry-After': expect.stringMatching(/^[1-9]\d*$/) } });
  }
  expect(await passwords.check('right', encoded)).toBe(true);
  expect(await passwords.check('right', null)).toBe(false);
});

/** Sends a request for each of the cookies on one connection, and resolves with all that comes back. */
async function sendAll(port: number, cookies: readonly string[]): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  const answers = text(socket);
  for (const [index, cookie] of cookies.entries()) {
    const last = index === cookies.length - 1 ? 'Connection: close\r\n' : '';
    socket.write(`GET / HTTP/1.1\r\nHost: here\r\nCookie: ${cookie}\r\n${last}\r\n`, 'latin1');
  }
  return answers;
}

forEachEngine((engine) => {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await createDatabase(engine);
    await fillSite(db, { ada: {}, '<b>"x"\r\ny': {} });
  });
  afterEach(() => db.drop());

  async function site() {
    const reported: unknown[] = [];
    const auth = await openTestAuth(db, { onError: (error) => reported.push(error) });
    const server = createServer(
      withAuth(auth, async (request, response) => {
        const name = new URL(request.url ?? '/', 'http://here').searchParams.get('login');
        if (name !== null) await login(request, (await authenticate(request, { username: name, password })) as User);
        if (request.url === '/set') request.session.set('a', 1);
        response.setHeader('Content-Type', 'application/json');
        response.end(
          JSON.stringify({ user: String(request.user), key: request.session.key, a: request.session.get('a') ?? null }),
        );
      }),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    return { auth, reported, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
  }

  it('adopts no key that it has not made, and changes it at a login', async () => {
    const { url } = await site();
    const visitor = jar(new Map([['sessionid', 'attacker0attacker0attacker0attac']]));
    await visitor.fetch(`${url}/set`);
    const own = visitor.cookies.get('sessionid');
    expect(own).toMatch(/^[a-z0-9]{32}$/);
    expect(own).not.toBe('attacker0attacker0attacker0attac');
    await visitor.fetch(`${url}/?login=ada`);
    expect(visitor.cookies.get('sessionid')).not.toBe(own);
    expect((await jar(new Map([['sessionid', own ?? '']])).fetch(url)).json).toMatchObject({
      user: 'AnonymousUser',
      a: null,
    });
    expect((await visitor.fetch(url)).json).toMatchObject({ user: 'ada', a: 1 });
    const twice = `sessionid=${visitor.cookies.get('sessionid')}; sessionid=attacker0attacker0`;
    expect((await jar().fetch(url, { headers: { cookie: twice } })).json.user).toBe('AnonymousUser');
  });

  it('takes any cookie without harm', async () => {
    const { url, reported } = await site();
    const letters = [
      '"',
      '\\',
      ';',
      '=',
      ' ',
      ',',
      '\t',
      'sessionid',
      'csrftoken',
      '%00',
      "' OR 1=1 --",
      '\\000',
      '\xe9',
      '\xff',
    ];
    letters.push(...'abcdefghijklmnopqrstuvwxyz0123456789');
    let seed = 7;
    const next = (n: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      return seed % n;
    };
    const garbage = () => Array.from({ length: next(40) }, () => letters[next(letters.length)]).join('');
    const cookies = [
      `sessionid=${'k'.repeat(8000)}`,
      `sessionid=a; csrftoken=${'x'.repeat(7900)}`,
      'sessionid="\\000aaaaaaaaaaa"',
      `sessionid=${'a'.repeat(32)}; sessionid=${'b'.repeat(32)}; sessionid`,
      ...Array.from({ length: 10_000 }, () => `${next(4) === 0 ? '' : 'sessionid='}${garbage()}`),
    ];
    // A few at a time: more would wait for a connection to the database, and be sent away.
    const batches = Array.from({ length: Math.ceil(cookies.length / 50) }, (_, at) =>
      cookies.slice(at * 50, at * 50 + 50),
    );
    const answers: string[] = [];
    const { port } = new URL(url);
    for (const batch of batches) answers.push(await sendAll(Number(port), batch));
    const heads = answers.flatMap((each) => each.match(/HTTP\/1\.1 \d+/g) ?? []);
    expect([heads.length, new Set(heads)]).toEqual([cookies.length, new Set(['HTTP/1.1 200'])]);
    const users = answers.flatMap((each) => each.match(/"user":"[^"]*","key":[^,]*/g) ?? []);
    expect([users.length, new Set(users)]).toEqual([cookies.length, new Set(['"user":"AnonymousUser","key":null'])]);
    expect(await db.query('SELECT session_key FROM django_session')).toEqual([]);
    expect(reported).toEqual([]);
  });

  it('has names in headers that cannot break out of them', async () => {
    const { auth } = await site();
    const { forwardAuth } = await import('../../src/web/forward-auth.js');
    const user = await auth.rights.context.findUser('<b>"x"\r\ny');
    const answer = await forwardAuth()({ server: auth, user } as never);
    expect(answer?.headers['X-Remote-User']).toBe('<b>"x"%0D%0Ay');
  });

  it('takes an unknown user for a wrong password, and hashes for both', async () => {
    const { auth } = await site();
    const failed: unknown[] = [];
    auth.on('userLoginFailed', ({ credentials }) => failed.push(credentials));
    const checks: (string | null)[] = [];
    const { passwords } = auth.rights.context;
    Object.assign(auth.rights.context, {
      passwords: {
        ...passwords,
        check: async (_: string, encoded: string | null) => {
          checks.push(encoded === null ? null : 'hash');
          return false;
        },
      },
    });
    for (const username of ['nobody', 'ada', 'nul\0']) {
      expect(await authenticate(auth, { username, password: 'wrong' })).toBeUndefined();
    }
    expect(checks).toEqual([null, 'hash', null]);
    expect(failed[0]).toEqual({ username: 'nobody', password: '********************' });
    expect(await authenticate(auth, { username: 'ada' })).toBeUndefined();
  });
});
