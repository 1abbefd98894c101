import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import express from 'express';
import fastify from 'fastify';
import { Hono } from 'hono';
import { expect, it, onTestFinished } from 'vitest';
import { makePassword } from '../../src/auth/passwords/hashers.js';
import type { Settings } from '../../src/settings/settings.js';
import { createToken, decodeToken, signPayload, type TokenType } from '../../src/tokens/token.js';
import * as forExpress from '../../src/web/express.js';
import * as forFastify from '../../src/web/fastify.js';
import * as forHono from '../../src/web/hono.js';
import * as forNode from '../../src/web/node.js';
import type { AuthServer } from '../../src/web/server.js';
import { createDatabase, type Engine, forEachEngine, type TestDatabase } from '../helpers/databases.js';
import { secretKey } from '../helpers/example-server.js';
import { fillSite, openTestAuth, password } from './site.js';

const paths = {
  '/token/': 'obtain',
  '/token/refresh/': 'refresh',
  '/token/verify/': 'verify',
  '/token/blacklist/': 'blacklist',
} as const;
const isPath = (path: string): path is keyof typeof paths => Object.hasOwn(paths, path);

/** As simplejwt's migrations make them. */
const tables = [
  'CREATE TABLE token_blacklist_outstandingtoken (id ID PRIMARY KEY, token text NOT NULL, created_at MOMENT, expires_at MOMENT NOT NULL, user_id integer, jti varchar(255) NOT NULL UNIQUE)',
  'CREATE TABLE token_blacklist_blacklistedtoken (id ID PRIMARY KEY, blacklisted_at MOMENT NOT NULL, token_id bigint NOT NULL UNIQUE)',
];
const types: Record<Engine, { readonly ID: string; readonly MOMENT: string }> = {
  sqlite: { ID: 'integer', MOMENT: 'datetime' },
  postgres: { ID: 'bigserial', MOMENT: 'timestamptz' },
  mariadb: { ID: 'bigint AUTO_INCREMENT', MOMENT: 'datetime(6)' },
};

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Posts JSON, and resolves with what is answered. */
async function post(url: string, body: unknown, headers: Readonly<Record<string, string>> = {}) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  // biome-ignore lint/suspicious/noExplicitAny: tests look into documents of any shape
  return { status: response.status, headers: response.headers, json: (await response.json()) as any };
}

function serveTokens(auth: AuthServer): Promise<string> {
  const handlers = forNode.tokenHandlers(auth);
  return listen(
    createServer((request, response) => {
      const path = request.url ?? '';
      if (isPath(path)) void handlers[paths[path]](request, response);
      else response.end();
    }),
  );
}

forEachEngine((engine) => {
  it('hands tokens out, says what is wrong, and rotates them', async () => {
    const db = await createDatabase(engine);
    onTestFinished(() => db.drop());
    await fillSite(db, { ada: {}, off: { is_active: false } });
    const { ID, MOMENT } = types[engine];
    for (const each of tables) await db.query(each.replace(/\bID\b/g, ID).replace(/\bMOMENT\b/g, MOMENT));
    await handOut(db);
    await complain(db);
    await rotate(db);
  });
  const serve = async (db: TestDatabase, settings: Settings = {}) => serveTokens(await openTestAuth(db, { settings }));
  const jwt = (type: TokenType, claims: Readonly<Record<string, string>> = { user_id: '1' }, age?: number) =>
    createToken(claims, { algorithm: 'HS256', keys: secretKey, type, ...(age === undefined ? {} : { age }) });

  async function handOut(db: TestDatabase) {
    const url = await serve(db);
    const obtained = await post(`${url}/token/`, { username: 'ada', password });
    expect([obtained.status, Object.keys(obtained.json)]).toEqual([200, ['refresh', 'access']]);
    const { refresh, access } = obtained.json;
    const [first, second] = [decodeToken(refresh).payload, decodeToken(access).payload];
    expect(Object.keys(first)).toEqual(['token_type', 'exp', 'iat', 'jti', 'user_id']);
    expect([first.token_type, first.user_id, Number(first.exp) - Number(first.iat)]).toEqual(['refresh', '1', 86_400]);
    expect([second.token_type, second.user_id, Number(second.exp) - Number(second.iat)]).toEqual(['access', '1', 300]);
    expect(second.jti).not.toBe(first.jti);
    expect(await db.query('SELECT jti, token FROM token_blacklist_outstandingtoken')).toEqual([
      { jti: first.jti, token: refresh },
    ]);
    expect((await db.query('SELECT last_login FROM auth_user WHERE id = 1'))[0]?.last_login).toBeNull();

    const again = await post(`${url}/token/refresh/`, { refresh });
    expect([again.status, Object.keys(again.json)]).toEqual([200, ['access']]);
    for (const token of [refresh, access, again.json.access]) {
      expect((await post(`${url}/token/verify/`, { token })).json).toEqual({});
    }
    const ended = await post(`${url}/token/blacklist/`, { refresh });
    expect([ended.status, ended.json]).toEqual([200, {}]);
    for (const path of ['/token/refresh/', '/token/blacklist/']) {
      const { status, json, headers } = await post(`${url}${path}`, { refresh });
      expect([status, json]).toEqual([401, { detail: 'Token is blacklisted', code: 'token_not_valid' }]);
      expect(headers.get('www-authenticate')).toBe('Bearer realm="api"');
    }
    expect((await post(`${url}/token/verify/`, { token: refresh })).status).toBe(200);
  }

  async function complain(db: TestDatabase) {
    const url = await serve(db);
    const noAccount = { detail: 'No active account found with the given credentials' };
    const invalid = (detail: string) => ({ detail, code: 'token_not_valid' });
    const cases: readonly (readonly [path: keyof typeof paths, body: unknown, status: number, document: object])[] = [
      ['/token/', { username: 'ada', password: 'wrong' }, 401, noAccount],
      ['/token/', { username: 'off', password }, 401, noAccount],
      ['/token/', { username: 'nobody', password }, 401, noAccount],
      ['/token/', {}, 400, { username: ['This field is required.'], password: ['This field is required.'] }],
      [
        '/token/',
        { username: ' ', password: null },
        400,
        { username: ['This field may not be blank.'], password: ['This field may not be null.'] },
      ],
      [
        '/token/',
        { username: true, password: [1] },
        400,
        { username: ['Not a valid string.'], password: ['Not a valid string.'] },
      ],
      [
        '/token/',
        { username: 'a\0', password: '\ud800' },
        400,
        { username: ['Null characters are not allowed.'], password: ['Surrogate characters are not allowed: U+D800.'] },
      ],
      ['/token/', [1], 400, { non_field_errors: ['Invalid data. Expected a dictionary, but got list.'] }],
      ['/token/', 'null', 400, { non_field_errors: ['No data provided'] }],
      ['/token/', '{', 400, { detail: 'JSON parse error - The body is not valid JSON.' }],
      ['/token/', '', 400, { username: ['This field is required.'], password: ['This field is required.'] }],
      ['/token/refresh/', {}, 400, { refresh: ['This field is required.'] }],
      ['/token/refresh/', { refresh: 'x' }, 401, invalid('Token is invalid')],
      ['/token/refresh/', { refresh: await jwt('access') }, 401, invalid('Token has wrong type')],
      ['/token/refresh/', { refresh: await jwt('refresh', { user_id: '1' }, -5) }, 401, invalid('Token is expired')],
      [
        '/token/refresh/',
        { refresh: await jwt('refresh', { user_id: '2' }) },
        401,
        { detail: 'No active account found for the given token.' },
      ],
      [
        '/token/refresh/',
        { refresh: await jwt('refresh', { user_id: '9' }) },
        401,
        { detail: 'No active account found for the given token.' },
      ],
      ['/token/verify/', {}, 400, { token: ['This field is required.'] }],
      ['/token/verify/', { token: await jwt('access', { user_id: '1' }, -5) }, 401, invalid('Token is expired')],
      ['/token/blacklist/', { refresh: 'x' }, 401, invalid('Token is invalid')],
    ];
    for (const [path, body, status, document] of cases) {
      const found = await post(`${url}${path}`, body);
      expect([path, body, found.status, found.json]).toEqual([path, body, status, document]);
    }
    const text = await post(`${url}/token/`, 'x', { 'content-type': 'text/plain' });
    expect([text.status, text.json]).toEqual([415, { detail: 'Unsupported media type "text/plain" in request.' }]);
    const get = await fetch(`${url}/token/`);
    expect([get.status, get.headers.get('allow'), await get.json()]).toEqual([
      405,
      'POST, OPTIONS',
      { detail: 'Method "GET" not allowed.' },
    ]);
    // The rest of it is read, so that the answer arrives, and the connection can be used again.
    const long = await post(`${url}/token/`, { username: 'a'.repeat(7_000_000), password });
    expect(long.status).toBe(413);
    await refuseUnstorable(url);
  }

  /** Rows cannot have these, which only who knows the key can sign. */
  async function refuseUnstorable(url: string) {
    const invalid = { detail: 'Token is invalid', code: 'token_not_valid' };
    const sign = (claims: object) =>
      signPayload({ ...decodeToken(good).payload, ...claims }, { algorithm: 'HS256', keys: secretKey });
    const good = await jwt('refresh');
    for (const jti of ['a\0b', '\ud800']) {
      const refresh = await sign({ jti });
      for (const path of ['/token/refresh/', '/token/blacklist/']) {
        const { status, json } = await post(`${url}${path}`, { refresh });
        expect([jti, path, status, json]).toEqual([jti, path, 401, invalid]);
      }
      expect((await post(`${url}/token/verify/`, { token: refresh })).status).toBe(200);
    }
    for (const [claims, refreshed] of [
      [{ jti: 'j'.repeat(256) }, 200],
      [{ exp: 1e300 }, 401],
      [{ exp: 253_402_300_800 }, 401],
    ] as const) {
      const refresh = await sign(claims);
      expect((await post(`${url}/token/refresh/`, { refresh })).status).toBe(refreshed);
      const { status, json } = await post(`${url}/token/blacklist/`, { refresh });
      expect([status, json]).toEqual([401, invalid]);
    }
    for (const user of ['1\0', '9'.repeat(300), '1 ', {}, [1]]) {
      const { status } = await post(`${url}/token/refresh/`, { refresh: await sign({ user_id: user }) });
      expect([user, status]).toEqual([user, 401]);
    }
  }

  async function rotate(db: TestDatabase) {
    const url = await serve(db, {
      tokens: { rotate: true, blacklistAfterRotation: true, checkPassword: true, updateLastLogin: true, accessAge: 60 },
    });
    const before = await db.query('SELECT id FROM token_blacklist_outstandingtoken');
    const { refresh } = (await post(`${url}/token/`, { username: 'ada', password })).json;
    expect((await db.query('SELECT last_login FROM auth_user WHERE id = 1'))[0]?.last_login).not.toBeNull();
    const answers = await Promise.all([1, 2, 3].map(() => post(`${url}/token/refresh/`, { refresh })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401]);
    const next = answers.find(({ status }) => status === 200)?.json;
    expect(Object.keys(next)).toEqual(['access', 'refresh']);
    const { exp, iat, hash_password: bond } = decodeToken(next.access).payload;
    expect([Number(exp) - Number(iat), bond]).toEqual([60, expect.stringMatching(/^[0-9A-F]{32}$/)]);
    const verified = await post(`${url}/token/verify/`, { token: refresh });
    expect([verified.status, verified.json]).toEqual([400, { non_field_errors: ['Token is blacklisted'] }]);
    expect(await db.query('SELECT id FROM token_blacklist_outstandingtoken')).toHaveLength(before.length + 2);

    await db.query('UPDATE auth_user SET password = ?', [await makePassword('other', { iterations: 1 })]);
    const changed = await post(`${url}/token/refresh/`, { refresh: next.refresh });
    expect([changed.status, changed.json]).toEqual([401, { detail: "The user's password has been changed." }]);
  }
});

it('answers so in each framework', async () => {
  const db = await createDatabase('sqlite');
  onTestFinished(() => db.drop());
  await fillSite(db);
  const auth = await openTestAuth(db);

  const sites: Readonly<Record<string, () => Promise<string>>> = {
    'node:http': () => {
      const handlers = forNode.tokenHandlers(auth);
      const site = forNode.withAuth(auth, async (request, response) => {
        if (await forNode.passes(forNode.tokenRequired(), request, response))
          response.end(JSON.stringify(String(request.user)));
      });
      return listen(
        createServer(
          (request, response) => void (request.url === '/token/' ? handlers.obtain : site)(request as never, response),
        ),
      );
    },
    express: () => {
      const app = express();
      app.post('/token/', forExpress.tokenHandlers(auth).obtain);
      app.get(
        '/api/',
        forExpress.expressAuth(auth),
        forExpress.tokenRequired(),
        ({ user }, response) => void response.json(String(user)),
      );
      return listen(createServer(app));
    },
    'express with parsers': () => {
      const app = express().use(express.json(), express.urlencoded({ extended: false }), forExpress.expressAuth(auth));
      app.post('/token/', forExpress.tokenHandlers(auth).obtain);
      app.get(
        '/api/',
        forExpress.tokenRequired({ kind: 'jwt' }),
        ({ user }, response) => void response.json(String(user)),
      );
      return listen(createServer(app));
    },
    fastify: async () => {
      const app = fastify();
      await app.register(forFastify.fastifyAuth(auth));
      app.post('/token/', forFastify.tokenHandlers(auth).obtain);
      app.get('/api/', { preHandler: forFastify.tokenRequired() }, async ({ user }) => JSON.stringify(String(user)));
      onTestFinished(() => app.close());
      return app.listen({ port: 0, host: '127.0.0.1' });
    },
    hono: () => {
      const app = new Hono();
      app.post('/token/', forHono.tokenHandlers(auth).obtain);
      app.use(forHono.honoAuth(auth));
      app.get('/api/', forHono.tokenRequired(), (c) => c.json(String(c.get('user'))));
      return listen(createServer(getRequestListener(app.fetch)));
    },
    fetch: () => {
      const handlers = forHono.tokenHandlers(auth);
      const site = forHono.withAuth(auth, (_, { user, auth: by }) =>
        by === null ? Response.json({}, { status: 401 }) : Response.json(String(user)),
      );
      return listen(
        createServer(
          getRequestListener((request) =>
            new URL(request.url).pathname === '/token/' ? handlers.obtain(request) : site(request),
          ),
        ),
      );
    },
  };
  for (const [name, start] of Object.entries(sites)) {
    const url = await start();
    const { status, json } = await post(`${url}/token/`, { username: 'ada', password });
    expect([name, status, Object.keys(json)]).toEqual([name, 200, ['refresh', 'access']]);
    const asForm = { method: 'POST', body: new URLSearchParams({ username: 'ada', password }) };
    // Fastify has no parser of forms by itself.
    if (name !== 'fastify') expect((await fetch(`${url}/token/`, asForm)).status).toBe(200);
    const api = (token: string) => fetch(`${url}/api/`, { headers: { authorization: `Bearer ${token}` } });
    expect(await (await api(json.access)).json()).toBe('ada');
    expect((await api(json.refresh)).status).toBe(401);
    expect((await fetch(`${url}/api/`)).status).toBe(401);
  }
});
