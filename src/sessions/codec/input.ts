/** What somebody has copied from somewhere: the key of a session, or the session itself. */
export type SessionInput =
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'data'; readonly text: string };

/**
 * Tells keys from data. Up to 40 letters and digits are meant for a key or its beginning, which no session can look like;
 * all else is data. Both may come as a cookie: as `sessionid=…`, or as a header with that among others.
 */
export function parseSessionInput(text: string, cookieName: string): SessionInput {
  // Old sessions have line breaks, and copying adds some.
  const characters = cookieValue(text, [cookieName, 'sessionid']).replace(/\s+/g, '');
  return /^\w{1,40}$/.test(characters) ? { kind: 'key', key: characters } : { kind: 'data', text: characters };
}

function cookieValue(text: string, names: readonly string[]): string {
  const pairs = text.replace(/^\s*(set-)?cookie:/i, '').split(';');
  for (const pair of pairs) {
    const [name = '', ...value] = pair.split('=');
    // What follows an equals sign at the end of base64 is nothing.
    if (names.includes(name.trim()) && value.length > 0)
      return value
        .join('=')
        .trim()
        .replace(/^"(.*)"$/s, '$1');
  }
  return text;
}
