import type { Result, Terminal } from '../../command.js';
import { UsageError } from '../../errors.js';
import { csvLine } from '../../ui/csv.js';
import { documentText } from '../../ui/document.js';
import { tableTexts } from '../../ui/table.js';

/** The option of commands that list. */
export const formatOption = {
  format: {
    type: 'string',
    choices: ['table', 'json', 'csv'],
    describe: 'A table for people (the default), one JSON document, or CSV.',
  },
} as const;

export interface ListColumn<T> {
  readonly heading: string;
  /** Whether it may be cut where a terminal is narrow. */
  readonly flexible?: boolean;
  cell(item: T): string | number | boolean | null | undefined;
}

export interface Listing<T> {
  /** Key of the list in the JSON document. */
  readonly key: string;
  readonly pages: AsyncIterable<readonly T[]>;
  readonly columns: readonly ListColumn<T>[];
  /** Further members of the document. */
  readonly more?: Readonly<Record<string, unknown>>;
  /** What an item is in the document; by default itself. */
  readonly document?: (item: T) => unknown;
}

const textOf = (value: ReturnType<ListColumn<never>['cell']>) =>
  value === null || value === undefined ? '' : String(value);

async function* itemsOf<T>({ pages, document = (item) => item }: Listing<T>): AsyncGenerator<unknown> {
  for await (const page of pages) for (const item of page) yield document(item);
}

async function writeTable<T>(terminal: Terminal, { pages, columns }: Listing<T>): Promise<number> {
  const inOrder = columns.toSorted((a, b) => Number(b.flexible ?? false) - Number(a.flexible ?? false));
  const shown = terminal.toTerminal ? inOrder : columns;
  let count = 0;
  const rows = async function* () {
    for await (const page of pages) {
      count += page.length;
      yield page.map((item) => shown.map((column) => textOf(column.cell(item))));
    }
  };
  const headings = shown.map(({ heading }) => heading);
  const flexible = shown.filter((column) => column.flexible).length;
  for await (const text of tableTexts(rows(), headings, terminal, { flexible })) await terminal.write(text);
  return count;
}

/**
 * Lists what the pages have as `--format` says, as they come; resolves with the result of the command and, for a table, with
 * how many there were.
 *
 * @throws UsageError where `--format` and `--json` contradict each other.
 */
export async function writeListing<T>(
  terminal: Terminal,
  format: string | undefined,
  listing: Listing<T>,
): Promise<{ readonly result: Result; readonly count: number | undefined }> {
  if (terminal.json && format !== undefined && format !== 'json') {
    throw new UsageError(`--format ${format} and --json cannot be used together.`);
  }
  const { key, more = {}, columns, pages } = listing;
  const document = { ...more, [key]: itemsOf(listing) };
  if (terminal.json) return { result: { json: document }, count: undefined };
  if (format === 'json') {
    for await (const text of documentText(document)) await terminal.write(text);
    await terminal.write('\n');
    return { result: undefined, count: undefined };
  }
  if (format !== 'csv') return { result: undefined, count: await writeTable(terminal, listing) };
  await terminal.write(csvLine(columns.map(({ heading }) => heading)));
  for await (const page of pages) {
    await terminal.write(page.map((item) => csvLine(columns.map((column) => column.cell(item)))).join(''));
  }
  return { result: undefined, count: undefined };
}

/** A list that is all there as pages. */
export async function* onePage<T>(items: readonly T[]): AsyncGenerator<readonly T[]> {
  yield items;
}
