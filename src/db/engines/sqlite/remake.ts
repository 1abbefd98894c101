import { CommandError } from '../../../errors.js';
import { quote } from '../../dialect/sql-text.js';
import type { ColumnDefinition } from '../../schema/schema-editor.js';
import { columnClauses, columnSql, columnType } from './columns.js';
import { type ClauseKind, type ColumnSource, clauseMeaning, parseCreateTable, type TableSource } from './table-sql.js';

/** What becomes of a table that is made anew. */
export interface Change {
  /** The column that changes: as it is (absent when it is new), and as it is to be (absent when it goes). */
  readonly before?: ColumnDefinition;
  readonly after?: ColumnDefinition;
  /** SQL expression for the column's values; by default the old ones. */
  readonly value?: string;
  /** The columns that the project knows, in the order of their declaration. */
  readonly order: readonly string[];
  /** Puts the changed column behind the generated key instead of at the end. */
  readonly early: boolean;
}

export interface Remake {
  /** The new table's `CREATE TABLE`, under the name `new__<table>`. */
  readonly create: string;
  readonly copy: string;
}

const managed: readonly ClauseKind[] = ['null', 'primary', 'unique', 'check', 'references'];

/**
 * A column's new definition: what the change concerns is new, all else stays as it is in the database, things that
 * others have added (a collation, a default, a check) included.
 *
 * @throws CommandError where the change concerns what somebody has declared differently.
 */
function alteredSql(table: string, source: ColumnSource, before: ColumnDefinition, after: ColumnDefinition): string {
  const old = columnClauses(before);
  const wanted = columnClauses(after);
  const rest = [...source.clauses];
  const clauses: string[] = [];
  for (const kind of managed) {
    const mean = (text: string | undefined) => clauseMeaning(text === undefined ? undefined : { kind, text });
    const [from, to] = [mean(old.get(kind)), mean(wanted.get(kind))];
    const candidates = rest.filter((clause) => clause.kind === kind);
    // A column may have several checks; the one that Django makes is known by its text.
    const found =
      kind === 'check' ? candidates.find((clause) => [from, to].includes(clauseMeaning(clause))) : candidates[0];
    if (found !== undefined) rest.splice(rest.indexOf(found), 1);
    const is = clauseMeaning(found);
    if (from === to || is === to) {
      if (found !== undefined) clauses.push(found.text);
      else if (kind === 'null' && after.null) clauses.push('NULL');
    } else if (is === from) {
      const text = wanted.get(kind);
      if (text !== undefined) clauses.push(text);
    } else {
      throw new CommandError(
        `The column "${source.name}" of the table "${table}" is declared as \`${source.text}\`, which is not what this migration knows how to change.`,
        { code: 'unexpected_schema', hint: 'Change the column by hand, then record the migration as applied.' },
      );
    }
  }
  const type = columnType(before) === columnType(after) ? source.type : columnType(after);
  return [quote(after.name), type, ...clauses, ...rest.map((clause) => clause.text)].filter(Boolean).join(' ');
}

const isGenerated = (column: ColumnSource) => column.clauses.some(({ kind }) => kind === 'generated');
const isKey = ({ type, clauses }: ColumnSource) =>
  type.toLowerCase() === 'integer' && clauses.some(({ kind }) => kind === 'primary');

/** Known columns in the order of their declaration, then those that others have added, in the order they are in. */
function inOrder(columns: readonly ColumnSource[], order: readonly string[]): ColumnSource[] {
  const place = ({ name }: ColumnSource) => {
    const index = order.indexOf(name);
    return index < 0 ? order.length : index;
  };
  return columns.toSorted((a, b) => place(a) - place(b));
}

/**
 * The statements that copy a table into one with one column altered, added or dropped (Django 5.2
 * db/backends/sqlite3/schema.py, `_remake_table`), which keep what Django does not know of.
 *
 * @throws CommandError where something would be lost.
 */
export function remakeSql(table: string, sql: string, { before, after, value, order, early }: Change): Remake {
  const source: TableSource = parseCreateTable(sql);
  const name = before?.name ?? after?.name;
  const isChanged = (column: ColumnSource) => column.name.toLowerCase() === name?.toLowerCase();
  const changed = source.columns.find(isChanged);
  if (before !== undefined && changed === undefined) {
    throw new CommandError(`The table "${table}" has no column "${before.name}", which this migration changes.`, {
      code: 'unexpected_schema',
    });
  }
  const known = new Set(order);
  const kept = inOrder(
    source.columns.filter((column) => !isChanged(column)),
    order,
  );
  const columns = kept.map((column) => column.text);
  const target = kept.filter((column) => !isGenerated(column)).map((column) => quote(column.name));
  const values = [...target];
  if (after !== undefined) {
    const text =
      changed === undefined || before === undefined ? columnSql(after) : alteredSql(table, changed, before, after);
    const last = kept.findLastIndex((column) => known.has(column.name)) + 1;
    const first = kept[0] !== undefined && isKey(kept[0]) ? 1 : 0;
    columns.splice(early ? first : last, 0, text);
    target.push(quote(after.name));
    values.push(value ?? quote(before?.name ?? after.name));
  }
  const temporary = quote(`new__${table}`);
  const definitions = [...columns, ...source.constraints].join(', ');
  return {
    create: `CREATE TABLE ${temporary} (${definitions})${source.options === '' ? '' : ` ${source.options}`}`,
    copy: `INSERT INTO ${temporary} (${target.join(', ')}) SELECT ${values.join(', ')} FROM ${quote(table)}`,
  };
}
