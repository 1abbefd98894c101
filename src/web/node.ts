/** `manage-auth/web/node`: sessions and users for servers of `node:http`. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TLSSocket } from 'node:tls';
import type { Visitor } from '../auth/backends/user.js';
import { requestProblem } from './csrf-check.js';
import type { RawRequest } from './facts.js';
import { failureAnswer } from './failures.js';

export {
  csrfProtect,
  loginRequired,
  loginRequiredMiddleware,
  permissionRequired,
  staffRequired,
  tokenRequired,
  userPassesTest,
} from './guards.js';

import { forgedRequest, type Guard, type Refusal } from './guards.js';
import { holdHead } from './hold-head.js';
import { nodeBody } from './request-body.js';
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
import { createTokenViews, eachTokenView, type TokenRequest } from './token-views.js';
import type { RequestAuth } from './tokens.js';

/** What a handler finds at its request. */
export interface AuthRequest {
  readonly session: Session;
  readonly user: Visitor;
  readonly auth: RequestAuth | null;
}

export type NodeRequest = IncomingMessage & AuthRequest;

export type NodeHandler = (request: NodeRequest, response: ServerResponse) => unknown;

/** A request of `node:http` as the core sees it. */
export function nodeRawRequest(request: IncomingMessage): RawRequest {
  const { headers, socket } = request;
  return {
    method: request.method ?? 'GET',
    // Express cuts off where a router is mounted.
    url:
      ('originalUrl' in request && typeof request.originalUrl === 'string' ? request.originalUrl : request.url) ?? '/',
    header(name) {
      const value = headers[name];
      return Array.isArray(value) ? value.join(', ') : value;
    },
    remoteAddress: socket.remoteAddress,
    encrypted: (socket as TLSSocket).encrypted === true,
  };
}

/** The same one for all requests, which keeps these alike for the engine. */
const userProperty: PropertyDescriptor & ThisType<IncomingMessage> = {
  get() {
    return contextOf(this).user;
  },
  configurable: true,
  enumerable: true,
};

/**
 * Reads a request's session and user, and sees to it that what becomes of them is stored before the head of its response
 * leaves.
 *
 * @throws RequestError of status 503 where the database does not answer.
 */
export async function beginNodeRequest(
  server: AuthServer,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<RequestContext> {
  const earlier = earlierContext(request, server);
  if (earlier !== undefined) return earlier;
  const own = request as IncomingMessage & { session?: Session; auth?: RequestAuth | null };
  if (own.session !== undefined) {
    throw new Error(
      'Something else, such as express-session, has given this request a session: there can be one only.',
    );
  }
  const context = await beginRequest(server, nodeRawRequest(request));
  attachContext(request, context);
  own.session = context.session;
  own.auth = context.auth;
  Object.defineProperty(request, 'user', userProperty);
  holdHead(
    response,
    (status) => finishRequest(context, status),
    (error) => {
      server.report(error);
      return failureAnswer(error);
    },
  );
  return context;
}

/** Answers a request that was refused. */
export function sendRefusal(response: ServerResponse, { status, headers, body }: Refusal): void {
  // A 204 has no length (RFC 9110, section 8.6).
  response.writeHead(status, status === 204 ? headers : { ...headers, 'Content-Length': Buffer.byteLength(body) });
  response.end(body);
}

/** A listener for `http.createServer` whose handler finds `session` and `user` at its request. */
export function withAuth(
  server: AuthServer,
  handler: NodeHandler,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async (request, response) => {
    try {
      const context = await beginNodeRequest(server, request, response);
      const problem = requestProblem(context);
      if (problem !== undefined) return sendRefusal(response, forgedRequest(context, problem));
      await handler(request as NodeRequest, response);
    } catch (error) {
      server.report(error);
      if (response.headersSent) response.destroy();
      else sendRefusal(response, failureAnswer(error));
    }
  };
}

/**
 * Listeners that answer as simplejwt's views do, for `POST`: tokens for a name and a password, new ones for a refresh token,
 * whether a token is good, and its end. They need nothing but the server.
 */
export function tokenHandlers(server: AuthServer) {
  const views = createTokenViews(server);
  return eachTokenView((name) => async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    sendRefusal(response, await views[name](nodeTokenRequest(request)));
  });
}

/** A request for tokens of `node:http`, and of what is made of it. */
export function nodeTokenRequest(request: IncomingMessage): TokenRequest {
  return {
    method: request.method ?? 'GET',
    contentType: request.headers['content-type'],
    body: () => nodeBody(request),
    request,
  };
}

/** Resolves with whether the guard lets the request through; where not, it has been answered. */
export async function passes(guard: Guard, request: IncomingMessage, response: ServerResponse): Promise<boolean> {
  const refusal = await guard(contextOf(request));
  if (refusal === undefined) return true;
  sendRefusal(response, refusal);
  return false;
}

/**
 * Who makes a request that has no response, such as an upgrade to a WebSocket. Nothing is stored, and no key changes: there
 * is no way to send a cookie.
 *
 * @throws RequestError of status 503 where the database does not answer.
 */
export async function userFromRequest(server: AuthServer, request: IncomingMessage): Promise<Visitor> {
  return (await beginRequest(server, nodeRawRequest(request))).user;
}
