import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { json } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import type { User } from '../../src/auth/backends/user.js';
import { stringifyJson } from '../../src/crypto/signing/json.js';
import type { Json } from '../../src/crypto/signing/json-value.js';
import type { Settings } from '../../src/settings/settings.js';
import { getToken } from '../../src/web/csrf-check.js';
import { login, logout, setPassword } from '../../src/web/login.js';
import { type NodeRequest, withAuth } from '../../src/web/node.js';
import { openAuth } from '../../src/web/server.js';
import type { TestDatabase } from '../helpers/databases.js';
import type { DjangoSite } from '../helpers/django.js';
import { secretKey } from '../helpers/example-server.js';
import { temporaryFolder } from '../helpers/manage.js';

/** Serves web_urls.py of a Django project; resolves with its address, without a slash at the end. It ends with the test. */
export async function serveDjango(site: DjangoSite, env: Readonly<Record<string, string>> = {}): Promise<string> {
  const child = spawn(process.env.DJANGO_PYTHON ?? 'python3', ['web_server.py'], {
    cwd: site.folder,
    env: { ...site.env, ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  for await (const port of createInterface({ input: child.stdout })) return `http://127.0.0.1:${port}`;
  throw new Error('Django did not start.');
}

/** One thing to do with a session: the same words as in web_urls.py. */
export type Deed = readonly [name: string, ...args: Json[]];

/** Serves what web_urls.py serves, from Node; resolves with its address. It ends with the test. */
export async function serveNode(
  db: TestDatabase,
  { settings = {}, env = {} }: { settings?: Settings; env?: Readonly<Record<string, string>> } = {},
): Promise<string> {
  const cwd = temporaryFolder();
  writeFileSync(
    join(cwd, 'manage.config.json'),
    JSON.stringify({ ...settings, csrf: { mode: 'off', ...settings.csrf } }),
  );
  const driver = process.env.MANAGE_SQLITE_DRIVER;
  const auth = await openAuth({
    cwd,
    env: { DATABASE_URL: db.url, SECRET_KEY: secretKey, ...(driver ? { MANAGE_SQLITE_DRIVER: driver } : {}), ...env },
  });

  const find = async (username: string): Promise<User> => {
    const user = await auth.rights.context.findUser(username);
    if (user === undefined) throw new Error(`There is no user '${username}'.`);
    return user;
  };
  async function act(request: NodeRequest, [name, ...args]: Deed): Promise<void> {
    const { session } = request;
    const [first, second] = args;
    switch (name) {
      case 'set':
        session.set(String(first), second ?? null);
        break;
      case 'delete':
        session.delete(String(first));
        break;
      case 'get':
        session.get(String(first));
        break;
      case 'clear':
        session.clear();
        break;
      case 'expiry':
        session.setExpiry(typeof first === 'string' ? new Date(first) : (first as number | null));
        break;
      case 'cycle':
        session.cycleKey();
        break;
      case 'flush':
        await session.flush();
        break;
      case 'user':
        String(request.user);
        break;
      case 'login':
        await login(request, await find(String(first)), { backend: 'django.contrib.auth.backends.ModelBackend' });
        break;
      case 'logout':
        await logout(request);
        break;
      case 'password':
        await setPassword(request, request.user as User, String(first));
        break;
      case 'token':
        getToken(request);
        break;
      case 'drop':
        await auth.sessions.rows.remove(session.key ?? '');
        break;
    }
  }
  const server = createServer(
    withAuth(auth, async (request, response) => {
      // Nobody looks at the user who does not need to.
      const { session } = request;
      if (request.url === '/do/') {
        let status = 200;
        for (const deed of (await json(request)) as Deed[]) {
          if (deed[0] === 'status') status = Number(deed[1]);
          else await act(request, deed);
        }
        response.writeHead(status, { 'Content-Type': 'text/html; charset=utf-8' });
        response.end('done');
      } else if (request.url === '/count/') {
        session.set('count', Number(session.get('count') ?? 0) + 1);
        response.setHeader('Content-Type', 'application/json');
        response.end(JSON.stringify({ count: session.get('count') }));
      } else {
        const { user } = request;
        const data = Object.fromEntries(session.entries().filter(([name]) => !name.startsWith('_auth')));
        const answer = {
          user: String(user),
          pk: user.pk as Json,
          authenticated: user.isAuthenticated,
          key: session.key,
          data,
        };
        response.setHeader('Content-Type', 'application/json');
        response.end(stringifyJson(answer));
      }
    }),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await auth.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
