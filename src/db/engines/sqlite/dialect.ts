import { plainRows } from '../../connect/client.js';
import type { Dialect } from '../../dialect/dialect.js';
import { standardSql } from '../../dialect/sql-text.js';
import type { LockAttempt } from '../../transactions/locks.js';
import type { SecondReader } from '../../transactions/snapshot.js';
import { createZone, utc } from '../../values/moments.js';
import { selectExpression } from '../../values/values.js';
import { deleteEach } from '../../write/delete-each.js';
import { insertReturning } from '../../write/insert-returning.js';
import { explainSqlite, isSqliteUniqueViolation } from './errors.js';
import { sqliteHasKey } from './has-key.js';
import { compareSqliteMoments, oddSqliteMoments } from './moments.js';
import { packSqliteRows } from './pack.js';
import { sqlitePairs } from './pairs.js';
import { beginSqlite, watchSqliteReferences } from './transactions.js';
import { bindSqlite, readSqlite, sqliteExpression } from './values.js';

export interface SqliteDialectOptions {
  readonly filename: string;
  /** Zone of the timestamps in the database. */
  readonly timeZone: string;
  /** See `LoadedDriver`. */
  readonly cutsAtNul: boolean;
  readonly openLock: (name: string) => Promise<LockAttempt>;
  readonly openSecondReader: () => Promise<SecondReader | undefined>;
}

/** It is long because it is one member for each of the dialect. */
export function createSqliteDialect({
  filename,
  timeZone,
  cutsAtNul,
  openLock,
  openSecondReader,
}: SqliteDialectOptions): Dialect {
  const zone = createZone(timeZone);
  const dialect: Dialect = {
    name: 'sqlite',
    displayName: 'SQLite',
    maxNameLength: undefined,
    maxParameters: 32_766,
    timestampZone: timeZone,
    features: {
      singleWriter: true,
      typedColumns: false,
      unsigned: false,
      ownTypes: false,
      floats: 'without NaN',
      transactionalDdl: true,
      exactTexts: true,
      exactTableNames: false,
      indexedReferences: false,
      immediateReferences: false,
      largestBatch: 50_000,
    },
    ...standardSql,
    dropTemporarySql: 'DROP TABLE ??',
    editor: async (executor, options) =>
      (await import('./schema-editor.js')).createEditor(executor, { ...options, zone }),
    describe: async (table) => (await import('./describe.js')).describe(table),
    introspect: async (executor, options) => (await import('./introspect.js')).introspect(executor, options),
    tableNames: async (executor) => (await import('./introspect.js')).tableNames(executor),
    relationNames: async (executor) => (await import('./introspect.js')).relationNames(executor),
    readExpression: (field) => sqliteExpression(field, cutsAtNul),
    selectColumn: (executor, field, column, table) =>
      selectExpression(executor, sqliteExpression(field, cutsAtNul), column, table),
    read: (field, raw) => readSqlite(field, raw, zone),
    bind: (executor, field, value) => bindSqlite(executor, field, value, zone),
    compareMoments: (executor, _, column, operator, moment) =>
      compareSqliteMoments(executor, column, operator, moment, zone),
    oddMoments: oddSqliteMoments,
    typeOfValue: (executor, column) => executor.raw('typeof(??)', [column]),
    insertRow: (executor, table, row, key) => insertReturning(dialect, executor, table, row, key),
    packRows: packSqliteRows,
    whereAmong: async (executor, query, keys) => {
      query.where((await import('./bulk.js')).sqliteAmong(executor, keys, zone));
    },
    amongTexts: (executor, column, texts) =>
      executor.raw('?? IN (SELECT value FROM json_each(?))', [column, JSON.stringify([...texts])]),
    pairs: sqlitePairs,
    // LIKE takes small and capital letters for the same, and an index does not.
    startsWith: (executor, column, text) =>
      executor.raw('(?? >= ? AND ?? < ?)', [column, text, column, `${text}\u{10ffff}`]),
    hasKey: sqliteHasKey,
    textRows: async (executor) => (zone === utc ? (await import('./text.js')).textIn(executor) : undefined),
    bulk: async (executor) => (await import('./bulk.js')).createSqliteBulk(dialect, executor, zone),
    // Reading the schema reads the file's header, so that a file which is no database is found at once.
    verify: async (executor) => {
      await plainRows(executor, 'PRAGMA schema_version');
    },
    begin: beginSqlite,
    watchReferences: watchSqliteReferences,
    // Those that are not deferrable, too; it ends with the transaction.
    deleteTogether: deleteEach,
    deferReferences: async (executor, work) => {
      await executor.raw('PRAGMA defer_foreign_keys = ON');
      return work();
    },
    // Whether the file can be written is only known when it is.
    assertWritable: async () => undefined,
    openLock,
    openSecondReader,
    emptySql: async (executor, tables) => (await import('./truncate.js')).emptySql(executor, tables),
    health: async () => (await import('./health.js')).sqliteHealth,
    batches: async () => (await import('./batches.js')).sqliteBatches,
    resetSequencesSql: () => [],
    explain: (error) => explainSqlite(error, filename),
    // There is one writer, and the others wait.
    isConflict: () => false,
    isUniqueViolation: isSqliteUniqueViolation,
  };
  return dialect;
}
