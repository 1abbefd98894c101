/** How a cookie is sent; what is absent is left out of the header. */
export interface CookieAttributes {
  /** Seconds that the browser keeps it; without it until it is closed. */
  readonly maxAge?: number | undefined;
  readonly domain?: string | undefined;
  readonly path?: string | undefined;
  readonly secure?: boolean | undefined;
  readonly httpOnly?: boolean | undefined;
  readonly sameSite?: SameSite | undefined;
}

/** `undefined` sends no such attribute, as Django's `False` does. */
export type SameSite = 'Lax' | 'Strict' | 'None';

/**
 * The cookies of a `Cookie` header, as Django reads them: of several with one name the last counts, and values in quotes
 * are unquoted (Django 5.2 http/cookie.py, parse_cookie).
 */
export function parseCookies(header: string | undefined): Map<string, string> {
  const cookies = new Map<string, string>();
  if (header === undefined || header === '') return cookies;
  if (/^[\w.-]+=[\w.-]*$/.test(header)) {
    const at = header.indexOf('=');
    return cookies.set(header.slice(0, at), header.slice(at + 1));
  }
  for (const chunk of header.split(';')) {
    const at = chunk.indexOf('=');
    const name = at === -1 ? '' : strip(chunk.slice(0, at));
    const value = strip(at === -1 ? chunk : chunk.slice(at + 1));
    if (name !== '' || value !== '') cookies.set(name, unquote(value));
  }
  return cookies;
}

/** Texts that neither begin nor end with a space of any kind, as almost all do. */
const isBare = (text: string) => /^[!-~]/.test(text) && /[!-~]$/.test(text);
const isSpace = (unit: string) => /[\s\x1c-\x1f\x85]/.test(unit) && unit !== '\ufeff';

/** As Python's `str.strip`, which knows other spaces than JavaScript's `trim`. */
function strip(text: string): string {
  if (isBare(text)) return text;
  let [start, end] = [0, text.length];
  while (start < end && isSpace(text.charAt(start))) start++;
  while (end > start && isSpace(text.charAt(end - 1))) end--;
  return text.slice(start, end);
}

/** CPython http/cookies.py, _unquote. */
function unquote(text: string): string {
  if (text.length < 2 || !text.startsWith('"') || !text.endsWith('"')) return text;
  return text
    .slice(1, -1)
    .replace(/\\(?:([0-3][0-7][0-7])|(.))/g, (_, octal: string | undefined, plain: string | undefined) =>
      octal === undefined ? (plain ?? '') : String.fromCharCode(Number.parseInt(octal, 8)),
    );
}

/** CPython http/cookies.py, _quote: keys of sessions and CSRF secrets never need it. */
function quote(text: string): string {
  if (/^[\w!#$%&'*+\-.^`|~:]+$/.test(text)) return text;
  const escaped = text.replace(/[^\w!#$%&'*+\-.^`|~: ()/<=>?@[\]{}]/g, (unit) => {
    if (unit === '"' || unit === '\\') return `\\${unit}`;
    return unit.charCodeAt(0) < 256 ? `\\${unit.charCodeAt(0).toString(8).padStart(3, '0')}` : unit;
  });
  return `"${escaped}"`;
}

/**
 * A `Set-Cookie` header as Python writes it, attributes in the order of their names (CPython http/cookies.py,
 * Morsel.OutputString; Django 5.2 http/response.py, set_cookie).
 */
export function cookieHeader(name: string, value: string, attributes: CookieAttributes, now: Date): string {
  const { maxAge } = attributes;
  const expires = maxAge === undefined ? undefined : httpDate(now.getTime() / 1000 + maxAge);
  return morsel(name, quote(value), expires, attributes);
}

/** A `Set-Cookie` header that makes the browser forget the cookie (Django 5.2 http/response.py, delete_cookie). */
export function deletedCookieHeader(
  name: string,
  { domain, path, sameSite }: Pick<CookieAttributes, 'domain' | 'path' | 'sameSite'>,
): string {
  // Browsers refuse the header for such cookies without it.
  const secure = /^__(Secure|Host)-/.test(name) || sameSite === 'None';
  return morsel(name, '""', 'Thu, 01 Jan 1970 00:00:00 GMT', { maxAge: 0, domain, path, secure, sameSite });
}

function morsel(name: string, value: string, expires: string | undefined, attributes: CookieAttributes): string {
  const { domain, httpOnly, maxAge, path, sameSite, secure } = attributes;
  return [
    `${name}=${value}`,
    ...(domain ? [`Domain=${domain}`] : []),
    ...(expires === undefined ? [] : [`expires=${expires}`]),
    ...(httpOnly ? ['HttpOnly'] : []),
    ...(maxAge === undefined ? [] : [`Max-Age=${Math.trunc(maxAge)}`]),
    ...(path ? [`Path=${path}`] : []),
    ...(sameSite === undefined ? [] : [`SameSite=${sameSite}`]),
    ...(secure ? ['Secure'] : []),
  ].join('; ');
}

const lastSecond = 253_402_300_799;

/** Seconds since 1970 as HTTP has dates; the years beyond 9999, which it cannot have, are the last of that. */
export function httpDate(seconds: number): string {
  const within = Math.min(Math.max(Math.floor(seconds), 0), lastSecond);
  return new Date(within * 1000).toUTCString();
}

/** A `Vary` header with one more name, the others in their order (Django 5.2 utils/cache.py, patch_vary_headers). */
export function withVary(current: string | undefined, name: string): string {
  const names = current === undefined || current === '' ? [] : current.split(/\s*,\s*/);
  if (!names.some((each) => each.toLowerCase() === name.toLowerCase())) names.push(name);
  return names.includes('*') ? '*' : names.join(', ');
}
