/** `manage-auth/web/hono`: sessions and users for Hono, and for plain `(Request) => Response`. */
import type {} from 'hono';
import type { Visitor } from '../auth/backends/user.js';
import { withVary } from './cookies.js';
import { isSafeMethod } from './csrf.js';
import { requestProblem } from './csrf-check.js';
import { asRequestError } from './errors.js';
import type { RawRequest } from './facts.js';
import { failureAnswer } from './failures.js';
import * as guards from './guards.js';
import { bytesOf } from './request-body.js';
import {
  attachContext,
  beginRequest,
  contextOf,
  earlierContext,
  finishRequest,
  type RequestContext,
} from './request-context.js';
import type { AuthServer } from './server.js';
import type { Session } from './session.js';
import { createTokenViews, eachTokenView } from './token-views.js';
import type { RequestAuth } from './tokens.js';

declare module 'hono' {
  interface ContextVariableMap {
    session: Session;
    user: Visitor;
    auth: RequestAuth | null;
  }
}

/** As far as it is asked for: Hono's own context fits. */
interface HonoContextLike {
  readonly req: { readonly raw: Request; parseBody(): Promise<Record<string, unknown>> };
  readonly env?: unknown;
  res: Response;
  /** Whether there is a response. */
  readonly finalized?: boolean;
  header?(name: string, value: string, options: { readonly append: boolean }): void;
  set(name: 'session' | 'user' | 'auth', value: never): void;
}
type Middleware = (context: HonoContextLike, next: () => Promise<void>) => Promise<Response | undefined>;

/** What is known of a request besides itself. */
export interface FetchOptions {
  /** Address of whoever has sent it. */
  readonly remoteAddress?: string | undefined;
}

function fetchRawRequest(request: Request, { remoteAddress }: FetchOptions): RawRequest {
  return new FetchRequest(request, remoteAddress);
}

/** Takes the address apart where somebody asks for a part of it. */
class FetchRequest implements RawRequest {
  readonly remoteAddress: string | undefined;
  readonly #request: Request;
  #parsed: URL | undefined;

  constructor(request: Request, remoteAddress: string | undefined) {
    this.#request = request;
    this.remoteAddress = remoteAddress;
  }

  get method(): string {
    return this.#request.method;
  }

  get #url(): URL {
    this.#parsed ??= new URL(this.#request.url);
    return this.#parsed;
  }

  get url(): string {
    return `${this.#url.pathname}${this.#url.search}`;
  }

  get encrypted(): boolean {
    return this.#url.protocol === 'https:';
  }

  header(name: string): string | undefined {
    return this.#request.headers.get(name) ?? (name === 'host' ? this.#url.host : undefined);
  }
}

/** Where it runs on Node, whoever has connected (@hono/node-server). */
function remoteAddressOf(env: unknown): string | undefined {
  if (typeof env !== 'object' || env === null || !('incoming' in env)) return undefined;
  return (env.incoming as { socket?: { remoteAddress?: string } }).socket?.remoteAddress;
}

/**
 * Middleware that gives each request the variables `session` and `user`. What becomes of them is stored before the response
 * is given on; what a stream writes later into the session is lost.
 */
export function honoAuth(server: AuthServer): Middleware {
  return async (c, next) => {
    if (earlierContext(c, server) !== undefined) {
      await next();
      return undefined;
    }
    const context = await beginRequest(
      server,
      fetchRawRequest(c.req.raw, { remoteAddress: remoteAddressOf(c.env) }),
    ).catch((error: unknown) => answered(server, error));
    if (context instanceof Response) return context;
    attachContext(c, context);
    attachContext(c.req.raw, context);
    // What is known before the response is made need not be added to it, which costs more than all else here.
    if (c.header !== undefined) {
      context.session.onAccess = () => {
        if (!c.finalized) c.header?.('Vary', 'Cookie', { append: true });
      };
    }
    const set = (name: 'session' | 'user' | 'auth', value: unknown) => c.set(name, value as never);
    set('session', context.session);
    set('user', lazyUser(context));
    set('auth', context.auth);
    const problem = requestProblem(context, await tokenOf(c));
    if (problem !== undefined) c.res = toResponse(guards.forgedRequest(context, problem));
    else await next();
    const { res } = c;
    const response = await finishedResponse(context, res);
    if (response === res) return undefined;
    // Hono would give it the cookies of the one before, and no others.
    Object.assign(c, { res: undefined });
    c.res = response;
    return undefined;
  };
}

/** Hono keeps a variable's value: this one is whoever the user is when it is asked, and nobody is looked at before. */
const lazyUser = (context: RequestContext) => new Proxy({ context }, whoeverItIs) as unknown as Visitor;

/** One for all requests. */
const whoeverItIs: ProxyHandler<{ readonly context: RequestContext }> = {
  get: ({ context: { user } }, name) => {
    const value: unknown = Reflect.get(user, name);
    return typeof value === 'function' ? value.bind(user) : value;
  },
  set: ({ context }, name, value) => Reflect.set(context.user, name, value),
  has: ({ context }, name) => Reflect.has(context.user, name),
  ownKeys: ({ context }) => Object.keys(context.user),
  getOwnPropertyDescriptor: ({ context }, name) => {
    const found = Reflect.getOwnPropertyDescriptor(context.user, name);
    return found && { ...found, configurable: true };
  },
};

/** The token of a form that Hono parses once for all. */
async function tokenOf(c: HonoContextLike): Promise<string | undefined> {
  const { raw } = c.req;
  if (isSafeMethod(raw.method) || !isForm(raw)) return undefined;
  const token = (await c.req.parseBody().catch(() => ({}) as Record<string, unknown>)).csrfmiddlewaretoken;
  return typeof token === 'string' ? token : undefined;
}

const isForm = (request: Request) =>
  /^(application\/x-www-form-urlencoded|multipart\/form-data)\b/i.test(request.headers.get('content-type') ?? '');

function toResponse({ status, headers, body }: guards.Refusal): Response {
  return new Response(body === '' ? null : body, { status, headers: { ...headers } });
}

function answered(server: AuthServer, error: unknown): Response {
  server.report(error);
  return toResponse(failureAnswer(error));
}

/** The response with a session's headers, once all is stored; another one where that failed. */
async function finishedResponse(context: RequestContext, response: Response): Promise<Response> {
  try {
    const { cookies, varyCookie } = await finishRequest(context, response.status);
    if (cookies.length === 0 && !varyCookie) return response;
    if (cookies.length === 0 && variesByCookie(response)) return response;
    // The headers of some responses, such as redirects, cannot be changed.
    const changed = new Response(response.body, response);
    for (const cookie of cookies) changed.headers.append('Set-Cookie', cookie);
    if (varyCookie) changed.headers.set('Vary', withVary(changed.headers.get('Vary') ?? undefined, 'Cookie'));
    return changed;
  } catch (error) {
    await response.body?.cancel().catch(() => undefined);
    return answered(context.server, error);
  }
}

function variesByCookie({ headers }: Response): boolean {
  const vary = headers.get('Vary');
  return vary !== null && withVary(vary, 'Cookie') === vary;
}

/** What a handler finds for its request. */
export interface FetchContext {
  readonly session: Session;
  readonly user: Visitor;
  readonly auth: RequestAuth | null;
}

/**
 * A handler of the fetch kind whose second argument has `session` and `user`. `login` and its like take the request itself.
 */
export function withAuth(
  server: AuthServer,
  handler: (request: Request, context: FetchContext) => Response | Promise<Response>,
): (request: Request, options?: FetchOptions) => Promise<Response> {
  return async (request, options = {}) => {
    const earlier = earlierContext(request, server);
    if (earlier !== undefined) return handler(request, earlier);
    const context = await beginRequest(server, fetchRawRequest(request, options)).catch((error: unknown) =>
      answered(server, error),
    );
    if (context instanceof Response) return context;
    attachContext(request, context);
    const respond = async () => {
      const form = isSafeMethod(request.method) || !isForm(request) ? undefined : request.clone().formData();
      const token = (await form?.catch(() => undefined))?.get('csrfmiddlewaretoken');
      const problem = requestProblem(context, typeof token === 'string' ? token : undefined);
      return problem === undefined ? handler(request, context) : toResponse(guards.forgedRequest(context, problem));
    };
    const response = await respond().catch((error: unknown) => answered(server, asRequestError(error)));
    return finishedResponse(context, response);
  };
}

/** Handlers that answer as simplejwt's views do, for Hono and for a plain request. They need nothing but the server. */
export function tokenHandlers(server: AuthServer) {
  const views = createTokenViews(server);
  return eachTokenView((name) => async (place: HonoContextLike | Request): Promise<Response> => {
    const request = place instanceof Request ? place : place.req.raw;
    const { method, headers, body } = request;
    const found = await views[name]({
      method,
      contentType: headers.get('content-type') ?? undefined,
      body: async () => (body === null ? new Uint8Array() : bytesOf(body)),
      request: place,
    });
    return toResponse(found);
  });
}

/** A guard as middleware of Hono. */
export function guarded(guard: guards.Guard): Middleware {
  return async (c, next) => {
    const token = await tokenOf(c);
    const refusal = await guard(contextOf(c), (name) => (name === 'csrfmiddlewaretoken' ? token : undefined));
    if (refusal !== undefined) return toResponse(refusal);
    await next();
    return undefined;
  };
}

export const {
  csrfProtect,
  loginRequired,
  loginRequiredMiddleware,
  permissionRequired,
  staffRequired,
  tokenRequired,
  userPassesTest,
} = guards.eachGuard(guarded);
