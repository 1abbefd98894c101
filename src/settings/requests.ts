import { durationSeconds } from '../text.js';
import type { Environment } from './environment.js';
import { isRecord, type Problems, readers, secondsWanted } from './values.js';

/** `false` sends no such attribute. */
export type SameSiteSetting = 'Lax' | 'Strict' | 'None' | false;

/** How a cookie is sent, as a config file writes it. */
interface CookieSettings {
  readonly cookieName?: string;
  /** Seconds, or a text such as `2h` or `30d`. */
  readonly cookieAge?: number | string;
  readonly cookieDomain?: string;
  readonly cookiePath?: string;
  /** Sends it over HTTPS only. */
  readonly cookieSecure?: boolean;
  /** Hides it from scripts. */
  readonly cookieHttpOnly?: boolean;
  readonly cookieSameSite?: SameSiteSetting;
}

export interface SessionSettings extends CookieSettings {
  /** Ends sessions with the browser that do not say otherwise. */
  readonly expireAtBrowserClose?: boolean;
  /** Stores a session at every request, so that it lasts from the last one on. */
  readonly saveEveryRequest?: boolean;
  /** Verifies cookies and signed values of Django 3.0 and older, too, whose signatures are made with SHA-1. */
  readonly legacySha1?: boolean;
}

/** `fetch-metadata` goes by what browsers say of themselves, `django` asks for Django's token, `off` asks for nothing. */
export type CsrfMode = 'fetch-metadata' | 'django' | 'off';

export interface CsrfSettings extends CookieSettings {
  readonly mode?: CsrfMode;
  /** Header that scripts send the token in. */
  readonly headerName?: string;
  /** `https://example.com`, or `https://*.example.com` with all below it. */
  readonly trustedOrigins?: readonly string[];
  /** Keeps the secret in the session, and not in a cookie. */
  readonly useSessions?: boolean;
}

/** What a config file says about requests: for servers. */
export interface RequestSettings {
  readonly session?: SessionSettings;
  readonly csrf?: CsrfSettings;
  /**
   * Who says who somebody is, in this order: Django's Python paths, or objects that `defineBackend` made. Sessions of others
   * are nobody's.
   */
  readonly authenticationBackends?: readonly (string | BackendObject)[];
  /** Where those are sent who have to log in. */
  readonly loginUrl?: string;
  /** Addresses, or networks such as `10.0.0.0/8`, of proxies whose `X-Forwarded-…` headers are believed. */
  readonly trustedProxies?: readonly string[];
}

/** As far as settings know one. */
export interface BackendObject {
  readonly name: string;
}

type Parsed<T> = {
  readonly [K in keyof Required<T>]: K extends 'cookieDomain'
    ? string | undefined
    : K extends 'cookieAge'
      ? number
      : Required<T>[K];
};

/** {@link RequestSettings} after precedence, defaults and validation. */
export interface ParsedRequestSettings {
  readonly session: Parsed<SessionSettings>;
  readonly csrf: Parsed<CsrfSettings>;
  readonly authenticationBackends: readonly (string | BackendObject)[];
  readonly loginUrl: string;
  readonly trustedProxies: readonly string[];
}

/** The keys of a config file that {@link parseRequests} reads. */
export const requestKeys = ['session', 'csrf', 'authenticationBackends', 'loginUrl', 'trustedProxies'];

const cookieKeys = ['Name', 'Age', 'Domain', 'Path', 'Secure', 'HttpOnly', 'SameSite'].map((name) => `cookie${name}`);
const modelBackend = 'django.contrib.auth.backends.ModelBackend';

/** Reads what the settings and the environment, under Django's names, say about requests. */
export function parseRequests(
  config: Record<string, unknown>,
  environment: Environment,
  problems: Problems,
): ParsedRequestSettings {
  const top = readers(config, problems);
  const variables = environmentReaders(environment, problems);
  const [sessionConfig, csrfConfig] = [top.record('session'), top.record('csrf')];
  const session = readers(sessionConfig, problems, 'session.');
  session.known([...cookieKeys, 'expireAtBrowserClose', 'saveEveryRequest', 'legacySha1']);
  const csrf = readers(csrfConfig, problems, 'csrf.');
  csrf.known([...cookieKeys, 'mode', 'headerName', 'trustedOrigins', 'useSessions']);

  const cookie = (
    prefix: 'SESSION' | 'CSRF',
    read: ReturnType<typeof readers>,
    source: Record<string, unknown>,
    defaults: { readonly name: string; readonly age: number; readonly httpOnly: boolean },
  ) => ({
    cookieName: cookieName(variables.text(`${prefix}_COOKIE_NAME`) ?? read.text('cookieName'), defaults.name, problems),
    cookieAge: variables.seconds(`${prefix}_COOKIE_AGE`) ?? read.seconds('cookieAge') ?? defaults.age,
    cookieDomain: attribute(variables.text(`${prefix}_COOKIE_DOMAIN`) ?? read.text('cookieDomain'), problems),
    cookiePath: attribute(variables.text(`${prefix}_COOKIE_PATH`) ?? read.text('cookiePath'), problems) ?? '/',
    cookieSecure: variables.flag(`${prefix}_COOKIE_SECURE`) ?? read.flag('cookieSecure') ?? false,
    cookieHttpOnly: variables.flag(`${prefix}_COOKIE_HTTPONLY`) ?? read.flag('cookieHttpOnly') ?? defaults.httpOnly,
    cookieSameSite: sameSite(
      variables.text(`${prefix}_COOKIE_SAMESITE`) ?? source.cookieSameSite,
      `${prefix.toLowerCase()}.cookieSameSite`,
      problems,
    ),
  });
  return {
    session: {
      ...cookie('SESSION', session, sessionConfig, { name: 'sessionid', age: 1_209_600, httpOnly: true }),
      expireAtBrowserClose:
        variables.flag('SESSION_EXPIRE_AT_BROWSER_CLOSE') ?? session.flag('expireAtBrowserClose') ?? false,
      saveEveryRequest: variables.flag('SESSION_SAVE_EVERY_REQUEST') ?? session.flag('saveEveryRequest') ?? false,
      legacySha1: session.flag('legacySha1') ?? false,
    },
    csrf: {
      ...cookie('CSRF', csrf, csrfConfig, { name: 'csrftoken', age: 31_449_600, httpOnly: false }),
      mode: csrfMode(variables.text('CSRF_MODE') ?? csrfConfig.mode, problems),
      headerName: csrf.text('headerName') ?? 'X-CSRFToken',
      trustedOrigins: origins(variables.texts('CSRF_TRUSTED_ORIGINS') ?? csrf.texts('trustedOrigins') ?? [], problems),
      useSessions: variables.flag('CSRF_USE_SESSIONS') ?? csrf.flag('useSessions') ?? false,
    },
    authenticationBackends: backends(config.authenticationBackends, problems),
    loginUrl: variables.text('LOGIN_URL') ?? top.text('loginUrl') ?? '/accounts/login/',
    trustedProxies: variables.texts('TRUSTED_PROXIES') ?? top.texts('trustedProxies') ?? [],
  };
}

function environmentReaders(environment: Environment, problems: Problems) {
  const text = (name: string): string | undefined => {
    const found = environment.lookup(name);
    if (found?.value.trim() !== '') return found?.value;
    problems.push(`${name} in ${found.where} is empty: give it a value, or remove it.`);
    return undefined;
  };
  const wrong = (name: string, expected: string) => {
    problems.push(`${name} in ${environment.lookup(name)?.where} must be ${expected}.`);
    return undefined;
  };
  return {
    text,
    texts: (name: string) =>
      environment
        .lookup(name)
        ?.value.split(',')
        .map((each) => each.trim())
        .filter(Boolean),
    flag(name: string): boolean | undefined {
      const value = text(name);
      if (value === undefined) return undefined;
      if (/^(1|true|yes|on)$/i.test(value)) return true;
      return /^(0|false|no|off)$/i.test(value) ? false : wrong(name, 'true or false');
    },
    seconds(name: string): number | undefined {
      const value = text(name);
      if (value === undefined) return undefined;
      const seconds = /^\d{1,10}$/.test(value) ? Number(value) : durationSeconds(value);
      return seconds ? seconds : wrong(name, secondsWanted);
    },
  };
}

/** Names of cookies are tokens (RFC 6265, section 4.1.1). */
function cookieName(name: string | undefined, otherwise: string, problems: Problems): string {
  if (name === undefined || /^[\w!#$%&'*+\-.^`|~]+$/.test(name)) return name ?? otherwise;
  problems.push(`'${name}' can be no name of a cookie: it has letters, digits, - and _.`);
  return otherwise;
}

function attribute(text: string | undefined, problems: Problems): string | undefined {
  if (text === undefined || /^[\x21-\x3a\x3c-\x7e]+$/.test(text)) return text;
  problems.push(`'${text}' can be no domain and no path of a cookie.`);
  return undefined;
}

function sameSite(value: unknown, name: string, problems: Problems): SameSiteSetting {
  if (value === undefined) return 'Lax';
  const known = (['Lax', 'Strict', 'None'] as const).find(
    (each) => typeof value === 'string' && each.toLowerCase() === value.toLowerCase(),
  );
  if (known !== undefined) return known;
  if (value === false || value === 'false' || value === 'False') return false;
  problems.push(`\`${name}\` must be 'Lax', 'Strict', 'None' or false.`);
  return 'Lax';
}

function csrfMode(value: unknown, problems: Problems): CsrfMode {
  const known = (['fetch-metadata', 'django', 'off'] as const).find((each) => each === value);
  if (known !== undefined || value === undefined) return known ?? 'fetch-metadata';
  problems.push("`csrf.mode` must be 'fetch-metadata', 'django' or 'off'.");
  return 'fetch-metadata';
}

/** Django 5.2 core/checks/compatibility/django_4_0.py: an origin has a scheme. */
function origins(list: readonly string[], problems: Problems): readonly string[] {
  for (const origin of list) {
    if (/^[a-z][a-z0-9+.-]*:\/\/[^/?#\s]+$/i.test(origin)) continue;
    problems.push(`\`csrf.trustedOrigins\` has '${origin}': write https://example.com, with nothing behind the host.`);
  }
  return list;
}

function backends(value: unknown, problems: Problems): readonly (string | BackendObject)[] {
  if (value === undefined) return [modelBackend];
  const isBackend = (each: unknown): each is string | BackendObject =>
    (typeof each === 'string' && each !== '') || (isRecord(each) && typeof each.name === 'string' && each.name !== '');
  if (Array.isArray(value) && value.length > 0 && value.every(isBackend)) return value;
  problems.push('`authenticationBackends` must be an array of Python paths, or of backends, and not empty.');
  return [modelBackend];
}
