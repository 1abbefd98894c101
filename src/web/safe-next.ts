import { contextOf } from './request-context.js';
import { isSafeRedirect } from './safe-redirect.js';

/** Where to send a visitor who has brought `next` along: there, if it is at this host, else to `otherwise`. */
export function safeNext(request: object, next: unknown, otherwise: string): string {
  const { host, secure } = contextOf(request).facts;
  const isSafe = typeof next === 'string' && isSafeRedirect(next, { allowedHosts: [host], requireHttps: secure });
  return isSafe ? next : otherwise;
}
