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

const password = 'Kaltes-Wasser-7';

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
    .poll(() =>
      fetch(url).then(
        () => true,
        () => false,
      ),
    )
    .toBe(true);

  const visitor = jar();
  await visitor.fetch(`${url}/accounts/signup/`, { form: { username: 'ada', password } });
  await visitor.fetch(`${url}/accounts/logout/`, { method: 'POST' });
  // Back to all that was asked for, and nowhere else.
  for (const path of ["/it's/%C3%A9%20?x=1+2&y=a%26b&next=/z&&", '//example.org/x']) {
    const away = await visitor.fetch(`${url}${path}`);
    const location = away.headers.get('location') ?? '';
    expect([away.status, location]).toEqual([302, expect.stringContaining(`${url}/accounts/login/?next=`)]);
    const next = new URL(location).searchParams.get('next') ?? '';
    const form = { username: 'ada', password, next };
    const entered = await visitor.fetch(`${url}/accounts/login/`, { form });
    const back = path.startsWith('//') ? path.replace('//', '/%2F') : path;
    expect([entered.status, entered.headers.get('location')]).toEqual([302, back]);
    await visitor.fetch(`${url}/accounts/logout/`, { method: 'POST' });
  }
  // A program with a token is sent nowhere.
  const refused = await jar().fetch(`${url}/report`, { headers: { authorization: 'Bearer none' } });
  expect([refused.status, refused.headers.get('location')]).toEqual([401, null]);
  await visitor.fetch(`${url}/accounts/login/`, { form: { username: 'ada', password } });
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
  const refusal = async (headers: Record<string, string>) => {
    const refused = await jar().fetch(`${example.url}/auth/`, { headers });
    return [refused.status, refused.headers.get('x-remote-user'), refused.headers.get('location')];
  };
  expect(await refusal(forwarded)).toEqual([401, null, null]);
  const original = { 'x-original-uri': '/report?x=1' };
  expect(await refusal(original)).toEqual([401, null, '/accounts/login/?next=/report%3Fx%3D1']);
  expect(await refusal({})).toEqual([401, null, null]);
  expect(await refusal({ 'x-original-uri': 'https://example.org/' })).toEqual([401, null, null]);
  expect(await refusal({ ...original, authorization: 'Bearer none' })).toEqual([401, null, null]);

  await visitor.fetch(`${url}/accounts/logout/`, { method: 'POST' });
  expect((await visitor.fetch(`${url}/report`)).status).toBe(302);
});
