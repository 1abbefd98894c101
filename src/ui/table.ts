import type { Terminal } from '../command.js';
import { visible } from '../text.js';

/** Ranges of characters that take two columns (Unicode's East Asian Width W and F, and emoji). */
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}|\p{Emoji}\ufe0f/u;
/** What is drawn over the character before it, or not at all. */
const invisible = /^[\p{M}\p{Cf}]+$/u;

let segmenter: Intl.Segmenter | undefined;

/** The characters as a person sees them. The first use takes as long as the start of the program. */
function charactersOf(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter();
  return segmenter.segment(text);
}

const widthOf = (character: string) => (invisible.test(character) ? 0 : wide.test(character) ? 2 : 1);

const isAscii = (text: string) => /^[\x20-\x7e]*$/.test(text);

/** How many columns of a terminal a text takes. */
export function displayWidth(text: string): number {
  if (isAscii(text)) return text.length;
  let width = 0;
  for (const { segment } of charactersOf(text)) width += widthOf(segment);
  return width;
}

/** The text with blanks behind it up to so many columns. */
export const padded = (text: string, width: number): string =>
  text + ' '.repeat(Math.max(0, width - displayWidth(text)));

/** A text cut so that it takes no more than `width` columns; an ellipsis says that it was. */
export function cutToWidth(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  if (isAscii(text)) return `${text.slice(0, Math.max(0, width - 1))}…`;
  let cut = '';
  let used = 1;
  for (const { segment } of charactersOf(text)) {
    used += widthOf(segment);
    if (used > width) break;
    cut += segment;
  }
  return `${cut}…`;
}

const gap = '  ';
/** No column is cut to less than this: on a terminal that is narrower still, lines are longer than it. */
const narrowest = 5;
/** Columns that only give way where all others have: `superuser …` and `2026-11-26…` still say something. */
const narrowestFixed = 11;
/** Where nothing is cut, a few long values must not push all the others out of sight. */
const widestUncut = 100;

/**
 * Widths for the columns of a table of which these rows are the beginning, its heading among them. Where all that does
 * not fit into `columns`, the widest give way: those among the first `flexible` ones, and only then the others.
 */
export function columnWidths(
  rows: readonly (readonly string[])[],
  { columns, flexible }: { readonly columns?: number | undefined; readonly flexible?: number } = {},
): number[] {
  const count = rows[0]?.length ?? 0;
  const widths = Array.from({ length: count }, (_, at) =>
    Math.max(...rows.map((row) => displayWidth(visible(row[at] ?? '')))),
  );
  if (columns === undefined) return widths.map((width) => Math.min(width, widestUncut));
  const total = () => widths.reduce((sum, width) => sum + width, gap.length * (count - 1));
  const giveWay = (from: number, to: number, least: number) => {
    while (total() > columns) {
      const widest = Math.max(0, ...widths.slice(from, to));
      if (widest <= least) break;
      widths[widths.indexOf(widest, from)] = widest - 1;
    }
  };
  giveWay(0, flexible ?? count, narrowest);
  giveWay(flexible ?? count, count, narrowestFixed);
  return widths;
}

/** One line of a table. `cut` cuts what is wider than its column; else it pushes the rest of its line aside. */
export function tableLine(row: readonly string[], widths: readonly number[], cut: boolean): string {
  const cells = row.map((cell, at) => {
    const width = widths[at] ?? 0;
    const text = visible(cell);
    const shown = cut ? cutToWidth(text, width) : text;
    return padded(shown, width);
  });
  return cells.join(gap).trimEnd();
}

/** The widths of a table are decided by so many rows, which are held until then. */
const rowsLookedAt = 10_000;

/**
 * A table of rows that come in pages; nothing where there are none. It fits a terminal; elsewhere nothing is cut. The first rows decide how wide its columns
 * are, and the rest is written as it comes. `flexible` is how many columns, from the first one on, may be cut.
 */
export async function* tableTexts(
  pages: AsyncIterable<readonly (readonly string[])[]>,
  headings: readonly string[],
  { toTerminal, columns, style }: Pick<Terminal, 'toTerminal' | 'columns' | 'style'>,
  { flexible }: { readonly flexible?: number } = {},
): AsyncGenerator<string> {
  const heading = headings.map((text) => text.toUpperCase());
  let held: (readonly string[])[] = [];
  let widths: number[] | undefined;
  const begin = () => {
    widths = columnWidths([heading, ...held], {
      columns: toTerminal ? columns : undefined,
      ...(flexible && { flexible }),
    });
    const rows = held;
    held = [];
    return `${style.heading(tableLine(heading, widths, toTerminal))}\n${linesOf(rows, widths)}`;
  };
  const linesOf = (rows: readonly (readonly string[])[], of: readonly number[]) =>
    rows.map((row) => `${tableLine(row, of, toTerminal)}\n`).join('');
  for await (const rows of pages) {
    if (widths !== undefined) yield linesOf(rows, widths);
    else if (held.push(...rows) >= rowsLookedAt) yield begin();
  }
  if (held.length > 0) yield begin();
}
