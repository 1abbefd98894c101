import { describe, expect, it } from 'vitest';
import { columnWidths, cutToWidth, displayWidth, tableLine, tableTexts } from '../../src/ui/table.js';

describe('displayWidth', () => {
  it.each([
    ['', 0],
    ['abc', 3],
    ['é', 1],
    ['e\u0301', 1],
    ['中文', 4],
    ['한글', 4],
    ['ｆｕｌｌ', 8],
    ['🔑', 2],
    ['🇭🇺', 2],
    ['👨‍👩‍👧', 2],
    ['❤️', 2],
    ['❤', 1],
    ['1', 1],
    ['a\u200bb', 2],
    ['ไทย', 3],
  ])('of %j is %d', (text, width) => {
    expect(displayWidth(text)).toBe(width);
  });
});

describe('cutToWidth', () => {
  it.each([
    ['abcdef', 6, 'abcdef'],
    ['abcdef', 5, 'abcd…'],
    ['中文中文', 5, '中文…'],
    ['中文中文', 6, '中文…'],
    ['🇭🇺🇭🇺🇭🇺', 5, '🇭🇺🇭🇺…'],
    ['e\u0301e\u0301e\u0301', 2, 'e\u0301…'],
  ])('cuts %j to %d columns', (text, width, cut) => {
    expect(cutToWidth(text, width)).toBe(cut);
    expect(displayWidth(cut)).toBeLessThanOrEqual(width);
  });
});

describe('a table', () => {
  const rows = [
    ['NAME', 'TEXT'],
    ['中文', 'x'.repeat(60)],
    ['ada', 'short'],
  ];

  it('lines its columns up', () => {
    const widths = columnWidths(rows);
    expect(widths).toEqual([4, 60]);
    expect(rows.map((row) => tableLine(row, widths, false))).toEqual([
      'NAME  TEXT',
      `中文  ${'x'.repeat(60)}`,
      'ada   short',
    ]);
  });

  it('fits the terminal', () => {
    const widths = columnWidths(rows, { columns: 20 });
    expect(widths).toEqual([4, 14]);
    for (const row of rows) expect(displayWidth(tableLine(row, widths, true))).toBeLessThanOrEqual(20);
    expect(columnWidths(rows, { columns: 3 })).toEqual([4, 5]);
    // The others give way last, and not to nothing.
    expect(columnWidths(rows, { columns: 20, flexible: 1 })).toEqual([4, 14]);
    expect(columnWidths(rows, { columns: 3, flexible: 1 })).toEqual([4, 11]);
    const users = [['USERNAME', 'EMAIL', 'NAME', 'FLAGS', 'LAST LOGIN']].concat([
      ['中文中文中文', 'a@example.com', '🇭🇺 e\u0301', 'superuser staff inactive', '2026-01-02 03:04'],
      ['ada', 'a@example.com', '', '', ''],
    ]);
    const narrow = columnWidths(users, { columns: 45, flexible: 3 });
    const lines = users.map((row) => tableLine(row, narrow, true));
    expect(Math.max(...lines.map(displayWidth))).toBeLessThanOrEqual(45);
    expect(lines[1]).toBe('中文…  a@ex…  🇭🇺 e\u0301  superuser …  2026-01-02 …');
  });

  it('keeps its columns from page to page, and writes nothing where there are no rows', async () => {
    const same = (text: string) => text;
    const style = { heading: same, label: same, success: same, warning: same, error: same, dim: same };
    const textOf = async (pages: string[][][]) => {
      const all = (async function* () {
        yield* pages;
      })();
      let text = '';
      for await (const part of tableTexts(all, ['name', 'n'], { toTerminal: false, columns: 80, style })) text += part;
      return text;
    };
    expect(await textOf([[['ada', '1']], [['a longer name', '2']]])).toBe(
      'NAME           N\nada            1\na longer name  2\n',
    );
    expect(await textOf([[]])).toBe('');
  });

  it('shows what would change the terminal by its number', () => {
    const line = tableLine(['\x1b[31mred\x1b[0m', 'a\nb\tc\u202ed\x9b'], [4, 4], false);
    expect(line).toBe('\\x1b[31mred\\x1b[0m  a\\x0ab\\x09c\\u202ed\\x9b');
  });
});
