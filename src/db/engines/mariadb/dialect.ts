import type { Knex } from 'knex';
import type { Dialect } from '../../dialect/dialect.js';
import type { ServerPlace } from '../../dialect/server-errors.js';
import type { LockAttempt } from '../../transactions/locks.js';
import { createZone, utc } from '../../values/moments.js';
import { selectExpression } from '../../values/values.js';
import { deleteEach } from '../../write/delete-each.js';
import { maxNameLength } from './columns.js';
import { explainMariadb, isMariadbConflict, isMariadbLockTimeout, isMariadbUniqueViolation } from './errors.js';
import { mariadbHasKey } from './has-key.js';
import { packMariadbRows } from './pack.js';
import { mariadbSql } from './sql-text.js';
import { beginMariadb } from './transactions.js';
import { bindMariadb, mariadbExpression, readMariadb } from './values.js';
import { readVersion, type ServerVersion } from './version.js';
import { assertWritable } from './writable.js';

export interface MariadbDialectOptions {
  readonly place: ServerPlace;
  /** Zone of the timestamps in the database. */
  readonly timeZone: string;
  readonly openLock: (name: string) => Promise<LockAttempt>;
}

/** It is long because it is one member for each of the dialect. */
export function createMariadbDialect({ place, timeZone, openLock }: MariadbDialectOptions): Dialect {
  const zone = createZone(timeZone);
  let version: ServerVersion = { isMariadb: true, hasUuid: true };
  const dialect: Dialect = {
    name: 'mariadb',
    get displayName() {
      return version.isMariadb ? 'MariaDB' : 'MySQL';
    },
    maxNameLength,
    maxParameters: 65_535,
    timestampZone: timeZone,
    features: {
      singleWriter: false,
      typedColumns: true,
      unsigned: true,
      ownTypes: false,
      floats: 'finite',
      transactionalDdl: false,
      exactTexts: false,
      exactTableNames: false,
      indexedReferences: true,
      immediateReferences: false,
      largestBatch: 5000,
    },
    ...mariadbSql,
    dropTemporarySql: 'DROP TEMPORARY TABLE ??',
    editor: async (executor, options) =>
      (await import('./schema-editor.js')).createEditor(executor, { ...options, zone, version }),
    describe: async (table) => (await import('./describe.js')).describe(table, version),
    introspect: async (executor, options) => (await import('./introspect.js')).introspect(executor, version, options),
    tableNames: async (executor) => (await import('./introspect.js')).tableNames(executor),
    relationNames: async (executor) => (await import('./introspect.js')).relationNames(executor),
    readExpression: (field) => mariadbExpression(field),
    selectColumn: (executor, field, column, table) =>
      selectExpression(executor, mariadbExpression(field), column, table),
    read: (field, raw) => readMariadb(field, raw, zone),
    bind: (_executor, field, value) => bindMariadb(field, value, zone),
    compareMoments: (executor, field, column, operator, moment) =>
      executor.raw(`?? ${operator} ?`, [column, bindMariadb(field, moment, zone)]),
    async insertRow(executor, table, row, { column, field }) {
      const [inserted]: (number | string)[] = await executor(table).insert(row);
      // What the server has made is the answer only where nothing was given.
      return row[column] ?? (field.type === 'UUIDField' ? null : inserted);
    },
    packRows: packMariadbRows,
    whereAmong: async (_executor, query, { table, columns, rows }) => {
      query.whereIn(
        columns.map(({ name }) => `${table}.${name}`),
        rows.map((row) => columns.map(({ field }, at) => bindMariadb(field, row[at] ?? null, zone))) as Knex.Value[][],
      );
    },
    amongTexts(executor, column, texts) {
      const list = [...texts];
      if (list.length === 0) return executor.raw('1 = 0');
      return executor.raw(`?? IN (${list.map(() => '?').join(', ')})`, [column, ...list]);
    },
    startsWith: (executor, column, text) => executor.raw('?? LIKE ?', [column, `${text}%`]),
    hasKey: mariadbHasKey,
    textRows: async () => (zone === utc ? (await import('./text.js')).mariadbText : undefined),
    bulk: async () => (await import('./bulk.js')).createMariadbBulk(zone),
    async verify(executor) {
      version = await readVersion(executor);
    },
    assertWritable,
    begin: beginMariadb,
    // The server has a process of its own.
    openSecondReader: async () => undefined,
    watchReferences: async (executor) => (await import('./references.js')).watchReferences(executor),
    deleteTogether: deleteEach,
    deferReferences: async (executor, work) => (await import('./references.js')).deferReferences(executor, work),
    openLock,
    emptySql: async (_executor, tables) => (await import('./truncate.js')).emptySql(tables),
    restartKeysSql: async (tables) => (await import('./truncate.js')).restartKeysSql(tables),
    health: async () => (await import('./health.js')).mariadbHealth,
    batches: async () => (await import('./batches.js')).mariadbBatches,
    // The server does that by itself.
    resetSequencesSql: () => [],
    explain: (error) => explainMariadb(error, place),
    isConflict: isMariadbConflict,
    isLockTimeout: isMariadbLockTimeout,
    isUniqueViolation: isMariadbUniqueViolation,
  };
  return dialect;
}
