import { counted, several } from '../../text.js';
import type { Connection } from '../connect/connection.js';
import type { SqlText } from '../dialect/sql.js';
import { sqlAsIs } from '../dialect/sql-as-is.js';
import { everyRow, referTogether } from '../read/conditions.js';
import type { TablePlace } from '../write/truncate.js';
import type { DeleteAction } from './introspection.js';
import { primaryKeyOf } from './models.js';
import { tableNamed } from './table-map.js';

/** A reference whose rows the database itself deletes or changes when those that they refer to go, without a word. */
export interface SilentReference {
  readonly from: string;
  /** The key of `from`, where that is known. */
  readonly key: readonly string[];
  /** Where its table is, if it cannot be named without its schema. */
  readonly place?: TablePlace;
  readonly columns: readonly string[];
  readonly to: string;
  /** Columns of `to`. */
  readonly toColumns: readonly string[];
  readonly onDelete: DeleteAction;
}

/** Reads what the database does by itself when rows go (ON DELETE), in tables of known models and of others. */
export async function readSilentReferences({
  db,
  dialect,
}: Pick<Connection, 'db' | 'dialect'>): Promise<SilentReference[]> {
  const { tables, outside } = await dialect.introspect(db);
  const referred = ({ table, columns }: { readonly table: string; readonly columns: readonly string[] }) => {
    const to = tables.get(table);
    return columns.length > 0 || to === undefined ? columns : primaryKeyOf(to);
  };
  const inside = [...tables.values()]
    .filter(({ kind }) => kind === 'table')
    .flatMap((table) =>
      table.constraints.flatMap(({ columns, references, onDelete }): SilentReference[] =>
        references === undefined || onDelete === undefined
          ? []
          : [
              {
                from: table.name,
                key: primaryKeyOf(table),
                columns,
                to: references.table,
                toColumns: referred(references),
                onDelete,
              },
            ],
      ),
    );
  return [
    ...inside,
    ...outside.flatMap(({ schema, table, columns, references, onDelete }): SilentReference[] =>
      onDelete === undefined || references.schema !== undefined
        ? []
        : [
            {
              from: `${schema}.${table}`,
              key: [],
              place: { schema, name: table },
              columns,
              to: references.table,
              toColumns: referred(references),
              onDelete,
            },
          ],
    ),
  ];
}

/** Rows that the database would delete or change by itself. */
export interface SilentRows {
  readonly reference: SilentReference;
  readonly rows: number;
}

/**
 * Counts what the database would delete or change by itself if these rows of a table went, and then with those that it deletes.
 * Rows of the same table that go too are none. Of a table that cascades to itself all generations are counted.
 */
export async function countSilent(
  connection: Pick<Connection, 'db' | 'dialect'>,
  references: readonly SilentReference[],
  gone: { readonly table: string; readonly where: string },
  seen: ReadonlySet<SilentReference> = new Set(),
): Promise<SilentRows[]> {
  const { db, dialect } = connection;
  const found: SilentRows[] = [];
  const all = withGenerations(dialect, references, gone);
  for (const reference of references) {
    const { from, place, columns, to, toColumns, onDelete } = reference;
    if (to !== gone.table || seen.has(reference)) continue;
    const isOwn = from === to && place === undefined;
    const refers = referTogether(dialect, columns, { table: to, columns: toColumns, where: all });
    // Rows of the table that go with others of it are not those that are left of it.
    const where = isOwn ? `${refers} AND (${onDelete === 'cascade' ? gone.where : all}) IS NOT TRUE` : refers;
    const [row]: Record<string, unknown>[] = await db
      .count({ count: '*' })
      .from(tableNamed(db, from, place))
      .whereRaw(sqlAsIs(where));
    const rows = Number(row?.count ?? 0);
    if (rows === 0) continue;
    found.push({ reference, rows });
    if (onDelete !== 'cascade' || place !== undefined || isOwn) continue;
    found.push(...(await countSilent(connection, references, { table: from, where }, new Set([...seen, reference]))));
  }
  return found;
}

/** The condition of the rows and of those of the same table that go with them, their children's children too. */
function withGenerations(
  sql: SqlText,
  references: readonly SilentReference[],
  { table, where }: { readonly table: string; readonly where: string },
): string {
  const own = references.filter(
    ({ from, to, onDelete, place }) => from === table && to === table && onDelete === 'cascade' && place === undefined,
  );
  const [first] = own;
  if (first === undefined || where === everyRow) return where;
  const key = first.key.length > 0 ? first.key : first.toColumns;
  const names = [...new Set([...key, ...own.flatMap(({ toColumns }) => toColumns)])];
  const quote = (column: string) => sql.quoteName(column);
  const [rows, going] = [quote(table), quote('rows that go')];
  const list = (columns: readonly string[], of = '') => columns.map((name) => `${of}${quote(name)}`).join(', ');
  const isChild = own.map(
    ({ columns, toColumns }) =>
      `(${columns.map((name, index) => `${rows}.${quote(name)} = ${going}.${quote(toColumns[index] ?? '')}`).join(' AND ')})`,
  );
  const recursive = `SELECT ${list(names)} FROM ${rows} WHERE ${where} UNION SELECT ${list(names, `${rows}.`)} FROM ${rows} JOIN ${going} ON ${isChild.join(' OR ')}`;
  return `(${list(key)}) IN (WITH RECURSIVE ${going} (${list(names)}) AS (${recursive}) SELECT ${list(key)} FROM ${going})`;
}

/** What follows of what a sentence has named: `, and then delete 2 rows of 'x'`. */
export const thenText = (following: readonly SilentRows[]): string =>
  following.length === 0
    ? ''
    : `, and then ${several(following.map(({ reference, rows }) => silentText(reference, counted(rows, 'row'))))}`;

/** What the database would do with rows that are named before, as a part of a sentence: `delete 2 rows of 'x'`, `delete them`. */
export function silentText(
  { from, columns, onDelete }: Pick<SilentReference, 'from' | 'columns' | 'onDelete'>,
  rows: string,
): string {
  const what = /^\d/.test(rows) ? `${rows} of '${from}'` : rows;
  return onDelete === 'cascade' ? `delete ${what}` : `change '${columns.join("', '")}' in ${what}`;
}
