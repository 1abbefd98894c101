import { quote } from '../../dialect/sql-text.js';
import type { Peek, Peeked, PeekOptions } from '../engine.js';
import { loadDriver } from './driver.js';
import type { SqliteTarget } from './url.js';

/** Asks an SQLite file: see `Engine`. */
export async function peekSqlite(
  { filename }: SqliteTarget,
  questions: readonly Peek[],
  { driver: wanted, timeoutMs }: PeekOptions,
): Promise<Peeked[][]> {
  const driver = loadDriver(wanted);
  const connection = await driver.open(filename, { readOnly: true });
  try {
    driver.setBusyTimeout(connection, timeoutMs);
    const answers: Peeked[][] = [];
    for (const { table, columns, startsWith, limit } of questions) {
      // A range, so that the index is used; the bytes of no text begin with 0xFF.
      const where =
        startsWith === undefined
          ? ''
          : ` WHERE ${quote(startsWith.column)} >= ? AND ${quote(startsWith.column)} < ? || x'ff'`;
      const rows = await driver.all(
        connection,
        `SELECT ${columns.map(quote).join(', ')} FROM ${quote(table)}${where} ORDER BY ${quote(columns[0] ?? '')} LIMIT ${limit}`,
        startsWith === undefined ? [] : [startsWith.text, startsWith.text],
      );
      answers.push([...rows]);
    }
    return answers;
  } finally {
    await driver.close(connection);
  }
}
