import { createServer as createSite } from 'node:http';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setImmediate as later } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { connect as connectTo } from '../../src/db/connect/connect.js';
import { coreApps } from '../../src/registry/core.js';
import { createRegistry } from '../../src/registry/define.js';
import { tokenHandlers, withAuth } from '../../src/web/node.js';
import type { OpenAuthOptions } from '../../src/web/server.js';
import { jar } from '../helpers/browser.js';
import {
  createDatabase,
  engines,
  forEachEngine,
  sqliteDriver,
  type TestDatabase,
  untilSomebodyWaits,
} from '../helpers/databases.js';
import { startExample } from '../helpers/example-server.js';
import { fillSite, openTestAuth, password } from './site.js';

/** A way to a server that can be cut and mended. */
async function openWay(host: string, port: number) {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(port, host);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket));
    }
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
    client.pipe(upstream).pipe(client);
  });
  const listen = (at: number) => new Promise<void>((resolve) => server.listen(at, '127.0.0.1', resolve));
  await listen(0);
  const own = (server.address() as AddressInfo).port;
  const cut = async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port: own, cut, mend: () => listen(own) };
}

/** The one whose server is away. */
const serverEngine = engines.find((engine) => engine !== 'sqlite') ?? 'postgres';

it('answers 503 while its database is away, and knows everybody again afterwards', async () => {
  const db = await createDatabase(serverEngine);
  onTestFinished(() => db.drop());
  const direct = new URL(db.url);
  const way = await openWay(direct.hostname, Number(direct.port));
  const through = new URL(direct);
  through.hostname = '127.0.0.1';
  through.port = String(way.port);
  const { url, process: server, errors } = await startExample({ url: through.href });
  const visitor = jar();
  await visitor.fetch(`${url}/accounts/signup/`, { form: { username: 'ada', password } });
  expect((await visitor.fetch(`${url}/whoami/`)).json).toMatchObject({ user: 'ada' });
  expect((await visitor.fetch(`${url}/healthz/`)).status).toBe(204);

  await way.cut();
  expect((await visitor.fetch(`${url}/healthz/`)).status).toBe(503);
  for (const path of ['/whoami/', '/count/', '/private/', '/auth/']) {
    const visit = await visitor.fetch(`${url}${path}`);
    expect([path, visit.status, visit.headers.get('retry-after')]).toEqual([path, 503, '5']);
    expect(visit.text).toContain('The service is not available at the moment.');
  }
  const login = await jar().fetch(`${url}/accounts/login/`, { form: { username: 'ada', password } });
  expect(login.status).toBe(503);
  // Who has no session needs no database.
  expect((await jar().fetch(`${url}/`)).status).toBe(200);

  await way.mend();
  expect((await visitor.fetch(`${url}/healthz/`)).status).toBe(204);
  expect((await visitor.fetch(`${url}/whoami/`)).json).toMatchObject({ user: 'ada' });
  expect((await visitor.fetch(`${url}/count/`)).json).toEqual({ count: 1 });
  expect(server.exitCode).toBeNull();
  expect(errors()).not.toMatch(/unhandled|uncaught/i);
});

/** A site that counts visits, and hands out tokens at `/token/`. */
async function countingSite(db: TestDatabase, options: OpenAuthOptions = {}) {
  await fillSite(db);
  const reported: unknown[] = [];
  const auth = await openTestAuth(db, { onError: (error) => reported.push(error), ...options });
  const { obtain } = tokenHandlers(auth);
  const count = withAuth(auth, ({ session }, response) => {
    session.set('count', Number(session.get('count') ?? 0) + 1);
    response.end(String(session.get('count')));
  });
  const server = createSite((request, response) => {
    void (request.url === '/token/' ? obtain(request, response) : count(request, response));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { port, url: `http://127.0.0.1:${port}`, reported };
}

/** Keeps everybody else from the sessions until it is let go. */
async function lockSessions(db: TestDatabase): Promise<() => Promise<void>> {
  if (db.engine === 'sqlite') {
    const holder = await connectTo(db.settings, createRegistry(coreApps), { driver: sqliteDriver });
    await holder.db.raw('BEGIN EXCLUSIVE');
    return async () => {
      await holder.db.raw('ROLLBACK');
      await holder.close();
    };
  }
  await db.query('BEGIN');
  await db.query('LOCK TABLE django_session IN ACCESS EXCLUSIVE MODE');
  return async () => void (await db.query('ROLLBACK'));
}

async function exhaustPool(): Promise<void> {
  const db = await createDatabase('postgres');
  onTestFinished(() => db.drop());
  const { url, reported } = await countingSite(db, { poolSize: 2 });
  const visitor = jar();
  const visit = () => visitor.fetch(url).then(({ status }) => status);
  expect(await visit()).toBe(200);
  const release = await lockSessions(db);
  const first = [visit(), visit()];
  await untilSomebodyWaits(db);
  // No connection is left for these.
  const others = await Promise.all(Array.from({ length: 20 }, visit));
  expect(new Set(others)).toEqual(new Set([503]));
  expect(reported).toHaveLength(20);
  await release();
  expect(await Promise.all(first)).toEqual([200, 200]);
  expect(await Promise.all(Array.from({ length: 20 }, visit))).toEqual(Array.from({ length: 20 }, () => 200));
}

async function lockFile(): Promise<void> {
  const db = await createDatabase('sqlite');
  onTestFinished(() => db.drop());
  const { url } = await countingSite(db);
  const visitor = jar();
  expect((await visitor.fetch(url)).text).toBe('1');
  const release = await lockSessions(db);
  const visits = await Promise.all([visitor.fetch(url), jar().fetch(url)]);
  for (const { status, headers } of visits) expect([status, headers.get('retry-after')]).toEqual([503, '5']);
  await release();
  expect((await visitor.fetch(url)).text).toBe('2');
}

// Both wait five seconds for what they do not get.
it('sends those away who wait too long for a connection or a lock, and serves them afterwards', async () => {
  await Promise.all([exhaustPool(), lockFile()]);
});

forEachEngine((engine) => {
  it('serves others while slow clients take their time', async () => {
    const db = await createDatabase(engine);
    onTestFinished(() => db.drop());
    const { url, port, reported } = await countingSite(db, { poolSize: 1 });
    const body = JSON.stringify({ username: 'ada', password: 'wrong' });
    const head = `POST /token/ HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n`;
    const slow = Array.from({ length: 30 }, (_, index) => {
      const text = head + body;
      // Some stop within the head, others within the body.
      const stop = index % 2 === 0 ? 40 : head.length + 5;
      const socket = connect(port, '127.0.0.1');
      let answer = '';
      socket.on('data', (chunk) => {
        answer += chunk;
      });
      const answered = new Promise<string>((resolve) => socket.on('close', () => resolve(answer)));
      const begun = (async () => {
        for (const unit of text.slice(0, stop)) {
          socket.write(unit);
          await later();
        }
      })();
      return { socket, begun, rest: text.slice(stop), answered };
    });
    await Promise.all(slow.map(({ begun }) => begun));
    const visitor = jar();
    for (const count of [1, 2, 3]) expect((await visitor.fetch(url)).text).toBe(String(count));
    const [finished, ...abandoned] = slow;
    finished?.socket.write(finished.rest);
    expect(await finished?.answered).toMatch(/^HTTP\/1.1 401 /);
    for (const { socket } of abandoned) socket.destroy();
    expect((await visitor.fetch(url)).text).toBe('4');
    expect(reported).toEqual([]);
  });
});
