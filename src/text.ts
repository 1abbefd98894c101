import { getSystemErrorMap } from 'node:util';

/** Length of the text that both have in common when read from left to right (longest common subsequence). */
function common(a: string, b: string): number {
  let previous = new Array<number>(b.length + 1).fill(0);
  for (const letter of a) {
    const row = [0];
    for (let i = 1; i <= b.length; i++) {
      row.push(letter === b[i - 1] ? (previous[i - 1] ?? 0) + 1 : Math.max(previous[i] ?? 0, row[i - 1] ?? 0));
    }
    previous = row;
  }
  return previous[b.length] ?? 0;
}

/** Names are cut off here, so that a very long word costs no time. */
const longest = 64;

/** How alike two words are, from 0 to 1, as in Python's difflib; small and capital letters are the same. */
function likeness(wanted: string, name: string): number {
  const candidate = name.slice(0, longest).toLowerCase();
  return (2 * common(wanted, candidate)) / (wanted.length + candidate.length || 1);
}

/** The known names that are at least so much like a word, the likeliest first; those that are much less like it are left out. */
export function closest(word: string, known: Iterable<string>, atLeast = 0.6): string[] {
  if (word.length > longest) return [];
  const wanted = word.toLowerCase();
  const rated = [...known]
    .map((name) => ({ name, ratio: likeness(wanted, name) }))
    .filter(({ ratio }) => ratio >= atLeast)
    .sort((a, b) => b.ratio - a.ratio);
  const best = rated[0]?.ratio ?? 0;
  return rated.filter(({ ratio }) => ratio > best - 0.08).map(({ name }) => name);
}

/** The known name that a misspelt one most likely means, or undefined: at least 60 % alike, as in Python's difflib. */
export function suggest(word: string, known: Iterable<string>): string | undefined {
  return closest(word, known)[0];
}

/** `Did you mean a, b or c?` */
export function askedAbout(names: readonly string[]): string | undefined {
  if (names.length === 0) return undefined;
  const last = names.at(-1);
  return `Did you mean ${names.length === 1 ? last : `${names.slice(0, -1).join(', ')} or ${last}`}?`;
}

/** `Did you mean X?`, or undefined where nothing known is close. */
export function didYouMean(word: string, known: Iterable<string>): string | undefined {
  const name = suggest(word, known);
  return name === undefined ? undefined : `Did you mean ${name}?`;
}

/**
 * What is known where a word means none of it: `Did you mean X?`, else `Known are a, b and 12 more.`, the likeliest first, or
 * undefined where nothing is. With `both` the list follows what may be meant: a short word is like many.
 */
export function knownNames(
  word: string,
  known: Iterable<string>,
  { say = 'Known are', both = false }: { readonly say?: string; readonly both?: boolean } = {},
): string | undefined {
  const names = [...new Set(known)];
  if (names.length === 0) return undefined;
  const wanted = word.slice(0, longest).toLowerCase();
  const rated = names.map((name) => ({ name, ratio: likeness(wanted, name) }));
  // All of them in their own order where there is room for all.
  const inOrder = names.join(', ').length <= 160 ? rated : rated.sort((a, b) => b.ratio - a.ratio);
  const list = `${say} ${several(inOrder.map(({ name }) => name))}.`;
  const meant = didYouMean(word, names);
  return meant === undefined ? list : both ? `${meant} ${list}` : meant;
}

/** What somebody else said, such as the message of a library, ended as a sentence is. */
export const asSentence = (text: string): string => (/[.!?…]$/.test(text) ? text : `${text.replace(/[\s:;,]+$/, '')}.`);

/** What an error says, or whatever was thrown: its first line, ended as a sentence is. */
export const reasonOf = (error: unknown): string =>
  asSentence((error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? '');

/** What the system says of a file that it cannot use, such as `permission denied (EACCES)`. */
export function fileReason(cause: unknown): string {
  if (!(cause instanceof Error && 'code' in cause)) return 'unknown error';
  const [, words] = ('errno' in cause && getSystemErrorMap().get(Number(cause.errno))) || [];
  return words === undefined ? String(cause.code) : `${words} (${cause.code})`;
}

/** A value as a sentence may repeat it: the first 100 characters. */
export const shortened = (text: string): string => (text.length > 100 ? `${text.slice(0, 100)}…` : text);

/** Characters of a line that a message may have. */
const longestLine = 300;

/**
 * A message for people, whatever is in it: values in quotes, and words, are cut after their first 100 characters, paths, URLs
 * and commands after 200, and no line is longer than 300.
 */
export function bounded(text: string): string {
  if (text.length <= 100) return text;
  const cut = text
    .replace(/(?<![^\s([:,=])(?:'[^'\n]{101,}?'(?!\w)|"[^"\n]{101,}?"|`[^`\n]{201,}?`)/g, (value) => {
      const most = /[/\\]/.test(value) || value.startsWith('`') ? 200 : 100;
      return value.length - 2 > most ? `${value.slice(0, most + 1)}…${value.slice(-1)}` : value;
    })
    .replace(/\S{111,}/g, (word) => {
      const most = /[/\\`]/.test(word) ? 200 : 100;
      return word.length > most + 10 ? `${word.slice(0, most)}…` : word;
    });
  return cut
    .split('\n')
    .map((line) => (line.length > longestLine ? wrap(line, longestLine) : line))
    .join('\n');
}

/** Characters that would move the cursor, begin a line, change colours or turn the direction of what follows. */
const control = /[\0-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
/** What `Style` puts around texts. */
const colour = /(\x1b\[(?:[012]|3[1236];1)m)/;

/** Data as a part of a line: what could make it look like more than one value is shown by its number. */
export function visible(text: string): string {
  return text.replace(control, (found) => {
    const code = found.charCodeAt(0).toString(16);
    return code.length > 2 ? `\\u${code.padStart(4, '0')}` : `\\x${code.padStart(2, '0')}`;
  });
}

/** The same for sentences, whose line breaks and tabs stay: data in them can neither move the cursor nor change colours. */
export function printable(text: string): string {
  return text.replace(/(?:(?!\r?\n)[^\t])+/g, visible);
}

/** The same for a text that has colours of `Style` in it, which stay. */
export function printableStyled(text: string): string {
  return text
    .split(colour)
    .map((part, index) => (index % 2 === 0 ? printable(part) : part))
    .join('');
}

/** A text of one line, as it is meant: line breaks that data has brought along are shown by their number. */
export const oneLine = (text: string): string => text.replaceAll('\n', '\\x0a');

/** The same for a message that may have several lines: of those in a value in quotes. */
export const quotedOnOneLine = (text: string): string =>
  text.replace(/(?<![^\s([:,=])(?:'[^'\n]*(?:\n[^'\n]*)+'|"[^"\n]*(?:\n[^"\n]*)+"|“[^”]*”)/g, (value) =>
    oneLine(value),
  );

/** JSON as a terminal may show it: characters that would control it stand in strings alone, where they can be written by number. */
export const printableJson = (text: string): string =>
  text.replace(control, (found) =>
    found === '\n' ? found : `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** The UTF-16 that bytes of a text are in, known by its mark, or by the NUL beside each of its first characters; undefined for others. */
export function utf16Of(bytes: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  const mark = `${bytes[0]} ${bytes[1]}`;
  const nul = [...bytes.subarray(0, 3)].map((byte) => (byte === 0 ? '0' : 'x')).join('');
  if (mark === '255 254' || nul === 'x0x') return 'utf-16le';
  return mark === '254 255' || nul === '0x0' ? 'utf-16be' : undefined;
}

/** The text of a file as editors and shells write it, in UTF-8 or, on Windows, in UTF-16, without the mark at its beginning. */
export const decodedText = (bytes: Uint8Array): string => new TextDecoder(utf16Of(bytes) ?? 'utf-8').decode(bytes);

/** The same, or undefined for bytes that are no such text: what is stored must not have other letters than was meant. */
export function exactText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder(utf16Of(bytes) ?? 'utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** The seconds of `90s`, `10m`, `1h30m`, `30d` or `2w`; undefined for what is no duration with its unit. */
export function durationSeconds(text: string): number | undefined {
  if (!/^(?:\d{1,10}[smhdw])+$/i.test(text)) return undefined;
  const parts = [...text.toLowerCase().matchAll(/(\d+)([smhdw])/g)];
  return parts.reduce((sum, [, digits, unit = '']) => sum + Number(digits) * (units[unit] ?? 1), 0);
}

/** `1 row`, `2 rows`. */
export function counted(count: number, singular: string, plural = `${singular}s`): string {
  return `${count} ${count === 1 ? singular : plural}`;
}

/** The text in lines of at most `width` characters where its words allow; every line but the first begins with `indent`. */
export function wrap(text: string, width: number, indent = ''): string {
  const lines: string[] = [];
  for (const paragraph of text.split('\n')) {
    // Whole lines are cut out: `help` would take a tenth longer if each word were a text of its own.
    let start = 0;
    let end = -1;
    for (let next = 0; next <= paragraph.length; ) {
      const space = paragraph.indexOf(' ', next);
      const stop = space === -1 ? paragraph.length : space;
      if (end > start && stop - start > width) {
        lines.push(paragraph.slice(start, end));
        start = next;
      }
      // No line begins with a blank.
      if (stop === start) start = stop + 1;
      end = stop;
      next = stop + 1;
    }
    lines.push(paragraph.slice(start));
  }
  return lines.join(`\n${indent}`);
}

/** Names as a part of a sentence, of which only the first are said where there are many: `a, b, c and 12 more`. */
export function several(names: readonly string[], { characters = 160 }: { readonly characters?: number } = {}): string {
  let said = '';
  for (const [index, name] of names.entries()) {
    const longer = `${said}${index === 0 ? '' : ', '}${shortened(name)}`;
    if (index > 0 && longer.length > characters) return `${said} and ${names.length - index} more`;
    said = longer;
  }
  return said;
}
