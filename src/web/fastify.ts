/** `manage-auth/web/fastify`: sessions and users for Fastify 5. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type {} from 'fastify';
import type { Visitor } from '../auth/backends/user.js';
import { requestProblem } from './csrf-check.js';
import { asRequestError } from './errors.js';
import * as guards from './guards.js';
import { beginNodeRequest, nodeTokenRequest } from './node.js';
import { attachContext, contextOf } from './request-context.js';
import type { AuthServer } from './server.js';
import type { Session } from './session.js';
import { createTokenViews, eachTokenView } from './token-views.js';
import type { RequestAuth } from './tokens.js';

declare module 'fastify' {
  interface FastifyRequest {
    readonly session: Session;
    readonly user: Visitor;
    readonly auth: RequestAuth | null;
  }
}

/** As far as these are asked for: Fastify's own types fit. */
interface FastifyRequestLike {
  readonly raw: IncomingMessage;
  readonly body?: unknown;
}
interface FastifyReplyLike {
  readonly raw: ServerResponse;
  code(status: number): unknown;
  headers(headers: Readonly<Record<string, string>>): unknown;
  send(body: string): unknown;
}
type Hook = (request: FastifyRequestLike, reply: FastifyReplyLike) => Promise<unknown>;
interface FastifyLike {
  decorateRequest(name: string, value: { getter(this: object): unknown }): unknown;
  addHook(name: 'onRequest' | 'preHandler', hook: Hook): unknown;
}

/**
 * A plugin that gives each request its `session` and `user`. What becomes of them is stored before the head of the response
 * leaves, also where a handler writes to `reply.raw` itself.
 */
export function fastifyAuth(server: AuthServer) {
  const plugin = async (fastify: FastifyLike): Promise<void> => {
    fastify.decorateRequest('session', {
      getter() {
        return contextOf(this).session;
      },
    });
    fastify.decorateRequest('user', {
      getter() {
        return contextOf(this).user;
      },
    });
    fastify.decorateRequest('auth', {
      getter() {
        return contextOf(this).auth;
      },
    });
    fastify.addHook('onRequest', async (request, reply) => {
      attachContext(request, await beginNodeRequest(server, request.raw, reply.raw));
    });
    fastify.addHook('preHandler', async (request, reply) => {
      const context = contextOf(request);
      const problem = requestProblem(context, guards.fieldIn(request.body)('csrfmiddlewaretoken'));
      return problem === undefined ? undefined : sendRefusal(reply, guards.forgedRequest(context, problem));
    });
  };
  // For all of the application, and not for what is registered beside it alone (fastify-plugin).
  return Object.assign(plugin, {
    [Symbol.for('skip-override')]: true,
    [Symbol.for('fastify.display-name')]: 'manage-auth',
  });
}

function sendRefusal(reply: FastifyReplyLike, { status, headers, body }: guards.Refusal): FastifyReplyLike {
  reply.code(status);
  reply.headers(headers);
  reply.send(body);
  return reply;
}

/** Handlers that answer as simplejwt's views do. They need nothing but the server, and parse what Fastify has parsers for. */
export function tokenHandlers(server: AuthServer) {
  const views = createTokenViews(server);
  return eachTokenView((name) => async (request: FastifyRequestLike, reply: FastifyReplyLike) => {
    const body = async () => ({ parsed: request.body ?? undefined });
    return sendRefusal(reply, await views[name]({ ...nodeTokenRequest(request.raw), body, request }));
  });
}

/** A guard as a `preHandler`. */
export function guarded(guard: guards.Guard): Hook {
  return async (request, reply) => {
    const refusal = await guard(contextOf(request), guards.fieldIn(request.body)).catch((error: unknown) => {
      throw asRequestError(error);
    });
    return refusal === undefined ? undefined : sendRefusal(reply, refusal);
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
