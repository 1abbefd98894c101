import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { getRequestListener } from '@hono/node-server';
import express from 'express';
import fastify from 'fastify';
import { Hono } from 'hono';
import { afterAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { User } from '../../src/auth/backends/user.js';
import { connect as connectTo } from '../../src/db/connect/connect.js';
import { coreApps } from '../../src/registry/core.js';
import { createRegistry } from '../../src/registry/define.js';
import * as forExpress from '../../src/web/express.js';
import * as forFastify from '../../src/web/fastify.js';
import * as forHono from '../../src/web/hono.js';
import { authenticate, login, logout } from '../../src/web/login.js';
import * as forNode from '../../src/web/node.js';
import type { AuthServer } from '../../src/web/server.js';
import type { Session } from '../../src/web/session.js';
import { type Jar, jar } from '../helpers/browser.js';
import { createDatabase, type Engine, forEachEngine, sqliteDriver, type TestDatabase } from '../helpers/databases.js';
import { expectReadsTogether, fillSite, openTestAuth, password } from './site.js';

let db: TestDatabase;
let auth: AuthServer;
const reported: unknown[] = [];
const sites = new Map<Engine, TestDatabase>();

async function makeSite(engine: Engine): Promise<TestDatabase> {
  const made = await createDatabase(engine);
  sites.set(engine, made);
  await fillSite(made, { ada: {}, grace: {} });
  return made;
}

/** Each test begins without a session. */
async function useSite(engine: Engine): Promise<void> {
  db = sites.get(engine) ?? (await makeSite(engine));
  await db.query('DELETE FROM django_session');
  reported.length = 0;
  // A login costs next to nothing.
  const settings = { passwordHashers: ['md5', 'pbkdf2_sha256'] };
  auth = await openTestAuth(db, { settings, onError: (error) => reported.push(error) });
}
afterAll(() => Promise.all([...sites.values()].map((site) => site.drop())));

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const count = (session: Session) => {
  session.set('count', Number(session.get('count') ?? 0) + 1);
  return Number(session.get('count'));
};
const enter = async (request: object) =>
  login(request, (await authenticate(request, { username: 'ada', password })) as User);

/** The same small site in each framework. */
const frameworks: Readonly<Record<string, () => Promise<string>>> = {
  'node:http': () =>
    listen(
      createServer(
        forNode.withAuth(auth, async (request, response) => {
          if (request.url === '/count') response.end(String(count(request.session)));
          else if (request.url === '/login') {
            await enter(request);
            response.writeHead(302, { Location: '/me', 'Set-Cookie': 'own=1' }).end();
          } else if (request.url === '/logout') {
            await logout(request);
            response.end('bye');
          } else if (request.url === '/me') response.end(String(request.user));
          else if (request.url === '/private') {
            if (await forNode.passes(forNode.loginRequired(), request, response)) response.end('private');
          } else if (request.url === '/stream') {
            count(request.session);
            await pipeline(Readable.from(['a', 'b', 'c'.repeat(100_000)]), response);
          } else if (request.url === '/fail') {
            count(request.session);
            throw new Error('failed');
          } else if (request.url === '/500') {
            count(request.session);
            response.statusCode = 500;
            response.end('sorry');
          }
        }),
      ),
    ),
  express: async () => {
    const app = express();
    app.use(forExpress.expressAuth(auth));
    app.get('/count', ({ session }, response) => void response.send(String(count(session))));
    app.post('/login', async (request, response) => {
      await enter(request);
      response.cookie('own', '1').redirect('/me');
    });
    app.post('/logout', async (request, response) => {
      await logout(request);
      response.send('bye');
    });
    app.get('/me', ({ user }, response) => void response.send(String(user)));
    app.get('/private', forExpress.loginRequired(), (_, response) => void response.send('private'));
    app.get('/stream', async ({ session }, response) => {
      count(session);
      await pipeline(Readable.from(['a', 'b', 'c'.repeat(100_000)]), response);
    });
    app.get('/fail', ({ session }) => {
      count(session);
      throw new Error('failed');
    });
    app.get('/500', ({ session }, response) => {
      count(session);
      response.status(500).send('sorry');
    });
    app.use((_error: unknown, _request: unknown, response: ServerResponse, _next: unknown) => {
      response.statusCode = 500;
      response.end('failed');
    });
    return listen(createServer(app));
  },
  fastify: async () => {
    const app = fastify();
    await app.register(forFastify.fastifyAuth(auth));
    app.get('/count', async ({ session }) => String(count(session)));
    app.post('/login', async (request, reply) => {
      await enter(request);
      return reply.header('set-cookie', 'own=1').redirect('/me');
    });
    app.post('/logout', async (request) => {
      await logout(request);
      return 'bye';
    });
    app.get('/me', async ({ user }) => String(user));
    app.get('/private', { preHandler: forFastify.loginRequired() }, async () => 'private');
    app.get('/stream', async ({ session }, reply) => {
      count(session);
      return reply.send(Readable.from(['a', 'b', 'c'.repeat(100_000)]));
    });
    app.get('/fail', async ({ session }) => {
      count(session);
      throw new Error('failed');
    });
    app.get('/500', async ({ session }, reply) => {
      count(session);
      return reply.code(500).send('sorry');
    });
    app.get('/raw', (request, reply) => {
      reply.hijack();
      reply.raw.end(String(count(request.session)));
    });
    onTestFinished(() => app.close());
    return app.listen({ port: 0, host: '127.0.0.1' });
  },
  hono: async () => {
    const app = new Hono();
    app.use(forHono.honoAuth(auth));
    app.get('/count', (c) => c.text(String(count(c.get('session')))));
    app.post('/login', async (c) => {
      await enter(c);
      c.header('set-cookie', 'own=1');
      return c.redirect('/me');
    });
    app.post('/logout', async (c) => {
      await logout(c);
      return c.text('bye');
    });
    app.get('/me', (c) => c.text(String(c.get('user'))));
    app.get('/private', forHono.loginRequired(), (c) => c.text('private'));
    app.get('/stream', (c) => {
      count(c.get('session'));
      return c.body(Readable.toWeb(Readable.from([Buffer.from(`ab${'c'.repeat(100_000)}`)])) as ReadableStream);
    });
    app.get('/fail', (c) => {
      count(c.get('session'));
      throw new Error('failed');
    });
    app.get('/500', (c) => {
      count(c.get('session'));
      return c.text('sorry', 500);
    });
    app.onError((_, c) => c.text('failed', 500));
    return listen(createServer(getRequestListener(app.fetch)));
  },
  fetch: () => {
    const handler = forHono.withAuth(auth, async (request, { session, user }) => {
      switch (new URL(request.url).pathname) {
        case '/count':
          return new Response(String(count(session)));
        case '/login':
          await enter(request);
          return new Response(null, { status: 302, headers: { location: '/me', 'set-cookie': 'own=1' } });
        case '/logout':
          await logout(request);
          return new Response('bye');
        case '/me':
          return new Response(String(user));
        case '/private':
          return user.isAuthenticated
            ? new Response('private')
            : new Response(null, { status: 302, headers: { location: '/accounts/login/?next=/private' } });
        case '/stream':
          count(session);
          return new Response(`ab${'c'.repeat(100_000)}`);
        case '/500':
          count(session);
          return new Response('sorry', { status: 500 });
        default:
          count(session);
          throw new Error('failed');
      }
    });
    return listen(createServer(getRequestListener((request) => handler(request))));
  },
};

const rows = async () => (await db.query('SELECT session_key FROM django_session')).map((row) => row.session_key);

/** Keeps everybody from writing sessions, and nobody from reading them, until it is let go. */
async function lockSessions({ engine, settings, query }: TestDatabase): Promise<{ release(): Promise<unknown> }> {
  if (engine === 'sqlite') {
    const holder = await connectTo(settings, createRegistry(coreApps), { driver: sqliteDriver });
    await holder.db.raw('BEGIN IMMEDIATE');
    return { release: () => holder.db.raw('ROLLBACK').then(() => holder.close()) };
  }
  await query('BEGIN');
  await query('SELECT * FROM django_session FOR UPDATE');
  return { release: () => query('ROLLBACK') };
}

/** Resolves with the whole answer as it is on the wire; `hear` gets each part when it arrives. */
async function ask(url: string, { cookies }: Jar, hear: (chunk: Buffer) => void): Promise<string> {
  const { port, pathname } = new URL(url);
  const socket = connect(Number(port), '127.0.0.1').on('data', hear);
  const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  socket.write(`GET ${pathname} HTTP/1.1\r\nHost: here\r\nCookie: ${cookie}\r\nConnection: close\r\n\r\n`);
  return text(socket);
}

forEachEngine((engine) => {
  beforeEach(() => useSite(engine));

  describe.each(Object.keys(frameworks))('%s', (name) => {
    it('has sessions and users, stored before the head leaves', async () => {
      const url = await (frameworks[name] as () => Promise<string>)();
      const visitor = jar();
      const get = (path: string) => visitor.fetch(`${url}${path}`);
      const first = await get('/me');
      expect([first.text, first.headers.get('vary'), first.setCookies]).toEqual(['AnonymousUser', 'Cookie', []]);
      expect((await get('/count')).text).toBe('1');
      expect((await get('/count')).text).toBe('2');
      const anonymous = visitor.cookies.get('sessionid');
      expect(await rows()).toEqual([anonymous]);
      const away = await get('/private');
      expect([away.status, away.headers.get('location')]).toEqual([302, '/accounts/login/?next=/private']);

      const entered = await visitor.fetch(`${url}/login`, { method: 'POST' });
      expect([entered.status, entered.headers.get('location')]).toEqual([302, '/me']);
      expect(entered.setCookies.map((each) => each.split('=', 1)[0])).toEqual(['own', 'csrftoken', 'sessionid']);
      const key = visitor.cookies.get('sessionid');
      expect(key).not.toBe(anonymous);
      expect(await rows()).toEqual([key]);
      expect((await get('/me')).text).toBe('ada');
      expect((await get('/private')).text).toBe('private');

      const streamed = await get('/stream');
      expect(streamed.text).toBe(`ab${'c'.repeat(100_000)}`);
      expect(streamed.setCookies).toHaveLength(1);
      const head = await visitor.fetch(`${url}/count`, { method: 'HEAD' });
      expect([head.status, head.text]).toEqual([200, '']);
      for (const path of ['/500', '/fail']) {
        const failed = await get(path);
        expect([failed.status, failed.setCookies]).toEqual([500, []]);
      }
      // Two before the login, the stream and the HEAD, and nothing of what failed.
      const { text: after } = await get('/count');
      expect(after).toBe('5');

      const forged = await visitor.fetch(`${url}/logout`, {
        method: 'POST',
        headers: { 'sec-fetch-site': 'cross-site' },
      });
      expect(forged.status).toBe(403);
      await visitor.fetch(`${url}/logout`, { method: 'POST' });
      expect(await rows()).toEqual([]);
      expect(visitor.cookies.has('sessionid')).toBe(false);
      expect((await get('/me')).text).toBe('AnonymousUser');
    });

    it('lets no head leave before the row is committed, while others are served', async () => {
      const url = await (frameworks[name] as () => Promise<string>)();
      const visitor = jar();
      expect((await visitor.fetch(`${url}/count`)).text).toBe('1');
      const { release } = await lockSessions(db);
      let bytes = 0;
      const waiting = ['/count', '/stream'].map((path) =>
        ask(`${url}${path}`, visitor, (chunk) => (bytes += chunk.length)),
      );
      // Reading goes on meanwhile.
      for (let others = 0; others < 20; others++) {
        expect((await visitor.fetch(`${url}/me`)).text).toBe('AnonymousUser');
      }
      expect(bytes).toBe(0);
      await release();
      // Two requests that write the same session have both found 1 in it, and both are answered; the last one counts.
      const answers = await Promise.all(waiting);
      for (const answer of answers) expect(answer).toMatch(/^HTTP\/1.1 200 (.*\r\n)*set-cookie: sessionid=/i);
      expect(answers[0]).toMatch(/\r\n\r\n2$/);
      expect((await visitor.fetch(`${url}/count`)).text).toBe('3');
      expect(await rows()).toEqual([visitor.cookies.get('sessionid')]);
      expect(reported).toEqual([]);
    });
  });

  it('holds the head back of what a handler of Fastify writes by itself', async () => {
    const url = await (frameworks.fastify as () => Promise<string>)();
    const visitor = jar();
    expect((await visitor.fetch(`${url}/raw`)).text).toBe('1');
    expect((await visitor.fetch(`${url}/raw`)).text).toBe('2');
  });

  describe('the head of a response', () => {
    const serve = (handler: forNode.NodeHandler) => listen(createServer(forNode.withAuth(auth, handler)));

    it.each<readonly [string, (response: ServerResponse) => unknown, string]>([
      [
        'writeHead with an object',
        (r) => r.writeHead(201, { 'X-A': '1', 'Set-Cookie': ['x=1', 'y=2'] }).end('body'),
        'body',
      ],
      [
        'writeHead with a list',
        (r) => r.writeHead(201, 'Made', ['X-A', '1', 'Set-Cookie', 'x=1', 'Set-Cookie', 'y=2']).end('body'),
        'body',
      ],
      [
        'setHeader and flushHeaders',
        (r) => {
          r.statusCode = 201;
          r.setHeader('X-A', '1').setHeader('Set-Cookie', ['x=1', 'y=2']).flushHeaders();
          r.write('bo');
          r.end('dy');
        },
        'body',
      ],
      [
        'end alone',
        (r) => {
          r.statusCode = 201;
          r.setHeader('X-A', '1').setHeader('Set-Cookie', ['x=1', 'y=2']).end('body');
        },
        'body',
      ],
    ])('is what the handler says, and more: %s', async (_, write, body) => {
      const url = await serve((request, response) => {
        count(request.session);
        return write(response);
      });
      const visit = await jar().fetch(url);
      expect([visit.status, visit.headers.get('x-a'), visit.text]).toEqual([201, '1', body]);
      expect(visit.setCookies.map((each) => each.split('=', 1)[0])).toEqual(['x', 'y', 'sessionid']);
    });

    it('is known to who wraps it before the body is', async () => {
      // As the middleware `compression` does.
      const url = await serve((request, response) => {
        count(request.session);
        const { writeHead, write } = response;
        let isKnown = false;
        Object.assign(response, {
          writeHead(this: ServerResponse, ...args: Parameters<typeof writeHead>) {
            if (!isKnown) response.setHeader('X-Wrapped', '1');
            isKnown = true;
            return Reflect.apply(writeHead, this, args);
          },
          write: (text: string) => Reflect.apply(write, response, [isKnown ? `<${text}>` : text]),
        });
        response.flushHeaders();
        response.write('a');
        response.end();
      });
      const visit = await jar().fetch(url);
      expect([visit.text, visit.headers.get('x-wrapped'), visit.setCookies.length]).toEqual(['<a>', '1', 1]);
    });

    it('looks to its handler as if it were on its way', async () => {
      const seen: unknown[] = [];
      const url = await serve((request, response) => {
        count(request.session);
        response.end('body');
        seen.push(response.headersSent, response.writableEnded);
        expect(() => response.setHeader('X-Late', '1')).toThrow('after they are sent');
        expect(() => response.writeHead(500)).toThrow('after they are sent');
        response.statusCode = 500;
        response.end('more');
      });
      const visit = await jar().fetch(url);
      expect([visit.status, visit.text, visit.headers.get('content-length')]).toEqual([200, 'body', '4']);
      expect(seen).toEqual([true, true]);
    });

    it('is that of the failure where the session is gone, and the body with it', async () => {
      const url = await serve(async (request, response) => {
        if (request.url === '/drop') await auth.sessions.rows.remove(request.session.key ?? '');
        count(request.session);
        response.writeHead(200, {
          'Content-Type': 'application/json',
          'Content-Length': '16',
          'X-Frame-Options': 'DENY',
        });
        response.write('{');
        await new Promise<void>((resolve) => response.end('"much": "more"}', () => resolve()));
      });
      const visitor = jar();
      await visitor.fetch(`${url}/drop`, { headers: {} }).catch(() => undefined);
      await visitor.fetch(url).catch(() => undefined);
      const [key] = await rows();
      visitor.cookies.set('sessionid', String(key));
      const visit = await visitor.fetch(`${url}/drop`);
      expect([visit.status, visit.headers.get('content-type'), visit.headers.get('x-frame-options')]).toEqual([
        400,
        'text/plain; charset=utf-8',
        'DENY',
      ]);
      expect(visit.text).toMatch(/^The request's session was deleted before the request completed\./);
      expect(await rows()).toEqual([]);
    });

    it('leaves once, where the handler fails after it', async () => {
      const url = await serve((request, response) => {
        count(request.session);
        response.write('begun');
        throw new Error('late');
      });
      await expect(jar().fetch(url)).rejects.toThrow();
      expect(reported).toHaveLength(1);
      expect(
        await jar()
          .fetch(url)
          .catch(() => 'again'),
      ).toBe('again');
    });

    it('does no harm where nobody waits for it', async () => {
      let left = () => {};
      const gone = new Promise<void>((resolve) => {
        left = resolve;
      });
      let arrived = () => {};
      const here = new Promise<void>((resolve) => {
        arrived = resolve;
      });
      const url = await serve(async (request, response) => {
        if (request.url !== '/abort') return response.end('here');
        count(request.session);
        arrived();
        await new Promise((resolve) => response.once('close', resolve));
        response.end('too late');
        left();
      });
      const request = httpRequest(`${url}/abort`).on('error', () => undefined);
      request.end();
      await here;
      request.destroy();
      await gone;
      expect((await jar().fetch(url)).text).toBe('here');
      // What was done is done, as at Django.
      await expect.poll(rows).toHaveLength(1);
      expect(reported).toEqual([]);
    });

    it('keeps the order of requests on one connection', async () => {
      const url = await serve((request, response) => {
        // The first one has more to store than the next ones.
        if (request.url === '/0') count(request.session);
        response.end(`answer ${request.url};`);
      });
      const { port } = new URL(url);
      const socket = connect(Number(port), '127.0.0.1');
      const paths = Array.from({ length: 20 }, (_, index) => `/${index}`);
      for (const [index, path] of paths.entries()) {
        const last = index === paths.length - 1 ? 'Connection: close\r\n' : '';
        socket.write(`GET ${path} HTTP/1.1\r\nHost: here\r\n${last}\r\n`);
      }
      const answers = [...(await text(socket)).matchAll(/answer (\S+);/g)].map(([, path]) => path);
      expect(answers).toEqual(paths);
    });
  });

  it('finds for each of many who ask at once what is theirs', () => expectReadsTogether(auth, ['1', '2'], '3'));

  it.each(['express', 'hono', 'fetch', 'node:http'])('comes twice without harm: %s', async (name) => {
    const visitor = jar();
    const nested = {
      async express() {
        const app = express().use(forExpress.expressAuth(auth));
        const inner = express().use(forExpress.expressAuth(auth));
        app.use(
          '/inner',
          inner.get('/', ({ session }, response) => void response.send(String(count(session)))),
        );
        return listen(createServer(app));
      },
      async hono() {
        const app = new Hono().use(forHono.honoAuth(auth)).use(forHono.honoAuth(auth));
        app.get('/inner', (c) => c.text(String(count(c.get('session')))));
        return listen(createServer(getRequestListener(app.fetch)));
      },
      async fetch() {
        const inner = forHono.withAuth(auth, (_, { session }) => new Response(String(count(session))));
        const outer = forHono.withAuth(auth, (request) => inner(request));
        return listen(createServer(getRequestListener((request) => outer(request))));
      },
      async 'node:http'() {
        const inner = forNode.withAuth(auth, ({ session }, response) => response.end(String(count(session))));
        return listen(createServer(forNode.withAuth(auth, inner)));
      },
    }[name];
    const url = await nested?.();
    expect((await visitor.fetch(`${url}/inner`)).text).toBe('1');
    const again = await visitor.fetch(`${url}/inner`);
    expect([again.text, again.setCookies.length, await rows()]).toEqual(['2', 1, [visitor.cookies.get('sessionid')]]);
  });

  it('says what cannot share a request with it', async () => {
    const app = express();
    app.use('/other', (request, _, next) => {
      Object.assign(request, { session: {} });
      next();
    });
    app.use('/twice', forExpress.expressAuth(await openTestAuth(db)));
    app.use(forExpress.expressAuth(auth));
    app.use((error: Error, _request: unknown, response: express.Response, _next: unknown) => {
      response.status(500).send(error.message);
    });
    const url = await listen(createServer(app));
    expect((await jar().fetch(`${url}/other`)).text).toMatch(/^Something else, such as express-session, has given/);
    expect((await jar().fetch(`${url}/twice`)).text).toMatch(/^This request has a session of another server/);
  });

  it('knows who asks for an upgrade', async () => {
    const server = createServer(
      forNode.withAuth(auth, async (request, response) => {
        await enter(request);
        response.end();
      }),
    );
    server.on('upgrade', async (request: IncomingMessage, socket) => {
      const user = await forNode.userFromRequest(auth, request);
      socket.end(
        `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nX-User: ${user}\r\n\r\n`,
      );
    });
    const url = await listen(server);
    const visitor = jar();
    await visitor.fetch(url);
    const upgrade = (cookie: string) =>
      new Promise((resolve) => {
        httpRequest(url, { headers: { connection: 'upgrade', upgrade: 'websocket', cookie } })
          .on('upgrade', (response, socket) => {
            socket.destroy();
            resolve(response.headers['x-user']);
          })
          .end();
      });
    expect(await upgrade(`sessionid=${visitor.cookies.get('sessionid')}`)).toBe('ada');
    expect(await upgrade('sessionid=abcdefghijklmnop')).toBe('AnonymousUser');
  });
});
