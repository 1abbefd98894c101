import type { Dialect } from '../dialect.js';
import type { LockAttempt } from '../locks.js';
import { explainPostgres, isPostgresUniqueViolation, type PostgresPlace } from './errors.js';
import { beginPostgres } from './transactions.js';
import { bindPostgres, readPostgres, selectPostgresColumn } from './values.js';

export interface PostgresDialectOptions {
  readonly place: PostgresPlace;
  /** `SET LOCAL` statements that each transaction begins with. */
  readonly setup: string | undefined;
  readonly openLock: (name: string) => Promise<LockAttempt>;
}

export function createPostgresDialect({ place, setup, openLock }: PostgresDialectOptions): Dialect {
  return {
    name: 'postgres',
    displayName: 'PostgreSQL',
    maxNameLength: 63,
    maxParameters: 65_535,
    singleWriter: false,
    editor: async (executor, options) => (await import('./schema-editor.js')).createEditor(executor, options),
    describe: async () => {
      throw new Error('Describing tables is not written yet.');
    },
    introspect: async (executor, options) => (await import('./introspect.js')).introspect(executor, options),
    tableNames: async (executor) => (await import('./introspect.js')).tableNames(executor),
    selectColumn: selectPostgresColumn,
    read: readPostgres,
    bind: (_executor, field, value) => bindPostgres(field, value),
    verify: async (executor) => {
      await executor.raw('SELECT 1');
    },
    begin: (executor, mode) => beginPostgres(executor, mode, setup),
    openLock,
    resetSequencesSql,
    explain: (error) => explainPostgres(error, place),
    isUniqueViolation: isPostgresUniqueViolation,
  };
}

const identifier = (name: string) => `"${name.replaceAll('"', '""')}"`;
const literal = (text: string) => `'${text.replaceAll("'", "''")}'`;

/** Django 5.2 db/backends/postgresql/operations.py, sequence_reset_sql. */
function resetSequencesSql(tables: readonly { readonly table: string; readonly column: string }[]): string[] {
  return tables.map(({ table, column }) => {
    const max = `max(${identifier(column)})`;
    const sequence = `pg_get_serial_sequence(${literal(identifier(table))}, ${literal(column)})`;
    return `SELECT setval(${sequence}, coalesce(${max}, 1), ${max} IS NOT null) FROM ${identifier(table)};`;
  });
}
