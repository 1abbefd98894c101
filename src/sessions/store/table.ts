import type { Knex } from 'knex';
import type { Connection, DbContext, Executor } from '../../db/connect/connection.js';
import type { PackedColumn } from '../../db/dialect/dialect.js';
import { valueNamed } from '../../db/read/expressions.js';
import { timestampOf } from '../../db/values/moments.js';
import { CommandError } from '../../errors.js';
import { findField, findModel } from '../../registry/define.js';
import type { Field, Model, Registry } from '../../registry/types.js';

/** The table that sessions are kept in, with its three fields. */
export interface SessionTable {
  readonly model: Model;
  readonly key: Field;
  readonly data: Field;
  readonly expires: Field;
}

/** @throws CommandError where the registry has no sessions. */
export function sessionTable(registry: Registry): SessionTable {
  const model = findModel(registry, 'sessions.session');
  const [key, data, expires] = ['session_key', 'session_data', 'expire_date'].map(
    (name) => model && findField(model, name),
  );
  if (model === undefined || key === undefined || data === undefined || expires === undefined) {
    throw new CommandError('The model sessions.session is not among the apps of this project.', {
      code: 'bad_registry',
      hint: 'Sessions are kept in the database only with the app `sessions`.',
    });
  }
  return { model, key, data, expires };
}

/** The condition of being over at `now`: what Django's clearsessions deletes, which is a shade less than what it refuses. */
export function expiredBefore({ dialect, registry }: DbContext, now: Date): (executor: Executor) => Knex.Raw {
  const { expires } = sessionTable(registry);
  return (executor) => dialect.compareMoments(executor, expires, expires.column, '<', timestampOf(now));
}

/** An expression that says whether a session is still good at `now` (Django 5.2 contrib/sessions/backends/db.py). */
export function aliveAt({ dialect, registry }: DbContext, executor: Executor, now: Date): Knex.Raw {
  const { expires } = sessionTable(registry);
  return dialect.compareMoments(executor, expires, expires.column, '>', timestampOf(now));
}

/** A row of the table as the database gave it. */
export interface SessionRow {
  readonly key: string;
  readonly text: string;
  /** Whether it is still good; undefined where the database holds no moment for its end. */
  readonly alive: boolean | undefined;
  /** When it ends, as ISO text; worked out when it is asked for. Undefined for what is no moment of the years 1 to 9999. */
  readonly expires: () => string | undefined;
}

/** How sessions are read at the moment `now`: the query for all of them, and what its rows, as they are packed, mean. */
export interface SessionRows {
  query(executor: Executor): Knex.QueryBuilder;
  readonly columns: readonly PackedColumn[];
  row(packed: readonly unknown[]): SessionRow;
}

export function sessionRows(connection: DbContext, now: Date): SessionRows {
  const { dialect, registry } = connection;
  const { model, key, data, expires } = sessionTable(registry);
  const fields = [key, data, expires];
  return {
    query: (executor) =>
      executor(model.table)
        .select(fields.map((field) => dialect.selectColumn(executor, field, field.column)))
        .select(valueNamed(executor, aliveAt(connection, executor, now), aliveColumn)),
    columns: [
      ...fields.map((field) => ({ name: field.column, field })),
      { name: aliveColumn, field: { ...expires, type: 'BooleanField' } },
    ],
    row: ([rowKey, text, end, alive]) => ({
      key: String(rowKey),
      text: String(text),
      alive: alive === null || alive === undefined ? undefined : Boolean(alive),
      expires: () => readableEnd(dialect, expires, end),
    }),
  };
}

/** A column of SQLite may hold anything, and PostgreSQL has more moments than Django: none of that may stop a run over all. */
function readableEnd(dialect: Connection['dialect'], field: Field, end: unknown): string | undefined {
  try {
    const value = dialect.read(field, end);
    return value === null ? undefined : String(value);
  } catch {
    return undefined;
  }
}

const aliveColumn = 'session_is_alive';
