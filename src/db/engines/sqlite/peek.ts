import { createRequire } from 'node:module';
import { CommandError } from '../../../errors.js';
import { quote } from '../../dialect/sql-text.js';
import type { Peek, Peeked, PeekOptions } from '../engine.js';
import { loadNodeSqlite } from './node-sqlite.js';
import type { SqliteTarget } from './url.js';

/** What is asked of the sqlite3 package. */
interface Package {
  readonly OPEN_READONLY: number;
  readonly Database: new (
    filename: string,
    mode: number,
    done: (error: Error | null) => void,
  ) => {
    configure(option: 'busyTimeout', ms: number): void;
    all(sql: string, values: readonly string[], done: (error: Error | null, rows: Peeked[]) => void): void;
    close(): void;
  };
}

function loadPackage({ driver }: PeekOptions): Package | undefined {
  if (driver === 'node:sqlite') return undefined;
  try {
    return createRequire(import.meta.url)('sqlite3') as Package;
  } catch {
    return undefined;
  }
}

/** Asks an SQLite file: see `Engine`. */
export async function peekSqlite(
  { filename }: SqliteTarget,
  questions: readonly Peek[],
  options: PeekOptions,
): Promise<Peeked[][]> {
  const statements = questions.map(({ table, columns, startsWith, limit }) => ({
    sql:
      `SELECT ${columns.map(quote).join(', ')} FROM ${quote(table)}` +
      // A range, so that the index is used; the bytes of no text begin with 0xFF.
      (startsWith === undefined
        ? ''
        : ` WHERE ${quote(startsWith.column)} >= ? AND ${quote(startsWith.column)} < ? || x'ff'`) +
      ` ORDER BY ${quote(columns[0] ?? '')} LIMIT ${limit}`,
    values: startsWith === undefined ? [] : [startsWith.text, startsWith.text],
  }));
  const sqlite3 = loadPackage(options);
  if (sqlite3 === undefined) {
    const module = loadNodeSqlite();
    if (module === undefined) throw new CommandError('There is no SQLite driver.', { code: 'no_driver' });
    const database = new module.DatabaseSync(filename, { readOnly: true });
    try {
      return statements.map(({ sql, values }) => database.prepare(sql).all(...values) as Peeked[]);
    } finally {
      database.close();
    }
  }
  const database = await new Promise<InstanceType<Package['Database']>>((resolve, reject) => {
    const opened = new sqlite3.Database(filename, sqlite3.OPEN_READONLY, (error) =>
      error === null ? resolve(opened) : reject(error),
    );
  });
  database.configure('busyTimeout', options.timeoutMs);
  try {
    return await Promise.all(
      statements.map(
        ({ sql, values }) =>
          new Promise<Peeked[]>((resolve, reject) => {
            database.all(sql, values, (error, rows) => (error === null ? resolve(rows) : reject(error)));
          }),
      ),
    );
  } finally {
    database.close();
  }
}
