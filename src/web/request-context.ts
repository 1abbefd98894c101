import type { User, Visitor } from '../auth/backends/user.js';
import { createAnonymousUser } from '../auth/backends/user.js';
import { BadSignature } from '../crypto/signing/bad-signature.js';
import { SessionMembers } from '../sessions/codec/members.js';
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
    const members = key === null ? undefined : await loadMembers(server, key);
    const session = new Session(server.sessions, key, members);
    const found = members === undefined ? undefined : await sessionUser(server, members);
    const auth = await tokenAuth(server, facts.header('authorization'));
    const csrf = csrfState(server, cookies, session);
    // Who shows a token is whoever that says, and nobody where it is not accepted.
    return createContext({ server, facts, cookies, session, found, csrf, token: auth });
  } catch (error) {
    throw asRequestError(error);
  }
}

async function loadMembers({ sessions: { rows, codec, now } }: AuthServer, key: string) {
  const text = key.includes('\0') ? undefined : await rows.load(key, now());
  if (text === undefined) return undefined;
  try {
    return new SessionMembers(codec.decode(text));
  } catch (error) {
    // A row that holds something else is an empty session, as in Django.
    if (error instanceof BadSignature) return new SessionMembers();
    throw error;
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

function createContext(
  parts: Pick<RequestContext, 'server' | 'facts' | 'cookies' | 'session' | 'csrf'> & {
    readonly found: User | undefined;
    readonly token: RequestAuth | TokenProblem | undefined;
  },
): RequestContext {
  const { found, token, ...rest } = parts;
  const auth = token !== undefined && 'user' in token ? token : null;
  let user: Visitor | undefined =
    token === undefined ? undefined : (auth?.user ?? createAnonymousUser(rest.server.rights));
  return {
    ...rest,
    auth,
    tokenProblem: token !== undefined && 'document' in token ? token : undefined,
    get user() {
      if (user !== undefined) return user;
      user = verifiedUser(rest, found) ?? createAnonymousUser(rest.server.rights);
      return user;
    },
    set user(next) {
      user = next;
    },
  };
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
 * Stores what is to be stored, and resolves with the headers that the response is to have
 * (Django 5.2 contrib/sessions/middleware.py and middleware/csrf.py, process_response).
 *
 * @throws RequestError of status 400 where the session was deleted in the meantime, 503 where the database does not answer.
 */
export async function finishRequest(context: RequestContext, status: number): Promise<ResponseParts> {
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

const contexts = new WeakMap<object, RequestContext>();

/** Ties a context to the framework's own object for the request. */
export function attachContext(request: object, context: RequestContext): void {
  contexts.set(request, context);
}

/** The context of a request. @throws Error where no adapter has seen it. */
export function contextOf(request: object): RequestContext {
  const found = contexts.get(request);
  if (found !== undefined) return found;
  throw new Error('This request has no session: put the adapter of manage-auth before what asks for it.');
}
