import type { Context } from '../../../command.js';
import type { Connection } from '../../../db/connect/connection.js';
import { CommandError } from '../../../errors.js';
import { counted, several } from '../../../text.js';
import { placeOf } from '../destructive.js';

interface DatabaseContent {
  readonly tables: number;
  readonly rows: number | null;
  /** Names of virtual tables, which go with what they are made of. */
  readonly virtual: readonly string[];
}

export const noContent: DatabaseContent = { tables: 0, rows: 0, virtual: [] };

/** Opens a database that is to be made anew; undefined for one that is not there yet. */
export async function openResettable(
  { connect }: Pick<Context, 'connect'>,
  alias: string,
  options: { readonly writes: boolean },
): Promise<Connection | undefined> {
  try {
    return await connect(alias, options);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    if (['missing_database', 'missing_schema'].includes(error.code)) return undefined;
    if (error.code !== 'not_a_database') throw error;
    const hint = 'Check the database URL in the settings. If the file is no longer wanted, remove it.';
    throw new CommandError(error.message, { code: error.code, hint, cause: error });
  }
}

/** A database and what is in it, in words. */
export function contentText(
  alias: string,
  connection: Connection | undefined,
  { tables, rows, virtual }: DatabaseContent,
): { readonly where: string; readonly what: string } {
  const others = virtual.length === 0 ? '' : ` and the virtual tables ${several(virtual)}`;
  return {
    where: connection === undefined ? `'${alias}', which is not there yet` : placeOf(connection),
    what: `${counted(tables, 'table')} with ${counted(rows ?? 0, 'row')}${others}`,
  };
}

/** Number of tables and, where `withRows`, of the rows in all of them. */
export async function countRows(connection: Connection, withRows: boolean): Promise<DatabaseContent> {
  const { db } = connection;
  const { readTableMap, tableNamed } = await import('../../../db/introspection/table-map.js');
  const { names, virtual } = await readTableMap(connection, db);
  if (!withRows) return { tables: names.size, rows: null, virtual };
  let rows = 0;
  for (const table of names) {
    const [row]: { count?: string | number }[] = await db.count({ count: '*' }).from(tableNamed(db, table));
    rows += Number(row?.count ?? 0);
  }
  return { tables: names.size, rows, virtual };
}
