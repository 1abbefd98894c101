import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it, onTestFinished } from 'vitest';
import { jar } from '../helpers/browser.js';
import { createDatabase, type TestDatabase } from '../helpers/databases.js';
import { secretKey } from '../helpers/example-server.js';
import { fillSite, password } from './site.js';

const root = join(import.meta.dirname, '../..');

/** The servers of docs/requests.md, in its order, each with what makes it listen and print its port. */
const listens = {
  express: "app.listen(0, '127.0.0.1', function () { console.log(this.address().port); });",
  fastify: "await app.listen({ port: 0, host: '127.0.0.1' }); console.log(app.server.address().port);",
  hono: "(await import('@hono/node-server')).serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => console.log(port));",
  'node:http': '',
};

/** Runs code as a module of its own, in the project, until the test ends; resolves with its address. */
async function serve(db: TestDatabase, code: string): Promise<string> {
  const { PATH, HOME, MANAGE_SQLITE_DRIVER } = process.env;
  const driver = MANAGE_SQLITE_DRIVER === undefined ? {} : { MANAGE_SQLITE_DRIVER };
  const child = spawn(process.execPath, ['--input-type=module'], {
    cwd: root,
    env: { PATH, HOME, ...driver, DATABASE_URL: db.url, SECRET_KEY: secretKey },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  child.stdin.end(code);
  for await (const line of createInterface({ input: child.stdout })) return `http://127.0.0.1:${line}`;
  throw new Error('It has ended.');
}

it('shows servers that work, and know each other’s visitors', async () => {
  const db = await createDatabase('sqlite');
  onTestFinished(() => db.drop());
  await fillSite(db);
  const page = readFileSync(join(root, 'docs/requests.md'), 'utf8');
  const blocks = [...page.matchAll(/^```js\n([\s\S]*?)^```/gm)].map(([, code = '']) => code);
  const visitor = jar();
  for (const [index, [name, listen]] of Object.entries(listens).entries()) {
    const code = blocks[index] ?? '';
    expect(code).toContain(`from '${name}'`);
    const bound = code.replace(
      '.listen(8000)',
      ".listen(0, '127.0.0.1', function () { console.log(this.address().port); })",
    );
    const url = await serve(db, `${bound}\n${listen}`);
    if (name === 'express') {
      const login = await visitor.fetch(`${url}/accounts/login/`, { form: { username: 'ada', password } });
      expect([login.status, login.headers.get('location')]).toEqual([302, '/private/']);
      // Nothing has parsed this body: it is nobody's.
      const json = await fetch(`${url}/accounts/login/`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: '{"username":"ada"}',
        redirect: 'manual',
      });
      expect([json.status, json.headers.get('location')]).toEqual([302, '/accounts/login/']);
    }
    expect([name, (await visitor.fetch(`${url}/private/`)).text]).toEqual([name, 'Hello, ada']);
    const away = await jar().fetch(`${url}/private/`);
    expect([name, away.status, away.headers.get('location')]).toEqual([name, 302, '/accounts/login/?next=/private/']);
  }
});
