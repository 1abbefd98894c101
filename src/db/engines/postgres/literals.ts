/** Arrays, hstores and ranges in the server's own text (postgresql.org/docs/current/arrays.html#ARRAYS-IO and others). */

export type ArrayItem = string | null | readonly ArrayItem[];

const quoted = (text: string) => `"${text.replace(/["\\]/g, '\\$&')}"`;

export function arrayLiteral(items: readonly ArrayItem[]): string {
  const parts = items.map((item) =>
    item === null ? 'NULL' : typeof item === 'string' ? quoted(item) : arrayLiteral(item),
  );
  return `{${parts.join(',')}}`;
}

const ARRAY_TOKEN = /([{},])|"((?:[^"\\]|\\.)*)"|([^{},"\\]+)/gsy;

/** Undefined for what has other lower bounds than 1, which a list cannot say. */
export function parseArray(text: string): readonly ArrayItem[] | undefined {
  if (!text.startsWith('{')) return undefined;
  const open: ArrayItem[][] = [];
  for (const [, mark, inQuotes, bare] of text.matchAll(ARRAY_TOKEN)) {
    const list = open.at(-1);
    if (mark === '{') {
      const inner: ArrayItem[] = [];
      list?.push(inner);
      open.push(inner);
    } else if (mark === '}') {
      if (open.length === 1) return list;
      open.pop();
    } else if (inQuotes !== undefined) list?.push(inQuotes.replace(/\\(.)/gs, '$1'));
    else if (bare !== undefined) list?.push(bare === 'NULL' ? null : bare);
  }
  return undefined;
}

export function mapLiteral(entries: Iterable<readonly [string, string | null]>): string {
  return [...entries].map(([key, value]) => `${quoted(key)}=>${value === null ? 'NULL' : quoted(value)}`).join(',');
}

const PAIR = /"((?:[^"\\]|\\.)*)"=>(?:(NULL)|"((?:[^"\\]|\\.)*)")(?:, |$)/gsy;

export function parseMap(text: string): [string, string | null][] {
  const plain = (part: string) => part.replace(/\\(.)/gs, '$1');
  return [...text.matchAll(PAIR)].map(([, key = '', none, value = '']) => [
    plain(key),
    none === undefined ? plain(value) : null,
  ]);
}

export interface RangeLiteral {
  readonly bounds: string;
  readonly lower: string | null;
  readonly upper: string | null;
}

export function rangeLiteral({ bounds, lower, upper }: RangeLiteral): string {
  const end = (text: string | null) => (text === null ? '' : quoted(text));
  return `${bounds.charAt(0)}${end(lower)},${end(upper)}${bounds.charAt(1)}`;
}

const END = '("(?:[^"\\\\]|\\\\.|"")*"|[^,"\\\\]*)';
const RANGE = new RegExp(`^([[(])${END},${END}([\\])])$`, 's');

/** Null for the empty range; undefined for what is none. */
export function parseRange(text: string): RangeLiteral | null | undefined {
  if (text === 'empty') return null;
  const [, open, lower = '', upper = '', close] = RANGE.exec(text) ?? [];
  if (open === undefined || close === undefined) return undefined;
  const end = (part: string) =>
    part === ''
      ? null
      : part.startsWith('"')
        ? part.slice(1, -1).replace(/\\(.)|""/gs, (_, letter) => letter ?? '"')
        : part;
  return { bounds: `${open}${close}`, lower: end(lower), upper: end(upper) };
}
