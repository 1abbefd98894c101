import { randomInt } from 'node:crypto';
import { equalTexts } from '../crypto/constant-time.js';

/** Django 5.2 middleware/csrf.py: the secret's length, and that of a token, which is a mask and the masked secret. */
const secretLength = 32;
const tokenLength = 2 * secretLength;
const characters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

/** Where the secret is kept in sessions, with `csrf.useSessions`. */
export const csrfSessionKey = '_csrftoken';

/** A new secret: 32 letters and digits. */
export function newSecret(): string {
  return Array.from({ length: secretLength }, () => characters.charAt(randomInt(characters.length))).join('');
}

/** The secret in a form that is another one each time, so that compressed pages do not give it away. */
export function maskSecret(secret: string): string {
  const mask = newSecret();
  return mask + combine(secret, mask, 1);
}

function unmask(token: string): string {
  return combine(token.slice(secretLength), token.slice(0, secretLength), -1);
}

function combine(text: string, mask: string, sign: 1 | -1): string {
  const count = characters.length;
  return Array.from(text, (unit, index) => {
    const sum = characters.indexOf(unit) + sign * characters.indexOf(mask.charAt(index));
    return characters.charAt((sum + count) % count);
  }).join('');
}

/** What is wrong with the form of a secret or token, in Django's words; undefined where nothing is. */
export function formProblem(text: string): string | undefined {
  if (/^[a-zA-Z0-9]{32}(?:[a-zA-Z0-9]{32})?$/.test(text)) return undefined;
  if (Array.from(text).length !== tokenLength && Array.from(text).length !== secretLength)
    return 'has incorrect length';
  return /[^a-zA-Z0-9]/.test(text) ? 'has invalid characters' : undefined;
}

/** The secret of a well-formed cookie: Django before 4.0 masked it there too. */
export function secretOf(cookie: string): string {
  return cookie.length === tokenLength ? unmask(cookie) : cookie;
}

export interface CsrfRequest {
  readonly method: string;
  readonly secure: boolean;
  /** With its port, as the browser names it. */
  readonly host: string;
  header(name: string): string | undefined;
}

export interface CsrfRules {
  readonly headerName: string;
  /** `https://example.com`, or `https://*.example.com` with all that is below. */
  readonly trustedOrigins: readonly string[];
  /** Domain that the secret's cookie is for, where it is for more than one host. */
  readonly cookieDomain?: string | undefined;
}

/** Methods that change nothing, and so need no protection (RFC 9110, section 9.2.1). */
export function isSafeMethod(method: string): boolean {
  return ['GET', 'HEAD', 'OPTIONS', 'TRACE'].includes(method);
}

/**
 * Why Django would refuse the request, in its words; undefined where it would not. `secret` is that of the cookie or the
 * session, `cookieProblem` what is wrong with its form, and `field` the token that a form brought along
 * (Django 5.2 middleware/csrf.py, process_view).
 */
export function csrfProblem(
  request: CsrfRequest,
  rules: CsrfRules,
  token: {
    readonly secret: string | undefined;
    readonly cookieProblem?: string | undefined;
    readonly field?: string | undefined;
  },
): string | undefined {
  if (isSafeMethod(request.method)) return undefined;
  return sourceProblem(request, rules) ?? tokenProblem(request, rules, token);
}

function sourceProblem(request: CsrfRequest, { trustedOrigins, cookieDomain }: CsrfRules): string | undefined {
  const origin = request.header('origin');
  if (origin !== undefined) {
    if (isOwnOrigin(request, origin) || isTrustedOrigin(origin, trustedOrigins)) return undefined;
    return `Origin checking failed - ${origin} does not match any trusted origins.`;
  }
  if (!request.secure) return undefined;
  const referer = request.header('referer');
  if (referer === undefined) return 'Referer checking failed - no Referer.';
  const [, scheme, host] = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]+)/i.exec(referer) ?? [];
  if (scheme === undefined || host === undefined) return 'Referer checking failed - Referer is malformed.';
  if (scheme.toLowerCase() !== 'https') {
    return 'Referer checking failed - Referer is insecure while host is secure.';
  }
  const trusted = trustedOrigins.map((each) => hostOf(each).replace(/^\*+/, ''));
  const own = cookieDomain === undefined ? request.host : withPort(cookieDomain, request.host);
  if ([...trusted, own].some((pattern) => isSameDomain(host, pattern))) return undefined;
  return `Referer checking failed - ${referer} does not match any trusted origins.`;
}

function tokenProblem(
  request: CsrfRequest,
  { headerName }: CsrfRules,
  { secret, cookieProblem, field }: Parameters<typeof csrfProblem>[2],
): string | undefined {
  if (cookieProblem !== undefined) return `CSRF cookie ${cookieProblem}.`;
  if (secret === undefined) return 'CSRF cookie not set.';
  const fromForm = request.method === 'POST' && field !== undefined && field !== '';
  const token = fromForm ? field : request.header(headerName.toLowerCase());
  if (token === undefined) return 'CSRF token missing.';
  const source = fromForm ? 'POST' : `the '${titleCase(headerName)}' HTTP header`;
  const problem = formProblem(token);
  if (problem !== undefined) return `CSRF token from ${source} ${problem}.`;
  return equalTexts(secretOf(token), secret) ? undefined : `CSRF token from ${source} incorrect.`;
}

/**
 * Why a browser's request comes from another site, by what browsers say of themselves; undefined for one of this site, and
 * for programs, which say nothing (Go 1.25 net/http, CrossOriginProtection).
 */
export function fetchMetadataProblem(request: CsrfRequest, { trustedOrigins }: CsrfRules): string | undefined {
  if (isSafeMethod(request.method)) return undefined;
  const site = request.header('sec-fetch-site');
  if (site === 'same-origin' || site === 'none') return undefined;
  const origin = request.header('origin');
  if (origin !== undefined && isTrustedOrigin(origin, trustedOrigins)) return undefined;
  if (site !== undefined) return 'The request comes from another site.';
  if (origin === undefined || isOwnOrigin(request, origin)) return undefined;
  return `Origin checking failed - ${origin} does not match any trusted origins.`;
}

function isOwnOrigin({ secure, host }: CsrfRequest, origin: string): boolean {
  return host !== '' && origin === `${secure ? 'https' : 'http'}://${host}`;
}

function isTrustedOrigin(origin: string, trusted: readonly string[]): boolean {
  if (trusted.some((each) => !each.includes('*') && each === origin)) return true;
  const [, scheme, host] = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)/i.exec(origin) ?? [];
  if (scheme === undefined || host === undefined) return false;
  return trusted.some(
    (each) =>
      each.includes('*') &&
      each.slice(0, each.indexOf(':')) === scheme.toLowerCase() &&
      isSameDomain(host, hostOf(each).replace(/^\*+/, '')),
  );
}

const hostOf = (origin: string) => /^[^:]*:\/\/([^/?#]*)/.exec(origin)?.[1] ?? '';

/** Django 5.2 utils/http.py, is_same_domain. */
function isSameDomain(host: string, pattern: string): boolean {
  const wanted = pattern.toLowerCase();
  if (wanted === '') return false;
  return wanted.startsWith('.') ? host.endsWith(wanted) || host === wanted.slice(1) : host === wanted;
}

function withPort(domain: string, host: string): string {
  const port = /:(\d+)$/.exec(host)?.[1];
  return port === undefined || port === '443' || port === '80' ? domain : `${domain}:${port}`;
}

/** As Django writes the name of a header: `X-Csrftoken`. */
function titleCase(name: string): string {
  return name.toLowerCase().replace(/(^|-)[a-z]/g, (found) => found.toUpperCase());
}
