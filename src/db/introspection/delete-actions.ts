import { counted, several } from '../../text.js';
import type { Connection } from '../connect/connection.js';
import { sqlAsIs } from '../dialect/sql-as-is.js';
import { referTogether } from '../read/conditions.js';
import type { TablePlace } from '../write/truncate.js';
import type { DeleteAction } from './introspection.js';
import { primaryKeyOf } from './models.js';
import { tableNamed } from './table-map.js';

/** A reference whose rows the database itself deletes or changes when those that they refer to go, without a word. */
export interface SilentReference {
  readonly from: string;
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
    .flatMap(({ name, constraints }) =>
      constraints.flatMap(({ columns, references, onDelete }): SilentReference[] =>
        references === undefined || onDelete === undefined
          ? []
          : [{ from: name, columns, to: references.table, toColumns: referred(references), onDelete }],
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
 * Rows of the same table that go too are none.
 */
export async function countSilent(
  connection: Pick<Connection, 'db' | 'dialect'>,
  references: readonly SilentReference[],
  gone: { readonly table: string; readonly where: string },
  seen: ReadonlySet<SilentReference> = new Set(),
): Promise<SilentRows[]> {
  const { db, dialect } = connection;
  const found: SilentRows[] = [];
  for (const reference of references) {
    const { from, place, columns, to, toColumns, onDelete } = reference;
    if (to !== gone.table || seen.has(reference)) continue;
    const stays = from === to ? ` AND NOT (${gone.where})` : '';
    const where = `${referTogether(dialect, columns, { table: to, columns: toColumns, where: gone.where })}${stays}`;
    const [row]: Record<string, unknown>[] = await db
      .count({ count: '*' })
      .from(tableNamed(db, from, place))
      .whereRaw(sqlAsIs(where));
    const rows = Number(row?.count ?? 0);
    if (rows === 0) continue;
    found.push({ reference, rows });
    if (onDelete !== 'cascade' || place !== undefined) continue;
    found.push(...(await countSilent(connection, references, { table: from, where }, new Set([...seen, reference]))));
  }
  return found;
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
