import type { User, Visitor } from '../auth/backends/user.js';
import { createAnonymousUser } from '../auth/backends/user.js';
import { cookieHeader, deletedCookieHeader, parseCookies } from './cookies.js';
import { csrfSessionKey, formProblem, newSecret, secretOf } from './csrf.js';
import { asRequestError } from './errors.js';
import { factsOf, type RawRequest, type RequestFacts } from './facts.js';
import { hashState, sessionUser } from './login-state.js';
import type { AuthServer } from './server.js';
import { isSessionKey, Session } from './session.js';
import { type RequestAuth, type TokenProblem, tokenAuth } from './tokens.js';

/** Everything that is known of one request, whatever framework it came through. */
export interface RequestContext {
  readonly server: AuthServer;
  readonly facts: RequestFacts;
  readonly cookies: ReadonlyMap<string, string>;
  readonly session: Session;
  /** The user, who is read already; the login is verified at the first look. */
  user: Visitor;
  readonly csrf: CsrfState;
  /** By what token the request says whose it is; null without one, and for one that is not accepted. */
  readonly auth: RequestAuth | null;
  /** Why the token that the request shows is not accepted. */
  readonly tokenProblem: TokenProblem | undefined;
}

export interface CsrfState {
  /** That of the cookie or the session, or a new one. */
  secret: string | undefined;
  /** What is wrong with the cookie's form. */
  readonly problem: string | undefined;
  /** Whether the cookie is to be sent. */
  renew: boolean;
}

/** What a response is to have besides its own. */
export interface ResponseParts {
  readonly cookies: readonly string[];
  readonly varyCookie: boolean;
}

/**
 * Reads what a request brings along: its session by key, and the user of that; nothing of the database without a cookie.
 *
 * @throws RequestError of status 503 where the database does not answer.
 */
export async function beginRequest(server: AuthServer, raw: RawRequest): Promise<RequestContext> {
  const facts = factsOf(raw, server.isTrustedProxy);
  const cookies = parseCookies(facts.header('cookie'));
  const { settings } = server;
  const cookie = cookies.get(settings.session.cookieName);
  const key = isSessionKey(cookie) ? cookie : null;
  try {
    const loaded = key === null ? undefined : await server.loadSession(key, server.sessions.now());
    const session = new Session(server.sessions, key, loaded?.members);
    const found = loaded === undefined ? undefined : await sessionUser(server, loaded);
    const shown = facts.header('authorization');
    const token = shown === undefined ? undefined : await tokenAuth(server, shown);
    const csrf = csrfState(server, cookies, session);
    return new Context({ server, facts, cookies, session, found, csrf, token });
  } catch (error) {
    throw asRequestError(error);
  }
}

function csrfState(
  { settings: { csrf } }: AuthServer,
  cookies: ReadonlyMap<string, string>,
  session: Session,
): CsrfState {
  const kept = csrf.useSessions ? session.get(csrfSessionKey) : cookies.get(csrf.cookieName);
  if (typeof kept !== 'string') return { secret: undefined, problem: undefined, renew: false };
  const problem = formProblem(kept);
  if (problem === undefined) return { secret: secretOf(kept), problem, renew: false };
  return { secret: newSecret(), problem, renew: true };
}

type Parts = Pick<RequestContext, 'server' | 'facts' | 'cookies' | 'session' | 'csrf'> & {
  readonly found: User | undefined;
  readonly token: RequestAuth | TokenProblem | undefined;
};

class Context implements RequestContext {
  readonly server: AuthServer;
  readonly facts: RequestFacts;
  readonly cookies: ReadonlyMap<string, string>;
  readonly session: Session;
  readonly csrf: CsrfState;
  readonly auth: RequestAuth | null;
  readonly tokenProblem: TokenProblem | undefined;
  readonly #found: User | undefined;
  #user: Visitor | undefined;

  constructor({ server, facts, cookies, session, csrf, found, token }: Parts) {
    this.server = server;
    this.facts = facts;
    this.cookies = cookies;
    this.session = session;
    this.csrf = csrf;
    this.auth = token !== undefined && 'user' in token ? token : null;
    this.tokenProblem = token !== undefined && 'document' in token ? token : undefined;
    this.#found = found;
    // Who shows a token is whoever that says, and nobody where it is not accepted.
    this.#user = token === undefined ? undefined : (this.auth?.user ?? createAnonymousUser(server.rights));
  }

  get user(): Visitor {
    this.#user ??= verifiedUser(this, this.#found) ?? createAnonymousUser(this.server.rights);
    return this.#user;
  }

  set user(next: Visitor) {
    this.#user = next;
  }
}

/** Whether the session is bound to the user's password: Django 5.2 contrib/auth/__init__.py, get_user. */
function verifiedUser({ server, session }: Pick<RequestContext, 'server' | 'session'>, found: User | undefined) {
  // The response depends on who it is.
  session.accessed = true;
  if (found === undefined) return undefined;
  const state = hashState(server, session, found);
  if (state.verified === 'current') return found;
  if (state.verified === 'none') {
    session.forget();
    return undefined;
  }
  session.cycleKey();
  session.set('_auth_user_hash', state.hash);
  return found;
}

/**
 * Stores what is to be stored, and says, or resolves with, the headers that the response is to have
 * (Django 5.2 contrib/sessions/middleware.py and middleware/csrf.py, process_response). Where nothing is to be stored or sent,
 * nobody has to wait.
 *
 * @throws RequestError of status 400 where the session was deleted in the meantime, 503 where the database does not answer.
 */
export function finishRequest(context: RequestContext, status: number): ResponseParts | Promise<ResponseParts> {
  const { session, csrf, cookies, server } = context;
  const { cookieName, saveEveryRequest } = server.settings.session;
  const isQuiet =
    !session.hasEnded &&
    !session.modified &&
    !saveEveryRequest &&
    !csrf.renew &&
    !(session.isEmpty && cookies.has(cookieName));
  if (isQuiet) return session.accessed ? varyAlone : nothing;
  return storeRequest(context, status);
}

const nothing: ResponseParts = { cookies: [], varyCookie: false };
const varyAlone: ResponseParts = { cookies: [], varyCookie: true };

async function storeRequest(context: RequestContext, status: number): Promise<ResponseParts> {
  const { server, session, cookies: sent } = context;
  const { session: settings } = server.settings;
  const cookies: string[] = [];
  let varyCookie = csrfCookie(context, cookies);
  try {
    await session.removeFlushed();
    if (session.isEmpty && sent.has(settings.cookieName)) {
      cookies.push(deletedCookieHeader(settings.cookieName, server.sessionCookie));
      return { cookies, varyCookie: true };
    }
    varyCookie ||= session.accessed;
    if (!(session.modified || settings.saveEveryRequest) || session.isEmpty || status >= 500) {
      return { cookies, varyCookie };
    }
    const now = server.sessions.now();
    const maxAge = session.expiresAtBrowserClose ? undefined : session.getExpiryAge({ now });
    await session.save();
    cookies.push(cookieHeader(settings.cookieName, session.key ?? '', { ...server.sessionCookie, maxAge }, now));
    return { cookies, varyCookie: true };
  } catch (error) {
    throw asRequestError(error);
  }
}

/** Adds the cookie of the CSRF secret, where it is to be sent; resolves with whether it was. */
function csrfCookie({ server, session, csrf }: RequestContext, cookies: string[]): boolean {
  const { csrf: settings } = server.settings;
  if (!csrf.renew || csrf.secret === undefined) return false;
  if (settings.useSessions) {
    if (session.get(csrfSessionKey) !== csrf.secret) session.set(csrfSessionKey, csrf.secret);
    return false;
  }
  const attributes = { ...server.csrfCookie, maxAge: settings.cookieAge };
  cookies.push(cookieHeader(settings.cookieName, csrf.secret, attributes, server.sessions.now()));
  return true;
}

/** Where a request has its context: a WeakMap costs more than all else at the collection of garbage. */
const contextKey = Symbol('manage-auth');

interface Attached {
  [contextKey]?: RequestContext;
}

/** Ties a context to the framework's own object for the request. */
export function attachContext(request: object, context: RequestContext): void {
  (request as Attached)[contextKey] = context;
}

/**
 * The context that an adapter has given a request before: an adapter that comes twice, such as at a router and at its application,
 * leaves it as it is.
 *
 * @throws Error where that is of another server.
 */
export function earlierContext(request: object, server: AuthServer): RequestContext | undefined {
  const found = (request as Attached)[contextKey];
  if (found === undefined || found.server === server) return found;
  throw new Error(
    'This request has a session of another server: openAuth is called once, and its server is used everywhere.',
  );
}

/** The context of a request. @throws Error where no adapter has seen it. */
export function contextOf(request: object): RequestContext {
  const found = (request as Attached)[contextKey];
  if (found !== undefined) return found;
  throw new Error('This request has no session: put the adapter of manage-auth before what asks for it.');
}
