import { isIPv6 } from 'node:net';

/** Longest address that is looked at (Django 5.2 utils/http.py, MAX_URL_LENGTH). */
const maxLength = 2048;

/** What Python's `str.strip` takes off: JavaScript knows other spaces. */
const outerSpaces = /^(?:(?!\ufeff)[\s\x1c-\x1f\x85])+|(?:(?!\ufeff)[\s\x1c-\x1f\x85])+$/g;

export interface SafeRedirectOptions {
  /** Hosts, with their ports where they have one, that may be led to; by default none but the site's own paths. */
  readonly allowedHosts?: Iterable<string>;
  /** Refuses `http:`. */
  readonly requireHttps?: boolean;
}

/**
 * Whether it is safe to send a visitor to `url`: a path of this site, or an address at one of the allowed hosts. For what
 * a visitor has brought along, such as `next` (Django 5.2 utils/http.py, url_has_allowed_host_and_scheme).
 */
export function isSafeRedirect(
  url: string | null | undefined,
  { allowedHosts = [], requireHttps = false }: SafeRedirectOptions = {},
): boolean {
  const text = (url ?? '').replace(outerSpaces, '');
  if (text === '') return false;
  const hosts = new Set(allowedHosts);
  // Browsers take \ for / in paths, but it may be part of a name and password too.
  return [text, text.replaceAll('\\', '/')].every((each) => isAllowed(each, hosts, requireHttps));
}

function isAllowed(url: string, hosts: ReadonlySet<string>, requireHttps: boolean): boolean {
  if (url.startsWith('///') || url.length > maxLength) return false;
  const parts = splitUrl(url);
  if (parts === undefined) return false;
  const { scheme, host } = parts;
  if (host === '' && scheme !== '') return false;
  // Some browsers skip them, and take what follows for a host.
  if (/^\p{C}/u.test(url)) return false;
  const effective = scheme === '' && host !== '' ? 'http' : scheme;
  const schemes = requireHttps ? ['https'] : ['http', 'https'];
  return (host === '' || hosts.has(host)) && (effective === '' || schemes.includes(effective));
}

/**
 * Scheme and network location as Python's `urlsplit` finds them, which takes far more for a path than a browser's parser;
 * undefined for what it refuses.
 */
export function splitUrl(url: string): { readonly scheme: string; readonly host: string } | undefined {
  // Since Python 3.11.4 leading C0 control characters and spaces are taken off, and these three everywhere.
  let rest = url.replace(/^[\x00-\x20]+/, '').replace(/[\t\r\n]/g, '');
  let scheme = '';
  const found = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(rest);
  if (found?.[1] !== undefined) {
    scheme = found[1].toLowerCase();
    rest = rest.slice(found[0].length);
  }
  if (!rest.startsWith('//')) return { scheme, host: '' };
  const host = /^\/\/([^/?#]*)/.exec(rest)?.[1] ?? '';
  if (host.includes('[') !== host.includes(']')) return undefined;
  if (host.includes('[') && !isBracketed(host)) return undefined;
  // Characters that become / ? # @ : once they are normalised would move the host's end.
  const bare = host.replaceAll(/[@:#?]/g, '');
  const normal = bare.normalize('NFKC');
  if (bare !== normal && /[/?#@:]/.test(normal)) return undefined;
  return { scheme, host };
}

/** CPython urllib/parse.py, _check_bracketed_netloc. */
function isBracketed(netloc: string): boolean {
  const found = /^\[([^[\]]*)\](?::.*)?$/.exec(netloc.slice(netloc.lastIndexOf('@') + 1));
  const name = found?.[1];
  if (name === undefined) return false;
  if (/^v/i.test(name)) return /^v[a-f0-9]+\..+$/i.test(name);
  return isIPv6(name);
}
