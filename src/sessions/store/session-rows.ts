import type { DbContext } from '../../db/connect/connection.js';
import { joinPairs } from '../../db/read/pairs.js';
import { type PreparedRead, prepareRead, prepareReadRow } from '../../db/read/prepared.js';
import { repeatableStatement, repeatableTransaction, type Transactable } from '../../db/transactions/transaction.js';
import { parseMoment, utc } from '../../db/values/moments.js';
import { isUnicode } from '../../db/values/values.js';
import { type Row, selectColumns } from '../../db/write/rows.js';
import { CommandError } from '../../errors.js';
import { storedField } from '../../registry/define.js';
import type { Field, Model } from '../../registry/types.js';
import { remembered } from '../../remembered.js';
import { sessionTable } from './table.js';

/** A row of a session, as it is stored. */
export interface SessionRow {
  /** `session_data`. */
  readonly text: string;
  /** ISO text. */
  readonly expires: string;
}

/** A session's row, with the user who was looked for beside it. */
export interface SessionRowWithUser extends SessionRow {
  /** By the names of the user model's fields; undefined where there is no such user. */
  readonly user: Row | undefined;
}

/** Reads the rows of sessions, by their keys. */
export interface SessionReader {
  /** A session that is still good at `now`. */
  load(key: string, now: Date): Promise<SessionRow | undefined>;
  /** The same, and the user with the key `userKey` in the same query; not where the columns' names do not allow for it. */
  readonly loadWithUser:
    | ((key: string, userKey: string, now: Date) => Promise<SessionRowWithUser | undefined>)
    | undefined;
  /**
   * The same for many at once, by the keys of sessions with those of users; where the engine and the columns' names allow for
   * it. What it resolves with makes a row anew for each who asks.
   */
  readonly loadManyWithUsers:
    | ((asked: ReadonlyMap<string, string>, now: Date) => Promise<ReadonlyMap<string, () => SessionRowWithUser>>)
    | undefined;
}

/** Writes the rows of sessions, by their keys. */
export interface SessionWriter {
  /** Writes a session that is there; false where its row is gone. */
  update(key: string, row: SessionRow): Promise<boolean>;
  /** Makes a session, in one transaction with the end of the one whose place it takes. False where the key is taken. */
  create(key: string, row: SessionRow, instead?: string): Promise<boolean>;
}

const ownKey = 'session_own_key';

/**
 * Reads what is prepared at the first time: for a server, keep it for as long as the connection is open.
 * It is long because its queries differ in what they are asked by alone.
 */
export function createSessionReader(connection: DbContext): SessionReader {
  const { db, dialect, registry } = connection;
  const { model, key: keyField, data, expires } = sessionTable(registry);
  const { userModel } = registry;
  const { primaryKey } = userModel;
  const columnOf = ({ table }: Model, { column }: Field) => `${table}.${column}`;
  const bindKey = (key: string) => dialect.bind(db, keyField, key);
  const userKeyField = storedField(registry, primaryKey);
  const readSession = prepareReadRow(connection, [data, expires]);

  const query = () =>
    db(model.table)
      .select({ [ownKey]: columnOf(model, keyField) })
      .select(selectColumns(connection, [data, expires], model.table));
  const byKey = (builder: ReturnType<typeof query>) =>
    prepareRead(connection, builder.where(columnOf(model, keyField), bindKey('')));
  const goodRow = (raw: Record<string, unknown> | undefined, key: string, now: Date): SessionRow | undefined => {
    // The database may take keys for the same that are not.
    if (raw === undefined || raw[ownKey] !== key) return undefined;
    const row = readableRow(() => readSession(raw));
    if (row === undefined || !(endOf(String(row[expires.name])) > now.getTime())) return undefined;
    return { text: String(row[data.name]), expires: String(row[expires.name]) };
  };

  let select: PreparedRead | undefined;
  let selectWithUser: PreparedRead | undefined;
  let selectMany: PreparedRead | undefined;
  let readUser: ((raw: Record<string, unknown>) => Row) | undefined;
  const names = [ownKey, data.column, expires.column];
  const { pairs } = dialect;
  const withUser = (row: SessionRow, raw: Record<string, unknown>): SessionRowWithUser => {
    readUser ??= prepareReadRow(connection, userModel.fields);
    return { ...row, user: raw[primaryKey.column] === null ? undefined : readUser(raw) };
  };
  const fits = !userModel.fields.some(({ column }) => names.includes(column));
  return {
    async load(key, now) {
      if (!mayBeKey(key)) return undefined;
      select ??= byKey(query());
      const [raw] = await select([bindKey(key)]);
      return goodRow(raw, key, now);
    },
    loadWithUser: fits
      ? async (key, userKey, now) => {
          if (!mayBeKey(key)) return undefined;
          const userValue = dialect.bind(db, userKeyField, userKey);
          selectWithUser ??= byKey(
            query()
              .select(selectColumns(connection, userModel.fields, userModel.table))
              .leftJoin(userModel.table, (join) => join.onVal(columnOf(userModel, primaryKey), userValue as never)),
          );
          const [raw] = await selectWithUser([userValue, bindKey(key)]);
          const row = goodRow(raw, key, now);
          return raw && row && withUser(row, raw);
        }
      : undefined,
    loadManyWithUsers:
      fits && pairs !== undefined
        ? async (asked, now) => {
            selectMany ??= prepareRead(
              connection,
              joinPairs(
                query().select(selectColumns(connection, userModel.fields, userModel.table)),
                pairs,
                columnOf(model, keyField),
                { table: userModel.table, column: primaryKey.column, field: userKeyField },
              ),
            );
            const list = [...asked].filter(([key]) => mayBeKey(key));
            const bound = list.map(([key, user]) => [key, String(dialect.bind(db, userKeyField, user))] as const);
            const found = new Map<string, () => SessionRowWithUser>();
            for (const raw of await selectMany(pairs.bind(bound))) {
              const key = String(raw[ownKey]);
              const row = asked.has(key) ? goodRow(raw, key, now) : undefined;
              if (row !== undefined) found.set(key, () => withUser(row, raw));
            }
            return found;
          }
        : undefined,
  };
}

export function createSessionWriter(connection: DbContext & Transactable): SessionWriter {
  const { db, dialect, registry } = connection;
  const { model, key: keyField, data, expires } = sessionTable(registry);
  const bindKey = (key: string) => dialect.bind(db, keyField, key);
  const values = (row: SessionRow) => ({
    [data.column]: dialect.bind(db, data, row.text),
    [expires.column]: dialect.bind(db, expires, row.expires),
  });
  return {
    async update(key, row) {
      const changed = await repeatableStatement(connection, async () =>
        db(model.table).where(keyField.column, bindKey(key)).update(values(row)),
      );
      return changed > 0;
    },
    async create(key, row, instead) {
      try {
        await repeatableTransaction(connection, async (bound) => {
          await bound.db(model.table).insert({ [keyField.column]: bindKey(key), ...values(row) });
          if (instead !== undefined) await bound.db(model.table).where(keyField.column, bindKey(instead)).del();
        });
        return true;
      } catch (error) {
        if (dialect.isUniqueViolation(error)) return false;
        throw error;
      }
    },
  };
}

/** Django looks for no shorter ones, and no database for these (Django 5.2 contrib/sessions/backends/base.py). */
export const mayBeKey = (text: string): boolean =>
  /^[a-z0-9]{32}$/.test(text) || ([...text].length >= 8 && isUnicode(text) && !text.includes('\0'));

/** Milliseconds since 1970, with a fraction. */
const endOf = remembered((text) => {
  const moment = parseMoment(text, utc);
  return moment === undefined ? Number.NaN : moment.seconds * 1000 + moment.microseconds / 1000;
});

/** Undefined for a row that holds what its fields cannot mean: SQLite keeps anything in any column. */
function readableRow(read: () => Row): Row | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof CommandError && error.code === 'bad_value') return undefined;
    throw error;
  }
}
