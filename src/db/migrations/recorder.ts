import { plainRows } from '../connect/client.js';
import type { Connection, Executor } from '../connect/connection.js';
import type { Value } from '../dialect/dialect.js';
import { columnOf, fieldOf } from '../schema/columns.js';
import { migrationsTable } from '../schema/tables.js';
import { timestampOf } from '../values/moments.js';

type Database = Pick<Connection, 'dialect'>;

const table = migrationsTable.name;
const applied = fieldOf(columnOf(migrationsTable, 'applied'));

/** What is recorded as applied, by `app.name`, in the order of recording: when, as a {@link Value}, or null. */
export type Applied = ReadonlyMap<string, Value>;

/** Reads `django_migrations`; nothing is applied where there is no such table. */
export async function readApplied({ dialect }: Database, executor: Executor): Promise<Applied> {
  if (!(await dialect.tableNames(executor)).includes(table)) return new Map();
  const { quoteName: quote } = dialect;
  const time = dialect.readExpression(applied).replaceAll('??', quote('applied'));
  const rows = await plainRows<{ app: string; name: string; applied: unknown }>(
    executor,
    `SELECT app, name, ${time} AS ${quote('applied')} FROM ${quote(table)} ORDER BY id`,
  );
  // Nothing depends on the time: text that is none must not keep anybody from migrating.
  const timeOf = (raw: unknown) => {
    try {
      return dialect.read(applied, raw);
    } catch {
      return null;
    }
  };
  return new Map(rows.map((row) => [`${row.app}.${row.name}`, timeOf(row.applied)]));
}

/** Makes `django_migrations` where it is missing. */
export async function ensureRecords({ dialect }: Database, executor: Executor): Promise<void> {
  if ((await dialect.tableNames(executor)).includes(table)) return;
  const editor = await dialect.editor(executor);
  await editor.createTable(migrationsTable);
  await editor.finish();
}

const split = (key: string) => {
  const point = key.indexOf('.');
  return { app: key.slice(0, point), name: key.slice(point + 1) };
};

export async function isRecorded(executor: Executor, key: string): Promise<boolean> {
  return (await executor(table).where(split(key)).limit(1)).length > 0;
}

export async function recordApplied({ dialect }: Database, executor: Executor, key: string, now: Date): Promise<void> {
  await executor(table).insert({
    ...split(key),
    applied: dialect.bind(executor, applied, timestampOf(now)),
  });
}

export async function recordUnapplied(executor: Executor, key: string): Promise<void> {
  await executor(table).where(split(key)).delete();
}
