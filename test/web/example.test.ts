import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Jar, jar } from '../helpers/browser.js';
import { createDatabase, forEachEngine, type TestDatabase } from '../helpers/databases.js';
import { startExample } from '../helpers/example-server.js';

const password = 'Kaltes-Wasser-7';

forEachEngine((engine) => {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await createDatabase(engine);
  });
  afterEach(() => db.drop());

  it('tells the story of a visitor', async () => {
    const { url, errors } = await startExample(db);
    const visitor = jar();
    const get = (path: string) => visitor.fetch(`${url}${path}`);
    const post = (path: string, form: Record<string, string>) => visitor.fetch(`${url}${path}`, { form });

    expect((await get('/whoami/')).json).toEqual({
      user: 'AnonymousUser',
      pk: null,
      authenticated: false,
      key: null,
      data: {},
    });
    expect((await get('/count/')).json).toEqual({ count: 1 });
    expect((await get('/count/')).json).toEqual({ count: 2 });
    const anonymous = visitor.cookies.get('sessionid');

    const weak = await post('/accounts/signup/', { username: 'a b', email: 'x', password1: '123', password2: '123' });
    expect(weak.status).toBe(400);
    for (const problem of ['Enter a valid username.', 'Enter a valid email address.', 'This password is too short.']) {
      expect(weak.text).toContain(problem);
    }
    const signedUp = await post('/accounts/signup/', {
      username: 'ada',
      email: '',
      password1: password,
      password2: password,
    });
    expect([signedUp.status, signedUp.headers.get('location')]).toEqual([302, '/accounts/profile/']);
    const key = visitor.cookies.get('sessionid');
    expect(key).not.toBe(anonymous);
    expect((await get('/whoami/')).json).toEqual({ user: 'ada', pk: 1, authenticated: true, key, data: { count: 2 } });
    expect(await db.query('SELECT session_key FROM django_session')).toEqual([{ session_key: key }]);
    expect((await post('/accounts/signup/', { username: 'ada', password })).text).toContain(
      'A user with that username already exists.',
    );

    expect((await get('/private/')).text).toContain('private to ada');
    expect((await get('/may/auth.view_user/')).status).toBe(403);
    expect((await get('/staff/')).status).toBe(403);
    expect((await get('/api/users/')).status).toBe(403);
    const pass = await get('/auth/');
    expect([pass.status, pass.headers.get('x-remote-user')]).toEqual([204, 'ada']);

    const nothing = await post('/accounts/password/', {});
    expect([nothing.status, nothing.text.includes('This field is required.')]).toEqual([400, true]);
    const changed = await post('/accounts/password/', {
      old_password: password,
      new_password1: 'Warmes-Wasser-8',
      new_password2: 'Warmes-Wasser-8',
    });
    expect(changed.status).toBe(302);
    expect((await get('/whoami/')).json).toMatchObject({ user: 'ada', data: { count: 2 } });

    expect((await post('/accounts/logout/', {})).status).toBe(302);
    expect(visitor.cookies.has('sessionid')).toBe(false);
    expect(await db.query('SELECT session_key FROM django_session')).toEqual([]);
    const away = await get('/private/');
    expect([away.status, away.headers.get('location')]).toEqual([302, '/accounts/login/?next=/private/']);
    expect((await get('/api/me/')).status).toBe(401);
    expect((await get('/auth/')).status).toBe(401);

    const wrong = await post('/accounts/login/', { username: 'ada', password });
    expect(wrong.status).toBe(401);
    expect(wrong.text).toContain('Please enter a correct username and password.');
    const back = await post('/accounts/login/', {
      username: 'ada',
      password: 'Warmes-Wasser-8',
      next: '/private/',
      remember: '0',
    });
    expect([back.status, back.headers.get('location')]).toEqual([302, '/private/']);
    expect(back.setCookies.find((each) => each.startsWith('sessionid='))).toMatch(
      /^sessionid=[a-z0-9]{32}; HttpOnly; Path=\/; SameSite=Lax$/,
    );

    expect((await post('/form/', {})).status).toBe(403);
    const { token } = (await get('/form/')).json;
    expect((await post('/form/', { csrfmiddlewaretoken: token })).status).toBe(200);
    const { access } = (await post('/token/', { username: 'ada', password: 'Warmes-Wasser-8' })).json;
    const byToken = await jar().fetch(`${url}/api/token/`, { headers: { authorization: `Bearer ${access}` } });
    expect(byToken.json).toEqual({ user: 'ada', by: 'jwt' });
    expect((await get('/api/token/')).status).toBe(401);
    expect((await get('/healthz/')).status).toBe(204);
    await refuseOddities(visitor, url);
    expect(errors()).toBe('');
  });
});

/** What no form of the site would send: each is answered, and by no 500. */
async function refuseOddities(visitor: Jar, url: string): Promise<void> {
  const long = 'x'.repeat(10_000);
  for (const name of ['a\0b', long]) {
    expect((await jar().fetch(`${url}/accounts/login/`, { form: { username: name, password } })).status).toBe(401);
    const form = { username: name, email: `${long}@x.org`, password };
    expect((await jar().fetch(`${url}/accounts/signup/`, { form })).status).toBe(400);
  }
  for (const [next, location] of [
    ['/a\r\nX-Evil: 1', '/a%0D%0AX-Evil:%201'],
    [long, '/whoami/'],
  ] as const) {
    const visit = await visitor.fetch(`${url}/accounts/login/`, {
      form: { username: 'ada', password: 'Warmes-Wasser-8', next },
    });
    expect([visit.status, visit.headers.get('location')]).toEqual([302, location]);
  }
  for (const path of ['/may/%00/', `/may/${long}/`, '/may/é/'])
    expect((await visitor.fetch(url + path)).status).toBe(403);
  expect((await visitor.fetch(`${url}/may/%ff/`)).status).toBe(400);
  for (const cookie of ['sessionid="abcdefgh\\000ijkl"', `sessionid=${long.slice(0, 8000)}`]) {
    expect((await jar().fetch(`${url}/whoami/`, { headers: { cookie } })).json).toMatchObject({
      user: 'AnonymousUser',
      key: null,
    });
  }
  const body = `username=${'x'.repeat(3_000_000)}`;
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  expect((await jar().fetch(`${url}/accounts/login/`, { headers, body })).status).toBe(413);
}
