import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkResetToken, encodeUid, makeResetToken, sessionAuthHash } from '../../src/auth/accounts/tokens.js';
import { parseJson, stringifyJson } from '../../src/crypto/signing/json.js';
import type { JsonObject } from '../../src/crypto/signing/json-value.js';
import * as signing from '../../src/crypto/signing/signing.js';
import { cookieSalt, decodeSession, encodeSession } from '../../src/sessions/codec/codec.js';
import { createDatabase, forEachEngine, type TestDatabase } from '../helpers/databases.js';
import { type DjangoSite, djangoSite } from '../helpers/django.js';
import { manage } from '../helpers/manage.js';
import { createSite } from '../sessions/site.js';

const secretKey = 'sessions-of-both-0123456789-abcdefghijklmnopqrstuvwxyz-0123456789';
const env = { SECRET_KEY: secretKey };
const password = 'Nfe2RePun70C';
const quoted = JSON.stringify;

/** Python that asks a running server who brings these cookies. */
const serve = (cookies: readonly string[]) => `
import json, threading, urllib.request
from wsgiref.simple_server import make_server, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
class Quiet(WSGIRequestHandler):
    def log_message(self, *args): pass
server = make_server("127.0.0.1", 0, get_wsgi_application(), handler_class=Quiet)
threading.Thread(target=server.serve_forever, daemon=True).start()
result = []
for cookie in json.loads(${quoted(quoted(cookies))}):
    request = urllib.request.Request(f"http://127.0.0.1:{server.server_port}/whoami/", headers={"Cookie": cookie})
    result.append(json.load(urllib.request.urlopen(request)))
server.shutdown()
`;
/** Python that logs in through the login page, once for each name, and leaves the keys of the sessions. */
const logIn = (names: readonly string[]) => `
from django.test import Client
result = []
for name in ${quoted(names)}:
    client = Client()
    client.post("/login/", {"username": name, "password": ${quoted(password)}})
    result.append(client.cookies["sessionid"].value)
`;
const stranger = { user: '', authenticated: false };
const user = (name: string) => ({ user: name, authenticated: true });

forEachEngine((engine) => {
  let db: TestDatabase;
  let site: DjangoSite;
  const run = (args: readonly string[], options: object = {}) => manage(args, { db, env, ...options });
  const whoami = async (...cookies: string[]) => site.evaluate(serve(cookies));

  describe("with Django's own user model", () => {
    beforeEach(async () => {
      db = await createDatabase(engine);
      site = djangoSite(db, { env });
      await run(['migrate', '-v0']);
      await site.evaluate(`
from django.contrib.auth.models import User
for name in ("alice", "bob"):
    User.objects.create_user(name, f"{name}@example.org", ${quoted(password)})
`);
    });
    afterEach(() => db.drop());

    test('a running server takes a session of createsession for a login', async () => {
      const { stdout } = await run(['createsession', 'alice', '--age', '600']);
      expect(await whoami(stdout.trim(), 'sessionid=nonsense', '')).toEqual([user('alice'), stranger, stranger]);
      const loaded = await site.evaluate(`
from django.contrib.sessions.backends.db import SessionStore
store = SessionStore(${quoted(stdout.trim().slice('sessionid='.length))})
result = [dict(store.items()), store.get_expiry_age()]
`);
      expect(loaded[0]).toMatchObject({ _auth_user_id: '1', _session_expiry: 600 });
      expect(loaded[1]).toBe(600);
    });

    test('logins of Django are decoded, listed and ended', async () => {
      const [first, second, other]: string[] = await site.evaluate(logIn(['alice', 'alice', 'bob']));
      const cookies = [first, second, other].map((key) => `sessionid=${key}`);
      expect(await whoami(...cookies)).toEqual([user('alice'), user('alice'), user('bob')]);

      for (const cookie of cookies) {
        const { exitCode, json } = await run(['decode_session', cookie, '--json']);
        expect(exitCode).toBe(0);
        expect(json).toMatchObject({
          format: 'signed',
          serializer: 'json',
          verified: true,
          accepted: true,
          reasons: [],
        });
      }
      const { json } = await run(['listsessions', '--user', 'alice', '--show-keys', '--json']);
      // In the order in which the database reads them best, which is not the same on both engines.
      expect(json.sessions.map((session: { key: string }) => session.key).sort()).toEqual([first, second].sort());

      const revoke = ['revokesessions', '--user', 'alice', '--no-input'];
      expect((await run([...revoke, '--except', String(second)])).stdout).toBe('Ended 1 session.\n');
      expect(await whoami(...cookies)).toEqual([stranger, user('alice'), user('bob')]);
      expect((await run(revoke)).stdout).toBe('Ended 1 session.\n');
      expect(await whoami(...cookies)).toEqual([stranger, stranger, user('bob')]);
    });

    test('what Django would accept is what it accepts', async () => {
      const keys: string[] = await site.evaluate(logIn(Array.from({ length: 7 }, () => 'alice')));
      const cookies = keys.map((key) => `sessionid=${key}`);
      const stored = async (index: number, change: (data: JsonObject) => JsonObject, key = secretKey) => {
        const [row] = await db.query('SELECT session_data FROM django_session WHERE session_key = ?', [keys[index]]);
        const text = encodeSession(change(decodeSession(String(row?.session_data)).data), { secretKey: key });
        await db.query('UPDATE django_session SET session_data = ? WHERE session_key = ?', [text, keys[index]]);
      };
      await db.query(
        `UPDATE django_session SET expire_date = ${engine === 'sqlite' ? "datetime('now', '-1 minute')" : "now() - interval '1 minute'"} WHERE session_key = ?`,
        [keys[1]],
      );
      await stored(2, (data) => ({ ...data, _auth_user_id: '99' }));
      await stored(3, (data) => ({ ...data, _auth_user_hash: '0'.repeat(64) }));
      await stored(4, ({ _auth_user_hash, ...data }) => data);
      await stored(5, (data) => data, 'another key');
      await stored(6, ({ _auth_user_backend, ...data }) => data);
      // Django deletes a session whose user is not who it says, so that it is asked last.
      const verdicts: (boolean | null)[] = [];
      for (const cookie of cookies) verdicts.push((await run(['decode_session', cookie, '--json'])).json.accepted);
      const visits: { authenticated: boolean }[] = await whoami(...cookies);
      expect(visits.map(({ authenticated }) => authenticated)).toEqual([true, ...Array(6).fill(false)]);
      expect(verdicts).toEqual([true, ...Array(6).fill(false)]);
    });

    test('a new password and an inactive account end sessions for both', async () => {
      const [key]: string[] = await site.evaluate(logIn(['alice']));
      const cookie = `sessionid=${key}`;
      const accepted = async () => (await run(['decode_session', cookie, '--json'])).json.accepted;
      await site.evaluate(
        'from django.contrib.auth.models import User; User.objects.filter(username="alice").update(is_active=False)',
      );
      expect([await accepted(), await whoami(cookie)]).toEqual([false, [stranger]]);
      await site.evaluate(
        'from django.contrib.auth.models import User; User.objects.filter(username="alice").update(is_active=True)',
      );
      expect([await accepted(), await whoami(cookie)]).toEqual([true, [user('alice')]]);
      await site.evaluate(
        'from django.contrib.auth.models import User; User.objects.filter(username="alice").update(password="!x")',
      );
      expect([await accepted(), await whoami(cookie)]).toEqual([false, [stranger]]);
    });

    test('clearsessions leaves what Django leaves', async () => {
      const sessions = [-1000, -1, 1, 1000].map((ms) => ({
        key: `offset${ms}`,
        expires: new Date(Date.now() + ms * 60_000),
      }));
      const [ours, theirs] = [await createSite(engine, sessions), await createSite(engine, sessions)];
      try {
        await manage(['clearsessions'], { db: ours });
        await djangoSite(theirs).manage('clearsessions');
        const rows = (database: TestDatabase) => database.query('SELECT session_key FROM django_session ORDER BY 1');
        expect(await rows(ours)).toEqual(await rows(theirs));
        expect((await rows(ours)).length).toBe(2);
      } finally {
        await ours.drop();
        await theirs.drop();
      }
    });
  });

  test('with a user model of its own, whose key is a UUID', async () => {
    db = await createDatabase(engine);
    const config = JSON.parse(readFileSync(join(import.meta.dirname, 'site/members.json'), 'utf8'));
    site = djangoSite(db, { env, userModel: 'members.Member' });
    await site.manage('makemigrations', 'members', '-v0');
    await site.manage('migrate', '-v0');
    await site.evaluate(`
from members.models import Member
Member.objects.create_user("ada@example.org", "Ada", ${quoted(password)})
`);
    const made = await run(['createsession', 'ada@example.org'], { config });
    const [key]: string[] = await site.evaluate(logIn(['ada@example.org']));
    const cookies = [made.stdout.trim(), `sessionid=${key}`];
    expect(await whoami(...cookies)).toEqual([user('ada@example.org'), user('ada@example.org')]);
    for (const cookie of cookies) {
      const { json } = await run(['decode_session', cookie, '--json'], { config });
      expect(json).toMatchObject({ accepted: true, user: { username: 'ada@example.org' } });
    }
    const ended = await run(['revokesessions', '--user', 'ada@example.org', '--no-input'], { config });
    expect(ended.stdout).toBe('Ended 2 sessions.\n');
    expect(await whoami(...cookies)).toEqual([stranger, stranger]);
    await db.drop();
  });
});

describe('formats', () => {
  let db: TestDatabase;
  let site: DjangoSite;
  beforeEach(async () => {
    db = await createDatabase('sqlite');
    site = djangoSite(db, { env: { ...env, TZ: 'UTC' } });
  });
  afterEach(() => db.drop());

  /** Dictionaries of every kind of value, as JSON of Python. */
  const makeData = `
import json, random, string
rnd = random.Random(7)
def value(depth):
    kind = rnd.randrange(9 if depth < 4 else 6)
    if kind == 0: return None
    if kind == 1: return rnd.random() < .5
    if kind == 2: return rnd.randrange(-10**rnd.randrange(1, 30), 10**rnd.randrange(1, 30))
    if kind == 3: return rnd.choice([0.1, -0.0, 1e16, 1e-7, 1.5, 5e-324, 1.7976931348623157e308, rnd.random() * 10**rnd.randrange(-20, 10)])
    if kind in (4, 5): return "".join(rnd.choice(string.printable + "éß漢🔑\\u2028\\x7f\\x80\\ud800") for _ in range(rnd.randrange(20)))
    if kind == 6: return [value(depth + 1) for _ in range(rnd.randrange(5))]
    return {f"k{i}é": value(depth + 1) for i in range(rnd.randrange(5))}
items = [{f"k{i}": value(0) for i in range(rnd.randrange(30))} for _ in range(200)]
`;

  test('what Django signs is read, and what is written here Django reads', async () => {
    const made: [string, string, string][] = await site.evaluate(`${makeData}
from django.contrib.sessions.backends.db import SessionStore
from django.core import signing
result = []
for item in items:
    store = SessionStore()
    result.append([json.dumps(item), store.encode(item), signing.dumps(item, salt="s", compress=len(item) % 2 == 0)])
`);
    const texts = made.map(([json, session, signed]) => {
      const data = parseJson(json) as JsonObject;
      expect(decodeSession(session, { secretKey })).toMatchObject({ data, verified: true });
      expect(signing.loads(signed, { key: secretKey, salt: 's' })).toEqual(data);
      return [encodeSession(data, { secretKey }), signing.dumps(data, { key: secretKey, salt: 's', compress: true })];
    });
    const same = await site.evaluate(`${makeData}
from django.contrib.sessions.backends.db import SessionStore
from django.core import signing
texts = json.loads(${quoted(quoted(texts))})
as_text = lambda value: json.dumps(value, sort_keys=True)
result = [as_text(SessionStore().decode(a)) == as_text(item) and as_text(signing.loads(b, salt="s")) == as_text(item)
          for (a, b), item in zip(texts, items)]
`);
    expect(same).toEqual(made.map(() => true));
  });

  test('JSON is written as Python writes it', async () => {
    const made: string[] = await site.evaluate(`${makeData}
result = [json.dumps(item, separators=(",", ":")) for item in items]
`);
    for (const text of made) {
      expect(stringifyJson(parseJson(text))).toBe(text);
    }
  });

  test('sessions that live in cookies', async () => {
    const [key]: string[] = await site.evaluate(`
from django.contrib.sessions.backends.signed_cookies import SessionStore
store = SessionStore()
store["n"] = 6
store.save()
result = [store.session_key]
`);
    expect(decodeSession(String(key), { secretKey, salt: cookieSalt })).toMatchObject({
      data: { n: 6 },
      verified: true,
    });
    const { json } = await manage(['decode_session', `sessionid=${key}`, '--json'], { env });
    expect(json).toMatchObject({ storage: 'cookie', verified: true, accepted: true });
  });

  test('reset tokens and session hashes', async () => {
    const accounts: {
      pk: number;
      password: string;
      last_login: string | null;
      email: string;
      token: string;
      uid: string;
      hash: string;
    }[] = await site.evaluate(`
from datetime import datetime, timezone
from django.contrib.auth.models import User
from django.contrib.auth.tokens import default_token_generator
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
result = []
for pk, email, last_login in ((1, "", None), (2, "a@example.org", datetime(2024, 5, 6, 7, 8, 9, 123456, timezone.utc))):
    user = User(pk=pk, password=f"hash{pk}", email=email, last_login=last_login)
    result.append({
        "pk": pk, "password": user.password, "email": email,
        "last_login": last_login and last_login.isoformat(),
        "token": default_token_generator.make_token(user),
        "uid": urlsafe_base64_encode(force_bytes(pk)),
        "hash": user.get_session_auth_hash(),
    })
`);
    const tokens = accounts.map((account) => {
      expect(checkResetToken(account, account.token, { secretKey })).toBe(true);
      expect(checkResetToken(account, account.token, { secretKey: 'other' })).toBe(false);
      expect(sessionAuthHash(account, { secretKey })).toBe(account.hash);
      expect(encodeUid(account.pk)).toBe(account.uid);
      return makeResetToken(account, { secretKey });
    });
    const checked = await site.evaluate(`
from datetime import datetime, timezone
from django.contrib.auth.models import User
from django.contrib.auth.tokens import default_token_generator
import json
result = []
for token, (pk, email, last_login) in zip(json.loads(${quoted(quoted(tokens))}), ((1, "", None), (2, "a@example.org", datetime(2024, 5, 6, 7, 8, 9, 123456, timezone.utc)))):
    result.append(default_token_generator.check_token(User(pk=pk, password=f"hash{pk}", email=email, last_login=last_login), token))
`);
    expect(checked).toEqual([true, true]);
  });
});
