/** `manage-auth/web/express`: sessions and users for Express 5. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Visitor } from '../auth/backends/user.js';
import { requestProblem } from './csrf-check.js';
import { asRequestError } from './errors.js';
import * as guards from './guards.js';
import { beginNodeRequest, sendRefusal } from './node.js';

export { tokenHandlers } from './node.js';

import { contextOf } from './request-context.js';
import type { AuthServer } from './server.js';
import type { Session as ServerSession } from './session.js';
import type { RequestAuth } from './tokens.js';

declare global {
  namespace Express {
    interface Request {
      readonly session: ServerSession;
      readonly user: Visitor;
      readonly auth: RequestAuth | null;
    }
  }
}

type Next = (error?: unknown) => void;
/** As far as Express asks. */
export type ExpressMiddleware = (request: IncomingMessage, response: ServerResponse, next: Next) => void;

/**
 * Gives each request its `session` and `user`. Put it behind what parses forms, so that a CSRF token in a form is found. An
 * error of the database is given to the error handlers, with `status` 503.
 */
export function expressAuth(server: AuthServer): ExpressMiddleware {
  return (request, response, next) => {
    beginNodeRequest(server, request, response).then((context) => {
      const problem = requestProblem(context, fieldOf(request)('csrfmiddlewaretoken'));
      if (problem === undefined) next();
      else sendRefusal(response, guards.forgedRequest(context, problem));
    }, next);
  };
}

/** What a body parser has made of a form. */
const fieldOf = (request: IncomingMessage) => guards.fieldIn('body' in request ? request.body : undefined);

/** A guard as middleware, before what it guards. */
export function guarded(guard: guards.Guard): ExpressMiddleware {
  return (request, response, next) => {
    const look = async () => guard(contextOf(request), fieldOf(request));
    look().then(
      (refusal) => (refusal === undefined ? next() : sendRefusal(response, refusal)),
      (error: unknown) => next(asRequestError(error)),
    );
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
