import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { jar } from '../helpers/browser.js';
import { createDatabase } from '../helpers/databases.js';
import { startExample } from '../helpers/example-server.js';

const password = 'Kaltes-Wasser-7';

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

it('answers 503 while its database is away, and knows everybody again afterwards', async () => {
  const db = await createDatabase('postgres');
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
