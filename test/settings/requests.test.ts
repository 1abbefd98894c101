import { expect, it } from 'vitest';
import { openProject } from '../../src/app/project.js';
import { temporaryFolder } from '../helpers/manage.js';

const settingsOf = async (config: object, env: Readonly<Record<string, string>> = {}) =>
  (await openProject({ cwd: temporaryFolder({ 'manage.config.json': JSON.stringify(config) }), env })).settings;

it('has the defaults of Django', async () => {
  const { session, csrf, authenticationBackends, loginUrl, trustedProxies } = await settingsOf({});
  expect({ session, csrf, authenticationBackends, loginUrl, trustedProxies }).toEqual({
    session: {
      cookieName: 'sessionid',
      cookieAge: 1_209_600,
      cookieDomain: undefined,
      cookiePath: '/',
      cookieSecure: false,
      cookieHttpOnly: true,
      cookieSameSite: 'Lax',
      expireAtBrowserClose: false,
      saveEveryRequest: false,
      legacySha1: false,
    },
    csrf: {
      cookieName: 'csrftoken',
      cookieAge: 31_449_600,
      cookieDomain: undefined,
      cookiePath: '/',
      cookieSecure: false,
      cookieHttpOnly: false,
      cookieSameSite: 'Lax',
      mode: 'fetch-metadata',
      headerName: 'X-CSRFToken',
      trustedOrigins: [],
      useSessions: false,
    },
    authenticationBackends: ['django.contrib.auth.backends.ModelBackend'],
    loginUrl: '/accounts/login/',
    trustedProxies: [],
  });
});

it('is told otherwise by the environment first', async () => {
  const { session, csrf, loginUrl, trustedProxies } = await settingsOf(
    { session: { cookieName: 'a', cookieSecure: true, cookieSameSite: false }, loginUrl: '/in/' },
    {
      SESSION_COOKIE_NAME: 'b',
      SESSION_COOKIE_AGE: '60',
      SESSION_COOKIE_SECURE: 'False',
      CSRF_TRUSTED_ORIGINS: 'https://a.org, https://*.b.org',
      TRUSTED_PROXIES: '10.0.0.0/8',
      LOGIN_URL: '/enter/',
    },
  );
  expect(session).toMatchObject({ cookieName: 'b', cookieAge: 60, cookieSecure: false, cookieSameSite: false });
  expect(csrf.trustedOrigins).toEqual(['https://a.org', 'https://*.b.org']);
  expect([loginUrl, trustedProxies]).toEqual(['/enter/', ['10.0.0.0/8']]);
});

it('is refused where it is wrong, all at once', async () => {
  const wrong = {
    session: { cookieName: 'a;b', cookieAge: 0, cookiePath: '/;x', cookieSameSite: 'loose', other: 1 },
    csrf: { mode: 'none', trustedOrigins: ['a.org'] },
    authenticationBackends: [],
  };
  const error = await settingsOf(wrong, { SESSION_COOKIE_SECURE: 'perhaps' }).catch((each: Error) => each);
  expect(error).toBeInstanceOf(Error);
  for (const said of [
    "'a;b' can be no name of a cookie",
    '`session.cookieAge` must be a whole number of seconds above 0.',
    "'/;x' can be no domain and no path of a cookie.",
    "`session.cookieSameSite` must be 'Lax', 'Strict', 'None' or false.",
    '`session.other` is not a setting.',
    "`csrf.mode` must be 'fetch-metadata', 'django' or 'off'.",
    "`csrf.trustedOrigins` has 'a.org'",
    '`authenticationBackends` must be an array',
    'SESSION_COOKIE_SECURE in the environment must be true or false.',
  ]) {
    expect(String(error)).toContain(said);
  }
});
