import type { Visitor } from '../auth/backends/user.js';
import type { Answer } from './answer.js';
import { djangoCsrfProblem } from './csrf-check.js';
import { RequestError } from './errors.js';
import type { RequestContext } from './request-context.js';
import { splitUrl } from './safe-redirect.js';
import { bearerChallenge, type RequestAuth } from './tokens.js';

/** How a request is answered that a guard does not let through. */
export type Refusal = Answer;

/** Lets a request through (undefined), or says how it is answered. `field` is the CSRF token of a form. */
export type Guard = (context: RequestContext, form?: FormField) => Promise<Refusal | undefined>;

/** A field of the form that the request has brought along. */
export type FormField = (name: string) => string | undefined;

/** The fields of a form that a framework has parsed into an object. */
export function fieldIn(body: unknown): FormField {
  return (name) => {
    if (typeof body !== 'object' || body === null || !Object.hasOwn(body, name)) return undefined;
    const value: unknown = (body as Record<string, unknown>)[name];
    return typeof value === 'string' ? value : undefined;
  };
}

export interface GuardOptions {
  /** Where those are sent who have to log in; by default `loginUrl` of the settings. */
  readonly loginUrl?: string;
  /** Name of the parameter that leads back. */
  readonly redirectField?: string;
  /** Answers with 401 and 403, and never sends anybody to the login; by default that is so for who asks for JSON. */
  readonly json?: boolean;
  /**
   * Throws a RequestError of status 403 instead of answering with it, for the framework's own handlers of errors to make a page
   * of (`raise_exception` in Django).
   */
  readonly raise?: boolean;
}

/** Whether the answer is for a program, and not for a page. */
function wantsJson({ facts }: RequestContext, { json }: GuardOptions): boolean {
  if (json !== undefined) return json;
  if (facts.header('x-requested-with')?.toLowerCase() === 'xmlhttprequest') return true;
  const accept = facts.header('accept') ?? '';
  return /\bapplication\/(?:[\w.+-]+\+)?json\b/i.test(accept) && !/\btext\/html\b/i.test(accept);
}

function refusal(context: RequestContext, options: GuardOptions, status: number, message: string): Refusal {
  if (wantsJson(context, options)) {
    return {
      status,
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ detail: message }),
    };
  }
  return { status, headers: { 'Content-Type': 'text/plain; charset=utf-8' }, body: `${message}\n` };
}

function forbidden(context: RequestContext, options: GuardOptions): Refusal {
  const message = 'You do not have permission to perform this action.';
  if (options.raise === true) throw new RequestError(403, message, { code: 'permission_denied' });
  return refusal(context, options, 403, message);
}

/** Sends a page's visitor to the login, and says 401 to a program (Django 5.2 contrib/auth/decorators.py). */
function loginNeeded(context: RequestContext, options: GuardOptions): Refusal {
  // Who shows a token is a program, whatever it asks for.
  if (context.tokenProblem !== undefined) return tokenNeeded(context);
  if (wantsJson(context, options)) {
    return refusal(context, options, 401, 'Authentication credentials were not provided.');
  }
  const Location = loginLocation(context, context.facts.url, options);
  return { status: 302, headers: { Location, 'Content-Type': 'text/html; charset=utf-8' }, body: '' };
}

/** Where to log in, and to come back to `url`, which is a path at the host of the request. */
export function loginLocation(
  { facts, server }: RequestContext,
  url: string,
  { loginUrl = server.settings.loginUrl, redirectField = 'next' }: GuardOptions = {},
): string {
  return withNext(loginUrl, nextOf(facts, url, loginUrl), redirectField);
}

/** The path; with scheme and host where the login is elsewhere. */
function nextOf({ secure, host }: RequestContext['facts'], url: string, loginUrl: string): string {
  const scheme = secure ? 'https' : 'http';
  const there = splitUrl(loginUrl);
  const isHere =
    there !== undefined &&
    (there.scheme === '' || there.scheme === scheme) &&
    (there.host === '' || there.host === host);
  // Two slashes at the beginning would be another host.
  const path = url.startsWith('//') ? `/%2F${url.slice(2)}` : url;
  return isHere ? path : `${scheme}://${host}${path}`;
}

function withNext(loginUrl: string, next: string, field: string): string {
  const [, path = '', query = '', fragment = ''] = /^([^?#]*)(\?[^#]*)?(#.*)?$/s.exec(loginUrl) ?? [];
  const rest = query
    .slice(1)
    .split('&')
    .filter((pair) => pair !== '' && pair.split('=', 1)[0] !== field);
  return `${path}?${[...rest, `${field}=${quote(next)}`].join('&')}${fragment}`;
}

/** Python's `urllib.parse.quote`, which leaves slashes. */
function quote(text: string): string {
  return encodeURIComponent(text)
    .replaceAll('%2F', '/')
    .replace(/[!'()*]/g, (unit) => `%${unit.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** Lets those through who are logged in and of whom the test holds; others are sent to the login. */
export function userPassesTest(test: (user: Visitor) => boolean | Promise<boolean>, options: GuardOptions = {}): Guard {
  return async (context) => {
    const { user } = context;
    if (await test(user)) return undefined;
    return user.isAuthenticated && wantsJson(context, options)
      ? forbidden(context, options)
      : loginNeeded(context, options);
  };
}

/** Lets those through who are logged in. */
export function loginRequired(options: GuardOptions = {}): Guard {
  return async (context) => (context.user.isAuthenticated ? undefined : loginNeeded(context, options));
}

/**
 * Lets those through who show a token that is accepted, of `kind` if one is given; a session's cookie alone is not enough. The
 * others get 401 and the document that simplejwt or Django REST framework have for it.
 */
export function tokenRequired({ kind }: { readonly kind?: RequestAuth['kind'] } = {}): Guard {
  return async (context) => {
    const isGood = context.auth !== null && (kind === undefined || context.auth.kind === kind);
    return isGood ? undefined : tokenNeeded(context);
  };
}

function tokenNeeded({ tokenProblem }: RequestContext): Refusal {
  const { challenge = bearerChallenge, document = { detail: 'Authentication credentials were not provided.' } } =
    tokenProblem ?? {};
  const headers = { 'Content-Type': 'application/json', 'WWW-Authenticate': challenge };
  return { status: 401, headers, body: JSON.stringify(document) };
}

/** As {@link loginRequired}, for everything but what `except` says: paths, or a test of one. */
export function loginRequiredMiddleware({
  except = [],
  ...options
}: GuardOptions & { readonly except?: readonly (string | RegExp)[] } = {}): Guard {
  const guard = loginRequired(options);
  return async (context) => {
    const path = context.facts.url.split('?', 1)[0] ?? '';
    const { loginUrl } = context.server.settings;
    const isOpen = [options.loginUrl ?? loginUrl, ...except].some((each) =>
      typeof each === 'string' ? each === path : each.test(path),
    );
    return isOpen ? undefined : guard(context);
  };
}

/**
 * Lets those through who have all of these rights, `app.codename`. Who is logged in and has not gets 403; Django would send
 * them to the login, and from there back again.
 */
export function permissionRequired(permissions: string | readonly string[], options: GuardOptions = {}): Guard {
  return allowed((user) => user.hasPerms(typeof permissions === 'string' ? [permissions] : permissions), options);
}

/** Lets those through who may use the admin. */
export function staffRequired(options: GuardOptions = {}): Guard {
  return allowed((user) => user.isActive && user.isStaff, options);
}

function allowed(test: (user: Visitor) => boolean | Promise<boolean>, options: GuardOptions): Guard {
  return async (context) => {
    const { user } = context;
    if (await test(user)) return undefined;
    return user.isAuthenticated ? forbidden(context, options) : loginNeeded(context, options);
  };
}

/** Refuses with 403 what changes something without Django's CSRF token, whatever the settings ask of other requests. */
export function csrfProtect(options: Pick<GuardOptions, 'json'> = {}): Guard {
  return async (context, form) => {
    const problem = djangoCsrfProblem(context, form?.('csrfmiddlewaretoken'));
    return problem === undefined ? undefined : refusal(context, options, 403, `CSRF Failed: ${problem}`);
  };
}

/** How a request is answered that the settings' protection against forged requests refuses. */
export function forgedRequest(context: RequestContext, problem: string): Refusal {
  return refusal(context, {}, 403, `CSRF Failed: ${problem}`);
}

/** Each of the guards as what an adapter makes of one, and called with the same. */
export function eachGuard<T>(make: (guard: Guard) => T) {
  const each =
    <Args extends unknown[]>(guard: (...args: Args) => Guard) =>
    (...args: Args): T =>
      make(guard(...args));
  return {
    csrfProtect: each(csrfProtect),
    loginRequired: each(loginRequired),
    loginRequiredMiddleware: each(loginRequiredMiddleware),
    permissionRequired: each(permissionRequired),
    staffRequired: each(staffRequired),
    tokenRequired: each(tokenRequired),
    userPassesTest: each(userPassesTest),
  };
}
