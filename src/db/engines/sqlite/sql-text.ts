import { quoteText } from '../../dialect/sql-text.js';

/** One word, name, literal or sign of a statement. */
export interface Token {
  /** `name` is quoted, `word` is not: a keyword or a plain name. */
  readonly kind: 'word' | 'name' | 'string' | 'sign';
  /** Without quotes. */
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

const pattern =
  /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|\s+|"((?:[^"]|"")*)"|`((?:[^`]|``)*)`|\[([^\]]*)\]|'((?:[^']|'')*)'|([\p{L}\p{N}_$.]+)|[\s\S]/gu;

/** The tokens of one SQL statement as SQLite reads them; comments and spaces are left out. */
export function tokenizeSql(sql: string): Token[] {
  const tokens: Token[] = [];
  for (const match of sql.matchAll(pattern)) {
    const [text, double, back, bracket, string, word] = match;
    const place = { start: match.index, end: match.index + text.length };
    if (double !== undefined) tokens.push({ kind: 'name', value: double.replaceAll('""', '"'), ...place });
    else if (back !== undefined) tokens.push({ kind: 'name', value: back.replaceAll('``', '`'), ...place });
    else if (bracket !== undefined) tokens.push({ kind: 'name', value: bracket, ...place });
    else if (string !== undefined) tokens.push({ kind: 'string', value: string.replaceAll("''", "'"), ...place });
    else if (word !== undefined) tokens.push({ kind: 'word', value: word, ...place });
    else if (!/^(?:\s|--|\/\*)/.test(text)) tokens.push({ kind: 'sign', value: text, ...place });
  }
  return tokens;
}

export const isWord = (token: Token | undefined, word: string): boolean =>
  token?.kind === 'word' && token.value.toUpperCase() === word;

export const isSign = (token: Token | undefined, sign: string): boolean =>
  token?.kind === 'sign' && token.value === sign;

/** The place behind the bracket that closes the one at `open`. */
export function closingBracket(tokens: readonly Token[], open: number): number {
  let depth = 0;
  for (let i = open; i < tokens.length; i++) {
    if (isSign(tokens[i], '(')) depth++;
    if (isSign(tokens[i], ')') && --depth === 0) return i + 1;
  }
  return tokens.length;
}

/** One spelling for all that mean the same but for quotes, letters' case and spaces. */
export function normalizeSql(sql: string): string {
  return tokenizeSql(sql)
    .map((token) => (token.kind === 'string' ? quoteText(token.value) : token.value.toLowerCase()))
    .join(' ');
}

/** Whether a statement names this table, view or column anywhere, in any case of letters. */
export function mentions(sql: string, name: string): boolean {
  const wanted = name.toLowerCase();
  return tokenizeSql(sql).some(({ kind, value }) => kind !== 'sign' && value.toLowerCase().split('.').includes(wanted));
}
