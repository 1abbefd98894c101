import type { Connection } from '../db/connect/connection.js';
import type { Pool } from '../db/connect/pool.js';
import { prepareRead } from '../db/read/prepared.js';
import { transaction } from '../db/transactions/transaction.js';
import { timestampOf } from '../db/values/moments.js';
import { deleteSession } from '../sessions/store/stored-session.js';
import { aliveAt, sessionTable } from '../sessions/store/table.js';

/** The rows of sessions, as a running site reads and writes them. */
export interface SessionRows {
  /** What `session_data` holds, of a session that is still good. */
  load(key: string, now: Date): Promise<string | undefined>;
  /** Writes a session that is there; false where its row is gone. */
  update(key: string, row: StoredSession): Promise<boolean>;
  /** Makes a session, in one transaction with the end of the one whose place it takes. False where the key is taken. */
  create(key: string, row: StoredSession, instead?: string): Promise<boolean>;
  remove(key: string): Promise<void>;
}

export interface StoredSession {
  readonly text: string;
  /** ISO text. */
  readonly expires: string;
}

export function createSessionRows({ read, write }: Pool): SessionRows {
  const { model, key: keyField, data, expires } = sessionTable(write.registry);
  const { dialect } = write;
  const bindKey = (connection: Connection, key: string) => dialect.bind(connection.db, keyField, key);
  const values = (connection: Connection, row: StoredSession) => ({
    [data.column]: dialect.bind(connection.db, data, row.text),
    [expires.column]: dialect.bind(connection.db, expires, row.expires),
  });
  const sample = bindKey(read, '');
  const select = prepareRead(
    read,
    read
      .db(model.table)
      .select(keyField.column, data.column)
      .where(keyField.column, sample)
      .whereRaw(aliveAt(read, read.db, new Date())),
  );
  return {
    async load(key, now) {
      const [row] = await select([bindKey(read, key), dialect.bind(read.db, expires, timestampOf(now))]);
      // The database may take keys for the same that are not.
      return row === undefined || row[keyField.column] !== key ? undefined : String(row[data.column]);
    },
    async update(key, row) {
      const changed: number = await write
        .db(model.table)
        .where(keyField.column, bindKey(write, key))
        .update(values(write, row));
      return changed > 0;
    },
    async create(key, row, instead) {
      try {
        await transaction(write, async ({ db }) => {
          await db(model.table).insert({ [keyField.column]: bindKey(write, key), ...values(write, row) });
          if (instead !== undefined) await db(model.table).where(keyField.column, bindKey(write, instead)).del();
        });
        return true;
      } catch (error) {
        if (dialect.isUniqueViolation(error)) return false;
        throw error;
      }
    },
    async remove(key) {
      await deleteSession(write, key);
    },
  };
}
