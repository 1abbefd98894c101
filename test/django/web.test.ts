import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decodeSession } from '../../src/sessions/codec/codec.js';
import { isSafeRedirect } from '../../src/web/safe-redirect.js';
import { type Jar, jar, type Visit } from '../helpers/browser.js';
import { createDatabase, forEachEngine, type TestDatabase } from '../helpers/databases.js';
import { createDjangoDatabase, type DjangoSite, djangoSite } from '../helpers/django.js';
import { secretKey, startExample } from '../helpers/example-server.js';
import { type Deed, serveDjango, serveNode } from './twins.js';

const password = 'Kaltes-Wasser-7';
/** A hash that costs nothing, so that the tests are about sessions. */
const fastHash = (word: string) =>
  `from django.contrib.auth.hashers import PBKDF2PasswordHasher; encoded = PBKDF2PasswordHasher().encode(${JSON.stringify(word)}, "salt-with-22-characters", 1)`;

const people = `
from django.contrib.auth.models import Group, Permission, User
${fastHash(password)}
ada = User.objects.create(username="ada", password=encoded)
ada.user_permissions.add(Permission.objects.get(codename="view_user"))
User.objects.create(username="grace", password=encoded, is_staff=True)
User.objects.create(username="root", password=encoded, is_superuser=True, is_staff=True)
`;

/** What a response says about cookies, but for keys, secrets and times. */
const cookiesOf = ({ setCookies }: Visit) =>
  setCookies.map((each) =>
    each
      .replace(/^((?:sessionid|csrftoken)=)[a-zA-Z0-9]+/, '$1KEY')
      .replace(/(Max-Age=)1[78]\d{3}\b/, '$1SOON')
      .replace(/(expires=)(?!Thu, 01 Jan 1970)[^;]+/, '$1TIME'),
  );

forEachEngine((engine) => {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await createDatabase(engine);
  });
  afterEach(() => db.drop());

  async function migrated(env: Record<string, string> = {}): Promise<DjangoSite> {
    await db.drop();
    db = await createDjangoDatabase(engine);
    const site = djangoSite(db, { env: { SECRET_KEY: secretKey, ...env } });
    await site.evaluate(people);
    return site;
  }
  /** What the row of a session holds, with the seconds until it ends. */
  async function rowOf(key: string | undefined) {
    const [row] = await db.query('SELECT session_data, expire_date FROM django_session WHERE session_key = ?', [
      key ?? '',
    ]);
    if (row === undefined) return undefined;
    const { data, verified } = decodeSession(String(row.session_data), { secretKey });
    const end = new Date(
      `${String(row.expire_date)
        .replace(' ', 'T')
        .replace(/\+00(:00)?$/, '')}Z`,
    ).getTime();
    return { data, verified, minutes: 10 * Math.round((end - Date.now()) / 600_000) };
  }
  const act = (visitor: Jar, site: string, deeds: readonly Deed[]) =>
    visitor.fetch(`${site}/do/`, { body: JSON.stringify(deeds) });

  it('tells one story at both sites, with one jar of cookies', async () => {
    const site = await migrated();
    const django = await serveDjango(site);
    const { url: node } = await startExample(db);
    for (const [first, second] of [
      [node, django],
      [django, node],
    ] as const) {
      const visitor = jar();
      const both = async () => {
        const answers = [];
        for (const each of [first, second]) {
          const { key, pk, user, authenticated, data } = (await visitor.fetch(`${each}/whoami/`)).json;
          answers.push({ key, pk, user, authenticated, data });
        }
        expect(answers[1]).toEqual(answers[0]);
        return answers[0];
      };
      expect(await both()).toMatchObject({ user: 'AnonymousUser', key: null });
      expect((await visitor.fetch(`${first}/count/`)).json).toEqual({ count: 1 });
      expect((await visitor.fetch(`${second}/count/`)).json).toEqual({ count: 2 });
      expect(await both()).toMatchObject({ user: 'AnonymousUser', data: { count: 2 } });
      const anonymous = visitor.cookies.get('sessionid');

      await visitor.fetch(`${first}/accounts/login/`, { form: { username: 'ada', password, remember: '3600' } });
      expect(visitor.cookies.get('sessionid')).not.toBe(anonymous);
      expect(await both()).toMatchObject({ user: 'ada', data: { count: 2, _session_expiry: 3600 } });
      for (const each of [first, second]) {
        expect((await visitor.fetch(`${each}/private/`)).text).toContain('private to ada');
        expect((await visitor.fetch(`${each}/may/auth.view_user/`)).status).toBe(200);
        expect((await visitor.fetch(`${each}/may/auth.add_user/`)).status).toBe(403);
      }
      expect((await visitor.fetch(`${second}/count/`)).json).toEqual({ count: 3 });
      expect(await rowOf(visitor.cookies.get('sessionid'))).toMatchObject({ minutes: 60, verified: true });

      // A form of one site is sent to the other.
      for (const [from, to] of [
        [first, second],
        [second, first],
      ] as const) {
        const { token } = (await visitor.fetch(`${from}/form/`)).json;
        expect((await visitor.fetch(`${to}/form/`, { form: { csrfmiddlewaretoken: token } })).status).toBe(200);
        expect((await visitor.fetch(`${to}/form/`, { method: 'POST', headers: { 'x-csrftoken': token } })).status).toBe(
          200,
        );
        expect((await visitor.fetch(`${to}/form/`, { form: { csrfmiddlewaretoken: 'x'.repeat(64) } })).status).toBe(
          403,
        );
      }

      const stolen = jar(new Map(visitor.cookies));
      await visitor.fetch(`${second}/accounts/logout/`, { method: 'POST' });
      expect(await both()).toMatchObject({ user: 'AnonymousUser', key: null, data: {} });
      for (const each of [first, second]) {
        expect((await stolen.fetch(`${each}/whoami/`)).json).toMatchObject({ user: 'AnonymousUser', key: null });
      }
      expect(await db.query('SELECT session_key FROM django_session')).toEqual([]);
      const [away, there] = [await visitor.fetch(`${first}/private/`), await visitor.fetch(`${second}/private/`)];
      expect(away.headers.get('location')).toBe('/accounts/login/?next=/private/');
      expect(there.headers.get('location')).toBe('/accounts/login/?next=/private/');
    }
  });

  describe('does as Django does', () => {
    const stories: readonly (readonly [string, readonly (readonly Deed[])[]])[] = [
      ['nothing', [[], []]],
      ['a look', [[['get', 'a']], [['user']]]],
      [
        'an entry, a change, a deletion',
        [[['set', 'a', 1]], [['set', 'a', [1, { b: null }]]], [['delete', 'a']], [['delete', 'a']]],
      ],
      [
        'an entry that goes at once',
        [
          [
            ['set', 'a', 1],
            ['delete', 'a'],
          ],
        ],
      ],
      ['clearing', [[['set', 'a', 1]], [['clear']]]],
      ['clearing without a session', [[['clear']]]],
      ['flushing', [[['set', 'a', 1]], [['flush']], [['set', 'b', 2]]]],
      ['flushing and going on', [[['set', 'a', 1]], [['flush'], ['set', 'b', 2]]]],
      ['cycling', [[['set', 'a', 1]], [['cycle']]]],
      ['cycling without a session', [[['cycle']]]],
      [
        'an expiry of 0',
        [
          [
            ['set', 'a', 1],
            ['expiry', 0],
          ],
          [['set', 'a', 2]],
        ],
      ],
      ['an expiry of seconds', [[['expiry', 600]], [['set', 'a', 2]], [['expiry', null]]]],
      [
        'an expiry at a moment',
        [
          [
            ['set', 'a', 1],
            ['expiry', 'SOON'],
          ],
        ],
      ],
      ['a login', [[['set', 'a', 1]], [['login', 'ada']], [['set', 'b', 2]], [['logout']], [['set', 'c', 3]]]],
      [
        'a login of two',
        [
          [
            ['login', 'ada'],
            ['set', 'a', 1],
          ],
          [['login', 'grace']],
          [['login', 'grace']],
        ],
      ],
      ['a login and a look', [[['login', 'ada']], [['user']], []]],
      ['a login and a logout', [[['login', 'ada'], ['logout']]]],
      ['a password', [[['login', 'ada']], [['password', 'Warmes-Wasser-8']], [['user']]]],
      [
        'a failure',
        [
          [['set', 'a', 1]],
          [
            ['set', 'a', 2],
            ['status', 500],
          ],
          [
            ['set', 'a', 3],
            ['status', 404],
          ],
        ],
      ],
      [
        'a login that fails',
        [
          [
            ['login', 'ada'],
            ['status', 500],
          ],
          [['user']],
        ],
      ],
      ['a logout that fails', [[['login', 'ada']], [['logout'], ['status', 503]], [['user']]]],
      ['tokens', [[['token']], [['token']], [['login', 'ada'], ['token']], [['token'], ['status', 500]]]],
      ['a session that is dropped', [[['set', 'a', 1]], [['set', 'a', 2], ['drop']], [['set', 'a', 3]]]],
      ['a session that is dropped and read', [[['set', 'a', 1]], [['get', 'a'], ['drop']], [['get', 'a']]]],
      [
        'odd values',
        [
          [
            ['set', 'é', 'ü\u2028'],
            ['set', '2', 1.5],
            ['set', '1', { z: 1, a: [] }],
            ['set', 'big', 2 ** 53 - 1],
          ],
        ],
      ],
    ];

    it.each([
      ['with its own settings', {}, {}],
      [
        'with other settings',
        {
          SESSION_SAVE_EVERY_REQUEST: true,
          SESSION_COOKIE_SECURE: true,
          SESSION_COOKIE_SAMESITE: 'Strict',
          SESSION_EXPIRE_AT_BROWSER_CLOSE: true,
        },
        {
          session: { saveEveryRequest: true, cookieSecure: true, cookieSameSite: 'Strict', expireAtBrowserClose: true },
        },
      ],
      [
        'with more settings',
        {
          SESSION_COOKIE_DOMAIN: 'example.org',
          SESSION_COOKIE_PATH: '/app',
          SESSION_COOKIE_HTTPONLY: false,
          SESSION_COOKIE_AGE: 6000,
          CSRF_USE_SESSIONS: true,
          SESSION_COOKIE_SAMESITE: 'None',
        },
        {
          session: {
            cookieDomain: 'example.org',
            cookiePath: '/app',
            cookieHttpOnly: false,
            cookieAge: 6000,
            cookieSameSite: 'None',
          },
          csrf: { useSessions: true },
        },
      ],
    ] as const)('%s', async (_, djangoSettings, settings) => {
      const site = await migrated();
      const django = await serveDjango(site, { DJANGO_SETTINGS: JSON.stringify(djangoSettings) });
      const node = await serveNode(db, { settings });
      const soon = new Date(Date.now() + 5 * 3_600_000).toISOString().replace('Z', '000+00:00');
      for (const [name, steps] of stories) {
        const seen = [];
        for (const url of [django, node]) {
          const visitor = jar();
          const visits = [];
          for (const deeds of steps) {
            const visit = await act(
              visitor,
              url,
              deeds.map((deed) => deed.map((word) => (word === 'SOON' ? soon : word)) as unknown as Deed),
            );
            const row = await rowOf(visitor.cookies.get('sessionid'));
            const { _auth_user_hash: hash, ...data } = row?.data ?? {};
            visits.push({
              status: visit.status,
              vary: visit.headers.get('vary'),
              cookies: cookiesOf(visit),
              row: row && {
                ...row,
                data: JSON.stringify(data).replace(/("_csrftoken":")\w{32}"/, '$1SECRET"'),
                hash: typeof hash,
              },
            });
          }
          seen.push(visits);
        }
        expect({ name, visits: seen[1] }).toEqual({ name, visits: seen[0] });
      }
    });
  });

  it('takes keys of before, and writes the new one', async () => {
    const site = await migrated();
    const old = 'the-key-of-before-0123456789-abcdefghijklmnopqrstuvwxyz-0123456789';
    const django = await serveDjango(site, { SECRET_KEY: old });
    const keys = { SECRET_KEY: secretKey, SECRET_KEY_FALLBACKS: `other,${old}` };
    const newDjango = await serveDjango(site, keys);
    const node = await serveNode(db, { env: keys });
    const visits = [];
    for (const url of [newDjango, node]) {
      const visitor = jar();
      await visitor.fetch(`${django}/accounts/login/`, { form: { username: 'ada', password } });
      const before = visitor.cookies.get('sessionid');
      // Nobody looks at the user here.
      await visitor.fetch(`${url}/count/`);
      expect(visitor.cookies.get('sessionid')).toBe(before);
      const visit = await visitor.fetch(`${url}/whoami/`);
      const after = visitor.cookies.get('sessionid');
      expect(after).not.toBe(before);
      expect(await rowOf(before)).toBeUndefined();
      visits.push({ cookies: cookiesOf(visit), ...visit.json, key: null, row: await rowOf(after) });
      for (const each of [newDjango, node]) {
        expect((await visitor.fetch(`${each}/whoami/`)).json).toMatchObject({ user: 'ada', key: after });
      }
      expect((await jar(new Map([['sessionid', after ?? '']])).fetch(`${django}/whoami/`)).json.user).toBe(
        'AnonymousUser',
      );
    }
    expect(visits[1]).toEqual(visits[0]);
  });

  const changes: readonly (readonly [string, string])[] = [
    ['another password', `${fastHash('Other-1')}\nada.password = encoded; ada.save()`],
    ['an inactive user', 'ada.is_active = False; ada.save()'],
    ['a deleted user', 'ada.delete()'],
    ['an unknown backend', 'session["_auth_user_backend"] = "elsewhere.Backend"; session.save()'],
    ['no hash', 'del session["_auth_user_hash"]; session.save()'],
    ['a key that is none', 'session["_auth_user_id"] = "99999999999999999999"; session.save()'],
    ['data that is garbage', 'Session.objects.filter(pk=key).update(session_data="garbage:1:x")'],
    [
      'a session that is over',
      'from django.utils import timezone\nSession.objects.filter(pk=key).update(expire_date=timezone.now())',
    ],
  ];
  it('is as strict as Django', async () => {
    const site = await migrated();
    const django = await serveDjango(site);
    const node = await serveNode(db);
    for (const [what, code] of changes) {
      const seen = [];
      for (const url of [django, node]) {
        const visitor = jar();
        await act(visitor, node, [
          ['login', 'ada'],
          ['set', 'a', 1],
        ]);
        const key = visitor.cookies.get('sessionid') ?? '';
        await site.evaluate(`
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.contrib.sessions.backends.db import SessionStore
key = ${JSON.stringify(key)}
ada = User.objects.get(username="ada")
session = SessionStore(key)
${code}
`);
        // Django fails with 500 where a key cannot be one.
        if (what === 'a key that is none' && url === django) {
          await site.evaluate(people.replace(/ada = [^\n]*\nada[^\n]*/, '').replace(/User.objects.create[^\n]*/g, ''));
          continue;
        }
        const untouched = await visitor.fetch(`${url}/count/`);
        const visit = await visitor.fetch(`${url}/whoami/`);
        const row = await rowOf(key);
        seen.push({
          count: untouched.json,
          cookies: [cookiesOf(untouched), cookiesOf(visit)],
          ...visit.json,
          key: visit.json.key === null ? null : visit.json.key === key,
          row: row && Object.keys(row.data),
          kept: visitor.cookies.get('sessionid') === key,
        });
        await site.evaluate(`from django.contrib.auth.models import User
User.objects.filter(username="ada").delete()
${fastHash(password)}
User.objects.create(pk=1, username="ada", password=encoded)`);
      }
      if (seen.length === 2) expect({ what, ...seen[1] }).toEqual({ what, ...seen[0] });
      else expect({ what, ...seen[0] }).toMatchObject({ user: 'AnonymousUser', data: { a: 1, count: 1 } });
    }
  });

  it('lets the last of two writers win', async () => {
    const site = await migrated();
    const [django, node] = [await serveDjango(site), await serveNode(db)];
    const visitor = jar();
    await act(visitor, node, [['set', 'a', 1]]);
    await Promise.all(
      Array.from({ length: 20 }, (_, n) => act(visitor, n % 2 === 0 ? node : django, [['set', `k${n}`, n]])),
    );
    const row = await rowOf(visitor.cookies.get('sessionid'));
    expect(row?.verified).toBe(true);
    expect(row?.data).toMatchObject({ a: 1 });
  });

  it('keeps the types and the order of what Python has written', async () => {
    const site = await migrated();
    const [django, node] = [await serveDjango(site), await serveNode(db)];
    const key: string = await site.evaluate(`
from django.contrib.sessions.backends.db import SessionStore
session = SessionStore()
session.update({"b": 5.0, "10": 1, "9": [1.0, {"2": 1, "1": 10**20}], "nan": float("nan"), "t": True, "é": "\\u2028"})
session.create()
result = session.session_key
`);
    const visitor = jar(new Map([['sessionid', key]]));
    await visitor.fetch(`${node}/whoami/`);
    await act(visitor, node, [
      ['get', '9'],
      ['set', 'new', 1],
    ]);
    const text: string = await site.evaluate(`
import json
from django.contrib.sessions.backends.db import SessionStore
result = json.dumps(dict(SessionStore(${JSON.stringify(key)}).items()), separators=(",", ":"))
`);
    expect(text).toBe(
      '{"b":5.0,"10":1,"9":[1.0,{"2":1,"1":100000000000000000000}],"nan":NaN,"t":true,"\\u00e9":"\\u2028","new":1}',
    );
    expect((await visitor.fetch(`${django}/count/`)).status).toBe(200);

    // While it runs: where a visitor may be led to.
    for (const https of [false, true]) {
      const allowedHosts = ['testserver', 'good:8000'];
      const told = await jar().fetch(`${django}/safe/`, { body: JSON.stringify({ urls: addresses, https }) });
      const own = addresses.map((url) => isSafeRedirect(url, { allowedHosts, requireHttps: https }));
      const differing = addresses.filter((_, index) => own[index] !== told.json[index]);
      expect(differing).toEqual([]);
      expect(new Set(own).size).toBe(2);
    }
  });
});

/** Those of Django's own tests (tests/utils_tests/test_http.py), and what can be put together of their parts. */
const addresses = (() => {
  const known =
    String.raw`http://example.com http:///example.com https://example.com ftp://example.com \\example.com \\\example.com
/\\/example.com \\//example.com /\/example.com \/example.com /\example.com http:/\//example.com http:\/example.com http:/\example.com
javascript:alert("XSS") http://otherserver\@example.com http:\\testserver\@example.com http://testserver\me:pass@example.com
http:\\testserver\confirm\me@example.com http:999999999 ftp:9999999999 http://[2001:cdba:0000:0000:0000:0000:3257:9652/
http://2001:cdba:0000:0000:0000:0000:3257:9652]/ /view/?param=http://example.com /view/?param=https://example.com
/view?param=ftp://example.com view/?param=//example.com https://testserver/ HTTPS://testserver/ //testserver/
http://testserver/confirm?email=me@example.com /url%20with%20spaces/ path/http:2222222222 http://user:pass@testserver/
http://good:8000/x http://good/x https://good:8000`.split(/\s/);
  const parts =
    String.raw`http: https: HTTP: javascript: / // /// \ \\ @ : ? # . testserver evil.org good:8000 user:pass [::1] [ ] %2F ＠ ／ ℀ 。`
      .split(' ')
      .concat([' ', '\t', '\n', '\r', '\0', '\b', '\x1f', '\x85', '\xa0', '\u2028', '\u200b', '\ufeff']);
  let seed = 11;
  const next = (n: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return (seed >> 8) % n;
  };
  const made = Array.from({ length: 3000 }, () =>
    Array.from({ length: 1 + next(6) }, () => parts[next(parts.length)]).join(''),
  );
  return [
    ...known,
    '',
    '\n',
    '\njavascript:alert(x)',
    'java\nscript:alert(x)',
    '\x08//example.com',
    'x'.repeat(2049),
    ...made,
  ];
})();
