import type { Connection } from '../../../db/connect/connection.js';

interface DatabaseContent {
  readonly tables: number;
  readonly rows: number | null;
  /** Names of virtual tables, which go with what they are made of. */
  readonly virtual: readonly string[];
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
