import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { jar } from '../helpers/browser.js';
import { createDatabase } from '../helpers/databases.js';
import { startExample } from '../helpers/example-server.js';
import { temporaryFolder } from '../helpers/manage.js';
import { freePort } from '../helpers/postgres-server.js';

it('guards with nginx what knows nothing of logins', async () => {
  const db = await createDatabase('sqlite');
  onTestFinished(() => db.drop());
  const example = await startExample(db);
  const guarded = createServer((request, response) => response.end(`for ${request.headers['x-remote-user']}`));
  await new Promise<void>((resolve) => guarded.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void guarded.close());

  const port = await freePort();
  const folder = temporaryFolder();
  const config = readFileSync(join(import.meta.dirname, '../../examples/server/nginx.conf'), 'utf8')
    .replaceAll('127.0.0.1:8080', `127.0.0.1:${port}`)
    .replaceAll('127.0.0.1:8000', new URL(example.url).host.replace('localhost', '127.0.0.1'))
    .replaceAll('127.0.0.1:9000', `127.0.0.1:${(guarded.address() as AddressInfo).port}`);
  writeFileSync(join(folder, 'nginx.conf'), config);
  const path = `${process.env.PATH}:/usr/sbin`;
  const nginx = spawn('nginx', ['-p', folder, '-c', 'nginx.conf', '-e', 'stderr'], {
    stdio: 'ignore',
    env: { PATH: path },
  });
  const ended = new Promise((resolve) => nginx.once('close', resolve));
  onTestFinished(async () => {
    nginx.kill('SIGKILL');
    await ended;
  });
  const url = `http://127.0.0.1:${port}`;
  await expect
    .poll(
      () =>
        fetch(url).then(
          () => true,
          () => false,
        ),
      { timeout: 20_000 },
    )
    .toBe(true);

  const visitor = jar();
  const away = await visitor.fetch(`${url}/report?x=1`);
  expect([away.status, away.headers.get('location')]).toEqual([
    302,
    expect.stringContaining('/accounts/login/?next=/report'),
  ]);
  await visitor.fetch(`${url}/accounts/signup/`, { form: { username: 'ada', password: 'Kaltes-Wasser-7' } });
  expect((await visitor.fetch(`${url}/report`)).text).toBe('for ada');
  expect((await visitor.fetch(`${url}/report`, { headers: { 'x-remote-user': 'root' } })).text).toBe('for ada');

  // What Traefik's ForwardAuth asks: always GET, with the headers of the visitor's request and these.
  const forwarded = {
    'x-forwarded-method': 'POST',
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'app.example.org',
    'x-forwarded-uri': '/report?x=1',
    'x-forwarded-for': '203.0.113.7',
    origin: 'https://app.example.org',
    'sec-fetch-site': 'cross-site',
    'x-remote-user': 'root',
  };
  const asked = await visitor.fetch(`${example.url}/auth/`, { headers: forwarded });
  expect([asked.status, asked.headers.get('x-remote-user'), asked.text]).toEqual([204, 'ada', '']);
  const refused = await jar().fetch(`${example.url}/auth/`, { headers: forwarded });
  expect([refused.status, refused.headers.get('x-remote-user')]).toEqual([401, null]);

  await visitor.fetch(`${url}/accounts/logout/`, { method: 'POST' });
  expect((await visitor.fetch(`${url}/report`)).status).toBe(302);
});
