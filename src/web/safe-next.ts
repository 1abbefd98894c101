import { contextOf } from './request-context.js';
import { isSafeRedirect } from './safe-redirect.js';

/**
 * Where to send a visitor who has brought `next` along: there, if it is at this host, else to `otherwise`. What a header cannot
 * hold as it is, such as the end of a line, is percent-encoded (Django 5.2 utils/encoding.py, iri_to_uri).
 */
export function safeNext(request: object, next: unknown, otherwise: string): string {
  const { host, secure } = contextOf(request).facts;
  const isSafe = typeof next === 'string' && isSafeRedirect(next, { allowedHosts: [host], requireHttps: secure });
  return isSafe ? next.replace(/[^\x21-\x7e]/gu, encoded) : otherwise;
}

const encoded = (unit: string) => encodeURIComponent(/\p{Surrogate}/u.test(unit) ? '\ufffd' : unit);
