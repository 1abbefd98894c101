import type { Dialect } from '../../dialect/dialect.js';
import type { LockAttempt } from '../../transactions/locks.js';
import { selectExpression } from '../../values/values.js';
import { insertReturning } from '../../write/insert-returning.js';
import type { PlacedTable } from '../engine.js';
import { deleteTogether } from './delete-together.js';
import { explainPostgres, isPostgresConflict, isPostgresUniqueViolation, type PostgresPlace } from './errors.js';
import { postgresHasKey } from './has-key.js';
import { packPostgresRows } from './pack.js';
import { postgresPairs } from './pairs.js';
import { resetSequencesSql } from './sequences.js';
import { postgresSql } from './sql-text.js';
import { beginPostgres } from './transactions.js';
import {
  asWide,
  bindPostgres,
  comparePostgresMoments,
  oddPostgresMoments,
  postgresExpression,
  readOutside,
  readPostgres,
} from './values.js';
import { assertWritable, verifyPlaced, verifySchema } from './verify.js';

export interface PostgresDialectOptions {
  readonly place: PostgresPlace;
  /** `SET LOCAL` statements that each transaction begins with. */
  readonly setup: string | undefined;
  readonly placed: readonly PlacedTable[];
  readonly openLock: (name: string) => Promise<LockAttempt>;
}

/** It is long because it is one member for each of the dialect. */
export function createPostgresDialect({ place, setup, placed, openLock }: PostgresDialectOptions): Dialect {
  const dialect: Dialect = {
    name: 'postgres',
    displayName: 'PostgreSQL',
    maxNameLength: 63,
    maxParameters: 65_535,
    timestampZone: undefined,
    features: {
      singleWriter: false,
      typedColumns: true,
      unsigned: false,
      ownTypes: true,
      floats: 'all',
      transactionalDdl: true,
      exactTexts: true,
      exactTableNames: true,
      indexedReferences: false,
      immediateReferences: true,
      largestBatch: 50_000,
    },
    ...postgresSql,
    dropTemporarySql: 'DROP TABLE ??',
    ...(placed.length === 0 || setup === undefined ? {} : { preamble: [`${setup};`] }),
    editor: async (executor, options) => (await import('./schema-editor.js')).createEditor(executor, options),
    describe: async (table) => (await import('./describe.js')).describe(table),
    introspect: async (executor, options) => (await import('./introspect.js')).introspect(executor, options),
    tableNames: async (executor) => (await import('./introspect.js')).tableNames(executor),
    relationNames: async (executor) => (await import('./introspect.js')).relationNames(executor),
    readExpression: (field) => postgresExpression(field),
    selectColumn: (executor, field, column, table) =>
      selectExpression(executor, postgresExpression(field), column, table),
    read: readPostgres,
    readOutside,
    bind: (executor, field, value) => asWide(executor, field, bindPostgres(field, value)),
    compareMoments: (executor, field, column, operator, moment) =>
      comparePostgresMoments(executor, column, operator, bindPostgres(field, moment)),
    oddMoments: oddPostgresMoments,
    insertRow: (executor, table, row, key) => insertReturning(dialect, executor, table, row, key),
    packRows: packPostgresRows,
    whereAmong: async (executor, query, keys) => {
      query.where((await import('./bulk.js')).postgresAmong(executor, keys));
    },
    amongTexts: (executor, column, texts) => executor.raw('?? = ANY(?)', [column, [...texts]]),
    pairs: postgresPairs,
    // By its order a collation may put other texts between those that begin so.
    startsWith: (executor, column, text) => executor.raw('?? LIKE ?', [column, `${text}%`]),
    hasKey: postgresHasKey,
    textRows: async () => (await import('./text.js')).postgresText,
    bulk: async (executor) => (await import('./bulk.js')).createPostgresBulk(dialect, executor),
    async verify(executor) {
      await verifySchema(executor, place);
      await verifyPlaced(executor, placed);
    },
    assertWritable: (executor) => assertWritable(executor, place),
    begin: (executor, mode, lockTimeoutMs) => beginPostgres(executor, mode, setup, lockTimeoutMs),
    // The server has processes of its own, and one of them is not what takes the time.
    openSecondReader: async () => undefined,
    watchReferences: async (executor) => async () => {
      await executor.raw('SET CONSTRAINTS ALL IMMEDIATE');
    },
    // They are deferred to the commit.
    deferReferences: (_executor, work) => work(),
    deleteTogether,
    openLock,
    emptySql: async (_executor, tables) => (await import('./truncate.js')).emptySql(tables),
    health: async () => (await import('./health.js')).postgresHealth,
    batches: async () => (await import('./batches.js')).postgresBatches,
    resetSequencesSql,
    explain: (error) => explainPostgres(error, place),
    isConflict: isPostgresConflict,
    isUniqueViolation: isPostgresUniqueViolation,
  };
  return dialect;
}
