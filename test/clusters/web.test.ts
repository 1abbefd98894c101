import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Jar, jar } from '../helpers/browser.js';
import { startExample } from '../helpers/example-server.js';
import { startPooler } from '../helpers/pgbouncer.js';
import { freePort, initPostgres } from '../helpers/postgres-server.js';
import { fillSite, password } from '../web/site.js';

/** A PostgreSQL server that can be stopped and started again where it was. */
interface Server {
  readonly url: string;
  start(): Promise<void>;
  stop(mode: 'fast' | 'immediate'): Promise<void>;
  remove(): Promise<void>;
}

async function startServer(): Promise<Server> {
  const { folder, bin, owner, password: secret } = await initPostgres();
  const port = await freePort();
  const control = async (...args: string[]) => {
    const child = spawn(join(bin, 'pg_ctl'), ['-D', join(folder, 'data'), '-w', ...args], {
      ...owner,
      cwd: folder,
      stdio: 'ignore',
      env: { ...process.env, LC_ALL: 'C' },
    });
    const code = await new Promise((resolve) => child.once('exit', resolve));
    if (code !== 0) throw new Error(`pg_ctl ${args.join(' ')} ended with ${code}.`);
  };
  const flags = { listen_addresses: '127.0.0.1', port, unix_socket_directories: folder };
  const options = Object.entries(flags).map(([name, value]) => `-c ${name}=${value}`);
  const server: Server = {
    url: `postgres://postgres:${secret}@127.0.0.1:${port}/postgres`,
    start: () => control('-l', join(folder, 'data', 'log'), '-o', options.join(' '), 'start'),
    stop: (mode) => control('-m', mode, 'stop'),
    async remove() {
      await control('-m', 'immediate', 'stop');
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await server.start();
  return server;
}

let server: Server;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server?.remove());

/** A database of its own for one test, with users. */
async function makeSite(name: string): Promise<{ readonly url: string }> {
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  await client.query(`CREATE DATABASE ${name}`);
  await client.end();
  const url = server.url.replace(/postgres$/, name);
  await fillSite({ url }, { ada: {} });
  return { url };
}

/** So many visitors who have logged in. */
async function visitors(url: string, count: number): Promise<Jar[]> {
  const all = Array.from({ length: count }, () => jar());
  const login = (visitor: Jar) => visitor.fetch(`${url}/accounts/login/`, { form: { username: 'ada', password } });
  const visits = await Promise.all(all.map(login));
  expect(new Set(visits.map(({ status }) => status))).toEqual(new Set([302]));
  return all;
}

test('a server that is stopped and started again under load costs nobody the login', async () => {
  const { url, process: example, errors } = await startExample(await makeSite('restarted'));
  const all = await visitors(url, 6);
  const seen = new Map<number, number>();
  let [isOver, counted] = [false, 0];
  const visit = async (visitor: Jar) => {
    for (let counts = 0; ; ) {
      for (const path of ['/count/', '/whoami/', '/private/']) {
        const { status, json } = await visitor.fetch(`${url}${path}`);
        seen.set(status, (seen.get(status) ?? 0) + 1);
        if (path === '/count/' && status === 200) {
          // A visit may have been counted whose answer was lost, and none is taken back.
          expect(json.count).toBeGreaterThan(counts);
          counts = json.count;
          counted++;
        }
      }
      if (isOver) return;
    }
  };
  const load = Promise.all(all.map(visit));
  const until = async (holds: () => boolean) => {
    while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20));
  };
  await until(() => counted > 20);
  for (const mode of ['fast', 'immediate'] as const) {
    const refused = seen.get(503) ?? 0;
    await server.stop(mode);
    await until(() => (seen.get(503) ?? 0) > refused + 20);
    expect((await jar().fetch(`${url}/healthz/`)).status).toBe(503);
    const login = await jar().fetch(`${url}/accounts/login/`, { form: { username: 'ada', password } });
    expect(login.status).toBe(503);
    await server.start();
    const before = counted;
    await until(() => counted > before + 20);
  }
  isOver = true;
  await load;
  expect([...seen.keys()].sort()).toEqual([200, 503]);
  for (const visitor of all) expect((await visitor.fetch(`${url}/whoami/`)).json).toMatchObject({ user: 'ada' });
  expect((await jar().fetch(`${url}/healthz/`)).status).toBe(204);
  expect(example.exitCode).toBeNull();
  expect(errors()).not.toMatch(/unhandled|uncaught|^\s+at /im);
});

test('pgbouncer may stand between, in transaction mode', async () => {
  // Fewer connections than there are visitors, so that they are passed around.
  const { url, errors } = await startExample(await startPooler((await makeSite('pooled')).url, { size: 2 }));
  const all = await visitors(url, 6);
  const story = async (visitor: Jar) => {
    for (let count = 1; count <= 20; count++) {
      expect((await visitor.fetch(`${url}/count/`)).json).toEqual({ count });
      expect((await visitor.fetch(`${url}/whoami/`)).json).toMatchObject({ user: 'ada', data: { count } });
    }
    expect((await visitor.fetch(`${url}/auth/`)).status).toBe(204);
    await visitor.fetch(`${url}/accounts/logout/`, { method: 'POST' });
    expect((await visitor.fetch(`${url}/whoami/`)).json).toMatchObject({ user: 'AnonymousUser', data: {} });
  };
  await Promise.all(all.map(story));
  expect(errors()).toBe('');
});
