import { CommandError } from '../../../errors.js';
import { counted } from '../../../text.js';

/** One record of an import, with where it stands: the number of its line, or of the record in a JSON document. */
export interface ImportRow {
  readonly place: number;
  readonly values: Readonly<Record<string, unknown>>;
}

export const importFormats = ['csv', 'json', 'jsonl'] as const;
export type ImportFormat = (typeof importFormats)[number];

export interface ReadOptions {
  /** By default what the beginning looks like. */
  readonly format?: ImportFormat | undefined;
  /** Names of the columns of CSV that has none of its own. */
  readonly columns?: readonly string[] | undefined;
  /** What separates the cells of CSV; by default what its first line has. */
  readonly separator?: string | undefined;
}

const bad = (message: string, cause?: unknown) =>
  new CommandError(`${message} No user was imported.`, { code: 'bad_import', cause });

const noList = () =>
  new CommandError('The document has no list of users. No user was imported.', {
    code: 'bad_import',
    hint: 'It is a list of objects, or an object with such a list as `users`.',
  });

/** Rows that are handed on at once. */
const groupSize = 1000;
/** No record is longer than this. */
const longest = 16_000_000;

/** What would be stored otherwise has `\ufffd` in place of its letters. */
const notUtf8 = (line: number, cause: unknown) =>
  new CommandError(`Line ${line} is not written in UTF-8. No user was imported.`, {
    code: 'bad_import',
    hint: 'Save the file in UTF-8: spreadsheets call that “CSV UTF-8”.',
    cause,
  });

async function* textOf(source: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let line = 1;
  for await (const bytes of source) {
    let text: string;
    try {
      text = decoder.decode(bytes, { stream: true });
    } catch (cause) {
      const wrong = new TextDecoder()
        .decode(bytes)
        .split('\n')
        .findIndex((each) => each.includes('\ufffd'));
      throw notUtf8(line + Math.max(wrong, 0), cause);
    }
    yield text;
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) line++;
  }
  try {
    yield decoder.decode();
  } catch (cause) {
    throw notUtf8(line, cause);
  }
}

/** The beginning of a text, and all of it. */
async function peek(texts: AsyncGenerator<string>): Promise<{ beginning: string; all: AsyncGenerator<string> }> {
  let beginning = '';
  for (;;) {
    const { value, done } = await texts.next();
    if (done) break;
    beginning += value;
    if (beginning.length > 4096) break;
  }
  const all = async function* () {
    yield beginning;
    yield* texts;
  };
  return { beginning, all: all() };
}

/** Cells of one record of CSV. Resolves with undefined where a quoted cell has not ended. */
function splitCells(line: string, separator: string): string[] | undefined {
  if (!line.includes('"')) return line.split(separator);
  const cells: string[] = [];
  let at = 0;
  for (;;) {
    if (line[at] === '"') {
      let cell = '';
      let from = at + 1;
      for (;;) {
        const quote = line.indexOf('"', from);
        if (quote === -1) return undefined;
        cell += line.slice(from, quote);
        if (line[quote + 1] !== '"') {
          at = quote + 1;
          break;
        }
        cell += '"';
        from = quote + 2;
      }
      const end = line.indexOf(separator, at);
      cells.push(cell + line.slice(at, end === -1 ? undefined : end));
      if (end === -1) return cells;
      at = end + separator.length;
      continue;
    }
    const end = line.indexOf(separator, at);
    cells.push(line.slice(at, end === -1 ? undefined : end));
    if (end === -1) return cells;
    at = end + separator.length;
  }
}

async function* linesOf(texts: AsyncIterable<string>): AsyncGenerator<string[]> {
  let rest = '';
  for await (const text of texts) {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > longest) throw bad('A line is too long: this is not a text file.');
    if (lines.length > 0) yield lines;
  }
  if (rest !== '') yield [rest];
}

const separatorOf = (line: string) =>
  [',', ';', '\t', '|'].reduce((best, each) => (line.split(each).length > line.split(best).length ? each : best), ',');

async function* readCsv(
  texts: AsyncIterable<string>,
  { columns, separator: given }: ReadOptions,
): AsyncGenerator<ImportRow[]> {
  let [names, separator, place, held] = [columns, given, 0, ''];
  let heldFrom = 0;
  let group: ImportRow[] = [];
  const take = (text: string, last: boolean): void => {
    place++;
    const line = text.endsWith('\r') ? text.slice(0, -1) : text;
    const whole = held === '' ? line : `${held}\n${text}`;
    if (whole.trim() === '') return;
    if (held === '') heldFrom = place;
    if (heldFrom === 1 && /^sep=.$/.test(whole)) {
      // For Excel, which takes it for no row either.
      separator ??= whole.slice(-1);
      return;
    }
    separator ??= separatorOf(whole);
    const cells = splitCells(whole, separator);
    if (cells === undefined) {
      if (last || whole.length > longest) throw bad(`A quoted cell that begins in line ${heldFrom} does not end.`);
      held = whole;
      return;
    }
    held = '';
    if (names === undefined) {
      names = cells.map((cell) => cell.trim());
      const twice = names.findIndex((name, at) => name !== '' && names?.indexOf(name) !== at);
      // Not by its name: without a line of names it is what a cell says, such as a password.
      if (twice !== -1) throw bad(`Column ${twice + 1} has the name of another one.`);
      return;
    }
    if (cells.length > names.length)
      throw bad(
        `Line ${heldFrom} has ${cells.length} cells, and there ${names.length === 1 ? 'is' : 'are'} ${counted(names.length, 'column')}.`,
      );
    const values: Record<string, unknown> = {};
    for (const [at, name] of names.entries()) if (name !== '' && cells[at] !== undefined) values[name] = cells[at];
    group.push({ place: heldFrom, values });
  };
  for await (const lines of linesOf(texts)) {
    for (const line of lines) {
      take(line, false);
      if (group.length < groupSize) continue;
      yield group;
      group = [];
    }
  }
  if (held !== '') throw bad(`A quoted cell that begins in line ${heldFrom} does not end.`);
  if (group.length > 0) yield group;
}

function parseRecord(text: string, place: number): ImportRow {
  let values: unknown;
  try {
    values = JSON.parse(text);
  } catch (cause) {
    throw bad(`Record ${place} is not valid JSON.`, cause);
  }
  if (typeof values !== 'object' || values === null || Array.isArray(values))
    throw bad(`Record ${place} is not an object.`);
  return { place, values: values as Record<string, unknown> };
}

async function* readJsonLines(texts: AsyncIterable<string>): AsyncGenerator<ImportRow[]> {
  let place = 0;
  for await (const lines of linesOf(texts)) {
    const group: ImportRow[] = [];
    for (const line of lines) {
      place++;
      if (line.trim() !== '') group.push(parseRecord(line, place));
    }
    for (let at = 0; at < group.length; at += groupSize) yield group.slice(at, at + groupSize);
  }
}

/** The objects of an array, the first one of the document or the one that is called `users`. */
async function* readJsonArray(texts: AsyncIterable<string>): AsyncGenerator<ImportRow[]> {
  let group: ImportRow[] = [];
  let [depth, inText, escaped, place] = [0, false, false, 0];
  let item = '';
  let opened = false;
  let before = '';
  let ended = false;
  for await (const piece of texts) {
    let text = piece;
    if (!opened) {
      before += text;
      const start = /^\s*\[/.exec(before) ?? /"users"\s*:\s*\[/.exec(before);
      if (start === null) {
        if (before.length > longest) throw noList();
        continue;
      }
      opened = true;
      text = before.slice(start.index + start[0].length);
    }
    let from = 0;
    for (let at = 0; at < text.length && !ended; at++) {
      const code = text.charCodeAt(at);
      if (inText) {
        if (escaped) escaped = false;
        else if (code === 0x5c) escaped = true;
        else if (code === 0x22) inText = false;
      } else if (code === 0x22) inText = true;
      else if (code === 0x7b || code === 0x5b) {
        if (depth === 0) {
          from = at;
          item = '';
        }
        depth++;
      } else if (code === 0x7d || code === 0x5d) {
        if (depth === 0) ended = true;
        else if (--depth === 0) {
          place++;
          group.push(parseRecord(item + text.slice(from, at + 1), place));
          item = '';
          from = at + 1;
          if (group.length >= groupSize) {
            yield group;
            group = [];
          }
        }
      }
    }
    if (depth > 0) {
      item += text.slice(from);
      if (item.length > longest) throw bad(`Record ${place + 1} is too long.`);
    }
  }
  if (!opened) throw noList();
  if (!ended) throw bad('The list of users does not end: the file is cut.');
  if (group.length > 0) yield group;
}

function guessFormat(beginning: string): ImportFormat {
  const start = beginning.trimStart();
  if (start.startsWith('[')) return 'json';
  if (!start.startsWith('{')) return 'csv';
  try {
    const line: unknown = JSON.parse(start.split('\n', 1)[0] ?? '');
    return typeof line === 'object' && line !== null && 'users' in line ? 'json' : 'jsonl';
  } catch {
    return 'json';
  }
}

/**
 * Reads the records of an import, some at a time: CSV with a line of names first, JSON with a list of objects (by itself, or
 * as `users` of an object), or a JSON object a line.
 *
 * @throws CommandError of code `bad_import` that says where.
 */
export async function* readImportRows(
  source: AsyncIterable<Uint8Array>,
  options: ReadOptions = {},
): AsyncGenerator<readonly ImportRow[]> {
  const { beginning, all } = await peek(textOf(source));
  if (beginning.trim() === '') throw bad('There is nothing to import.');
  const format = options.format ?? guessFormat(beginning);
  if (format === 'csv') yield* readCsv(all, options);
  else yield* format === 'json' ? readJsonArray(all) : readJsonLines(all);
}
