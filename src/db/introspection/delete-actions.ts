import type { Connection } from '../connect/connection.js';
import { sqlAsIs } from '../dialect/sql-as-is.js';
import { referTogether } from '../read/conditions.js';
import type { TablePlace } from '../write/truncate.js';
import type { DeleteAction } from './introspection.js';
import { tableNamed } from './table-map.js';

/** A reference whose rows the database itself deletes or changes when those that they refer to go, without a word. */
export interface SilentReference {
  readonly from: string;
  /** Where its table is, if it cannot be named without its schema. */
  readonly place?: TablePlace;
  readonly columns: readonly string[];
  readonly to: string;
  /** Columns of `to`; none where the engine does not say, which means its key. */
  readonly toColumns: readonly string[];
  readonly onDelete: DeleteAction;
}

/** Reads what the database does by itself when rows go (ON DELETE), in tables of known models and of others. */
export async function readSilentReferences({
  db,
  dialect,
}: Pick<Connection, 'db' | 'dialect'>): Promise<SilentReference[]> {
  const { tables, outside } = await dialect.introspect(db);
  const inside = [...tables.values()]
    .filter(({ kind }) => kind === 'table')
    .flatMap(({ name, constraints }) =>
      constraints.flatMap(({ columns, references, onDelete }): SilentReference[] =>
        references === undefined || onDelete === undefined
          ? []
          : [{ from: name, columns, to: references.table, toColumns: references.columns, onDelete }],
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
              toColumns: references.columns,
              onDelete,
            },
          ],
    ),
  ];
}

/** How many rows the database would delete or change by itself if these, of a table with such a key, went. Rows of the same table that go too are none. */
export async function countSilent(
  { db, dialect }: Pick<Connection, 'db' | 'dialect'>,
  { from, place, columns, to, toColumns }: SilentReference,
  { columns: key, where }: { readonly columns: readonly string[]; readonly where: string },
): Promise<number> {
  const targets = toColumns.length === 0 ? key : toColumns;
  const stays = from === to ? ` AND NOT (${where})` : '';
  const [row]: Record<string, unknown>[] = await db
    .count({ count: '*' })
    .from(tableNamed(db, from, place))
    .whereRaw(sqlAsIs(`${referTogether(dialect, columns, { table: to, columns: targets, where })}${stays}`));
  return Number(row?.count ?? 0);
}

/** What the database would do with rows that are named before, as a part of a sentence: `delete 2 rows of 'x'`, `delete them`. */
export function silentText(
  { from, columns, onDelete }: Pick<SilentReference, 'from' | 'columns' | 'onDelete'>,
  rows: string,
): string {
  const what = /^\d/.test(rows) ? `${rows} of '${from}'` : rows;
  return onDelete === 'cascade' ? `delete ${what}` : `change '${columns.join("', '")}' in ${what}`;
}
