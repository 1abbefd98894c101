import { spawn } from 'node:child_process';
import { cpSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { makePassword } from '../../src/auth/passwords/hashers.js';
import type { Settings } from '../../src/settings/settings.js';
import { createToken, decodeToken, signPayload, type TokenType } from '../../src/tokens/token.js';
import { tokenHandlers } from '../../src/web/node.js';
import { createDatabase, type TestDatabase } from '../helpers/databases.js';
import { secretKey } from '../helpers/example-server.js';
import { temporaryFolder } from '../helpers/manage.js';
import { openTestAuth, password } from '../web/site.js';

interface Ask {
  readonly method?: string;
  readonly path: string;
  readonly type?: string;
  readonly body?: string;
}
interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | null>>;
  readonly body: string;
}
type Side = (ask: Ask) => Promise<Answer>;

const compared = ['content-type', 'www-authenticate', 'allow', 'vary'];

/** Answers requests with the views of simplejwt, line by line. */
const program = `
import json, os, sys
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "appsite.settings")
from django.conf import settings
settings.SIMPLE_JWT = json.loads(sys.argv[1])
import django; django.setup()
from django.test import Client
import logging; logging.disable(logging.CRITICAL)
client = Client(raise_request_exception=False)
for line in sys.stdin:
    ask = json.loads(line)
    answer = client.generic(ask.get("method", "POST"), ask["path"], ask.get("body", "").encode(), content_type=ask.get("type", "application/json"))
    print(json.dumps({"status": answer.status_code, "headers": {name: answer.headers.get(name) for name in ${JSON.stringify(compared)}},
                      "body": answer.content.decode()}), flush=True)
`;

/** Apps that have nothing to do with it; one of them locks everybody out after three wrong passwords. */
const others = [
  'axes guardian oauth2_provider social_django reversion auditlog simple_history organizations rest_framework_api_key',
  'allauth allauth.account allauth.socialaccount allauth.mfa allauth.usersessions',
  'django_otp django_otp.plugins.otp_static django_otp.plugins.otp_totp django_otp.plugins.otp_email',
].join(' ');

/** Django's own command in the site of the apps, or the program above. */
function python(folder: string, db: TestDatabase, args: readonly string[]) {
  const { target } = db.settings;
  const database = target.engine === 'sqlite' ? target.filename : db.url;
  const env = { ORACLE_DB: database, SECRET_KEY: secretKey, WITHOUT: others, PYTHONDONTWRITEBYTECODE: '1' };
  return spawn(process.env.DJANGO_PYTHON ?? 'python3', args, {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
}

function serveDjango(folder: string, db: TestDatabase, settings: object): Side {
  const child = python(folder, db, ['-c', program, JSON.stringify(settings)]);
  onTestFinished(() => void child.kill());
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return async (ask) => {
    child.stdin.write(`${JSON.stringify(ask)}\n`);
    return JSON.parse(String((await lines.next()).value));
  };
}

async function serveNode(db: TestDatabase, settings: Settings): Promise<Side> {
  const handlers = tokenHandlers(await openTestAuth(db, { settings }));
  const byPath: Readonly<Record<string, (typeof handlers)['obtain']>> = {
    '/token/': handlers.obtain,
    '/token/refresh/': handlers.refresh,
    '/token/verify/': handlers.verify,
    '/token/blacklist/': handlers.blacklist,
  };
  const server = createServer((request, response) => void byPath[request.url ?? '']?.(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return async ({ method = 'POST', path, type = 'application/json', body = '' }) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers: type === '' ? {} : { 'content-type': type },
      ...(['GET', 'HEAD'].includes(method) ? {} : { body: Buffer.from(body) }),
    });
    const headers = Object.fromEntries(compared.map((name) => [name, response.headers.get(name)]));
    return { status: response.status, headers, body: await response.text() };
  };
}

/**
 * What is the same of two answers: tokens by what they say, and no word of a parser's own. simplejwt before 5.5.1 writes numbers of
 * users as numbers, and when a refresh token was made into the access tokens that are made with it.
 */
function essence({ status, headers, body }: Answer) {
  if (status >= 500) return { status };
  const tokens = (_: string, value: unknown) => {
    if (typeof value !== 'string') return value;
    if (!/^[\w-]+\.[\w-]+\.[\w-]+$/.test(value))
      return value.replace(/^((?:JSON|Multipart form) parse error - ).*/, '$1');
    const { exp, iat, jti, user_id: user, ...claims } = decodeToken(value).payload;
    return {
      ...claims,
      user: String(user),
      minutes: 5 * Math.round((Number(exp) - Number(iat)) / 300),
      jti: String(jti).length,
    };
  };
  return { status, headers, body: body === '' ? '' : JSON.parse(body, tokens) };
}

const jwt = (type: TokenType, claims: Readonly<Record<string, string | number>> = { user_id: '1' }, age?: number) =>
  createToken(claims, { algorithm: 'HS256', keys: secretKey, type, ...(age === undefined ? {} : { age }) });
/** A token with other claims, of which those that are undefined are left out. */
const forged = async (claims: Readonly<Record<string, unknown>>, keys: string = secretKey) => {
  const payload = { ...decodeToken(await jwt('refresh')).payload, ...claims } as Record<string, never>;
  return signPayload(JSON.parse(JSON.stringify(payload)), { algorithm: 'HS256', keys });
};
const form = 'application/x-www-form-urlencoded';
const now = () => Math.floor(Date.now() / 1000);

/** What is asked of both, with tokens of their own; each may make several requests. */
const cases: Record<string, (side: Side) => Promise<Answer | Answer[]>> = {};
const ask = (name: string, path: string, make: () => unknown, more: Partial<Ask> = {}) => {
  cases[name] = async (side) => {
    const made = await make();
    return side({ path, body: typeof made === 'string' ? made : JSON.stringify(made), ...more });
  };
};
for (const [name, body] of Object.entries({
  'a user': { username: 'ada', password },
  'spaces around': { username: ' ada ', password: ` ${password}\n` },
  'more than is asked for': { password, username: 'ada', other: [] },
  'a wrong password': { username: 'ada', password: 'wrong' },
  'an unknown user': { username: 'nobody', password },
  'an inactive user': { username: 'off', password },
  'a number': { username: 5, password: 1.5 },
  'wrong types': { username: true, password: [1] },
  'nothing in it': { username: '  ', password: null },
  'NUL and half a character': { username: 'a\0', password: '\ud800' },
  'a long name': { username: 'x'.repeat(10_000), password },
  'an empty object': {},
  'a list': [1],
  'a text': '"x"',
  'a whole number': '1',
  'a number with a fraction': '1.5',
  'a truth': 'true',
  null: 'null',
  'no body': '',
  'no JSON': '{',
  'no UTF-8': '\ufffd',
})) {
  ask(`obtain: ${name}`, '/token/', () => body);
}
ask('obtain: a form', '/token/', () => new URLSearchParams({ username: 'ada', password }).toString(), { type: form });
ask('obtain: a name twice', '/token/', () => `username=x&username=ada&password=${password}`, { type: form });
ask('obtain: half a form', '/token/', () => 'username=ada', { type: form });
ask(
  'obtain: a form in parts',
  '/token/',
  () =>
    `--x\r\nContent-Disposition: form-data; name="username"\r\n\r\nada\r\n--x\r\nContent-Disposition: form-data; name="password"\r\n\r\n${password}\r\n--x--\r\n`,
  { type: 'multipart/form-data; boundary=x' },
);
ask('obtain: another type', '/token/', () => 'x', { type: 'text/plain' });
ask('obtain: JSON with a charset', '/token/', () => ({ username: 'ada', password }), {
  type: 'application/json; charset=utf-8',
});
for (const path of ['/token/refresh/', '/token/verify/', '/token/blacklist/'] as const) {
  const field = path === '/token/verify/' ? 'token' : 'refresh';
  for (const [name, make] of Object.entries<() => unknown>({
    'a refresh token': () => jwt('refresh'),
    'spaces around': async () => ` ${await jwt('refresh')}\n`,
    'an access token': () => jwt('access'),
    'a sliding token': () => jwt('sliding'),
    'an expired one': () => jwt('refresh', { user_id: '1' }, -5),
    garbage: () => 'x',
    'garbage in three parts': () => 'a.b.c',
    'another key': () => forged({}, 'another-key-0123456789-abcdefghijklmnopqrstuvwxyz'),
    'no algorithm': async () =>
      `${Buffer.from('{"alg":"none"}').toString('base64url')}.${(await jwt('refresh')).split('.')[1]}.`,
    'an unknown user': () => jwt('refresh', { user_id: '999' }),
    'an inactive user': () => jwt('refresh', { user_id: '2' }),
    'a number for a user': () => forged({ user_id: 1 }),
    'no user': () => forged({ user_id: undefined }),
    'no name': () => forged({ jti: undefined }),
    'no type': () => forged({ token_type: undefined }),
    'another type': () => forged({ token_type: 'other' }),
    'no end': () => forged({ exp: undefined }),
    'an end that is none': () => forged({ exp: 'soon' }),
    'not yet valid': () => forged({ nbf: now() + 1000 }),
    'made in the future': () => forged({ iat: now() + 1000 }),
    'an audience': () => forged({ aud: 'x' }),
    'an issuer': () => forged({ iss: 'x' }),
    'further claims': () => forged({ name: 'é', list: [1, 'x'] }),
    'a number': () => 5,
    'a list': () => [],
    null: () => null,
    'an empty text': () => '',
  })) {
    ask(`${path} ${name}`, path, async () => ({ [field]: await make() }));
  }
  ask(`${path} nothing`, path, () => ({}));
  ask(`${path} no object`, path, () => []);
}
for (const path of ['/token/', '/token/refresh/', '/token/verify/', '/token/blacklist/']) {
  for (const method of ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE']) {
    cases[`${method} ${path}`] = (side) => side({ method, path });
  }
}
cases['a story'] = async (side) => {
  const post = (path: string, body: object) => side({ path, body: JSON.stringify(body) });
  const answers = [await post('/token/', { username: 'ada', password })];
  const { refresh, access } = JSON.parse(answers[0]?.body ?? '');
  answers.push(await post('/token/verify/', { token: access }), await post('/token/refresh/', { refresh }));
  const next = JSON.parse(answers.at(-1)?.body ?? '').refresh ?? refresh;
  answers.push(await post('/token/refresh/', { refresh }), await post('/token/verify/', { token: refresh }));
  for (const path of ['/token/blacklist/', '/token/blacklist/', '/token/refresh/']) {
    answers.push(await post(path, { refresh: next }));
  }
  answers.push(await post('/token/verify/', { token: next }));
  return answers;
};

test('the views answer as those of simplejwt do', async () => {
  const db = await createDatabase('sqlite');
  onTestFinished(() => db.drop());
  const folder = temporaryFolder();
  cpSync(join(import.meta.dirname, 'apps-site'), folder, { recursive: true });
  const migrate = python(folder, db, ['manage.py', 'migrate', '-v0']);
  expect(await new Promise((resolve) => migrate.on('close', resolve))).toBe(0);
  const encoded = await makePassword(password, { iterations: 1 });
  for (const [name, active] of [
    ['ada', 1],
    ['off', 0],
  ]) {
    await db.query(
      "INSERT INTO auth_user (username, password, is_active, is_staff, is_superuser, first_name, last_name, email, date_joined) VALUES (?, ?, ?, 0, 0, '', '', '', '2026-01-01')",
      [name, encoded, active],
    );
  }
  const variants: readonly (readonly [object, Settings])[] = [
    [{}, {}],
    [
      {
        ROTATE_REFRESH_TOKENS: true,
        BLACKLIST_AFTER_ROTATION: true,
        UPDATE_LAST_LOGIN: true,
      },
      { tokens: { rotate: true, blacklistAfterRotation: true, updateLastLogin: true } },
    ],
  ];
  for (const [theirs, ours] of variants) {
    const [django, node] = [serveDjango(folder, db, theirs), await serveNode(db, ours)];
    for (const [name, make] of Object.entries(cases)) {
      // These are the same with all settings, and hash passwords.
      if (theirs !== variants[0]?.[0] && name.startsWith('obtain')) continue;
      const [wanted, found] = [[await make(django)].flat().map(essence), [await make(node)].flat().map(essence)];
      // Where simplejwt fails, as for users who are gone before 5.5.2, the answer here is a refusal.
      const answers = wanted.map((each, index) =>
        each.status >= 500 && found[index]?.status === 401 ? found[index] : each,
      );
      expect.soft({ name, theirs, answers: found }).toEqual({ name, theirs, answers });
    }
  }
});
