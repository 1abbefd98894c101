import { listedFields } from '../../auth/accounts/list-users.js';
import { userModelOf } from '../../auth/accounts/user-model.js';
import type { Terminal } from '../../command.js';
import type { Value } from '../../db/dialect/dialect.js';
import type { Row } from '../../db/write/rows.js';
import { findField } from '../../registry/define.js';
import type { Registry } from '../../registry/types.js';
import { csvLine } from '../../ui/csv.js';
import { tableTexts } from '../../ui/table.js';
import { staffField } from './flags.js';

type Pages = AsyncIterable<Row[]>;
type Document = Record<string, Value>;

/** A user for programs: the key as `pk`, and every field but the password under its own name. */
function documentOf({ userModel }: Registry, row: Row, fields?: readonly string[]): Document {
  const document: Document = { pk: row[userModel.primaryKey.name] ?? null, ...row };
  return fields === undefined ? document : Object.fromEntries(fields.map((name) => [name, document[name] ?? null]));
}

/** The users one by one, as `--json` and JSON lines have them. */
export async function* userDocuments(
  registry: Registry,
  pages: Pages,
  fields?: readonly string[],
): AsyncGenerator<Document> {
  for await (const page of pages) for (const row of page) yield documentOf(registry, row, fields);
}

/** One JSON object a line. */
export async function* jsonLines(registry: Registry, pages: Pages, fields?: readonly string[]): AsyncGenerator<string> {
  for await (const page of pages) {
    yield page.map((row) => `${JSON.stringify(documentOf(registry, row, fields))}\n`).join('');
  }
}

/** One JSON array, with an object on every line. */
export async function* jsonArray(registry: Registry, pages: Pages, fields?: readonly string[]): AsyncGenerator<string> {
  let begun = false;
  for await (const page of pages) {
    const items = page.map((row) => JSON.stringify(documentOf(registry, row, fields)));
    if (items.length === 0) continue;
    yield `${begun ? ',\n' : '[\n'}${items.join(',\n')}`;
    begun = true;
  }
  yield begun ? '\n]\n' : '[]\n';
}

/** The keys, one a line. */
export async function* keyLines({ userModel }: Registry, pages: Pages): AsyncGenerator<string> {
  for await (const page of pages) yield page.map((row) => `${row[userModel.primaryKey.name]}\n`).join('');
}

/** CSV with a line of names first; null is an empty cell, and lines end with a line feed. */
export async function* csvLines(registry: Registry, pages: Pages, fields?: readonly string[]): AsyncGenerator<string> {
  const names = fields ?? ['pk', ...listedFields(registry).map(({ name }) => name)];
  yield csvLine(names);
  for await (const page of pages) {
    const rows = page.map((row) => documentOf(registry, row));
    yield rows.map((row) => csvLine(names.map((name) => row[name] ?? null))).join('');
  }
}

interface Column {
  readonly heading: string;
  /** Whether it may be cut. */
  readonly flexible: boolean;
  cell(row: Row): string;
}

const textOf = (value: Value | undefined) => (value === null || value === undefined ? '' : String(value));

/** What a person sees: who it is, what the account may do, and when it was used last, in UTC. */
function tableColumns(registry: Registry): Column[] {
  const { model, auth, username } = userModelOf(registry);
  const { emailField, activeField, lastLoginField, superuserValues } = auth;
  const has = (name: string) => findField(model, name) !== undefined;
  const columns: Column[] = [
    { heading: username.verboseName, flexible: true, cell: (row) => textOf(row[username.name]) },
  ];
  if (emailField !== undefined && emailField !== username.name) {
    columns.push({ heading: 'email', flexible: true, cell: (row) => textOf(row[emailField]) });
  }
  const names = ['full_name', 'name', 'first_name', 'last_name'].filter(has);
  if (names.length > 0) {
    const cell = (row: Row) =>
      names
        .map((name) => textOf(row[name]))
        .join(' ')
        .trim();
    columns.push({ heading: 'name', flexible: true, cell });
  }
  const superuser = Object.entries(superuserValues);
  columns.push({
    heading: 'flags',
    flexible: false,
    cell: (row) =>
      [
        superuser.length > 0 && superuser.every(([name, value]) => row[name] === value) ? 'superuser' : '',
        row[staffField] === true ? 'staff' : '',
        activeField !== undefined && row[activeField] !== true ? 'inactive' : '',
      ]
        .filter(Boolean)
        .join(' '),
  });
  if (lastLoginField !== undefined) {
    const cell = (row: Row) => textOf(row[lastLoginField]).replace('T', ' ').slice(0, 16);
    columns.push({ heading: 'last login', flexible: false, cell });
  }
  return columns;
}

/** The users as a table: see {@link tableTexts}. */
export async function* userTable(
  registry: Registry,
  pages: Pages,
  terminal: Pick<Terminal, 'toTerminal' | 'columns' | 'style'>,
  fields?: readonly string[],
): AsyncGenerator<string> {
  const columns =
    fields === undefined
      ? tableColumns(registry)
      : fields.map((name) => ({
          heading: name,
          flexible: true,
          cell: (row: Row) => textOf(documentOf(registry, row)[name]),
        }));
  const rows = async function* () {
    for await (const page of pages) yield page.map((row) => columns.map((column) => column.cell(row)));
  };
  const headings = columns.map(({ heading }) => heading);
  yield* tableTexts(rows(), headings, terminal, { flexible: columns.filter((column) => column.flexible).length });
}

/** Counts the users that go by. */
async function* counting(pages: AsyncIterable<Row[]>, counter: { count: number }): AsyncGenerator<Row[]> {
  for await (const page of pages) {
    counter.count += page.length;
    yield page;
  }
}

async function* countLine(pages: AsyncIterable<Row[]>, counter: { readonly count: number }): AsyncGenerator<string> {
  for await (const _ of pages);
  yield `${counter.count}\n`;
}

interface TextOptions {
  readonly format: string | undefined;
  readonly fields: readonly string[] | undefined;
  readonly terminal: Terminal;
}

/** The users of `pages` as text of one of the formats, and how many there were once it has been read. */
export function userTexts(
  registry: Registry,
  pages: AsyncIterable<Row[]>,
  { format, fields, terminal }: TextOptions,
): { readonly texts: AsyncIterable<string>; readonly counter: { readonly count: number } } {
  const counter = { count: 0 };
  const counted = counting(pages, counter);
  const textsOf = (): AsyncIterable<string> => {
    switch (format) {
      case 'csv':
        return csvLines(registry, counted, fields);
      case 'json':
        return jsonArray(registry, counted, fields);
      case 'jsonl':
        return jsonLines(registry, counted, fields);
      case 'ids':
        return keyLines(registry, counted);
      case 'count':
        return countLine(counted, counter);
      default:
        return userTable(registry, counted, terminal, fields);
    }
  };
  return { texts: textsOf(), counter };
}
