import type { Registry } from '../../registry/types.js';
import type { Dialect } from '../dialect/dialect.js';
import type { Executor, InterruptibleRun } from './executor.js';

export type { Executor, InterruptibleRun } from './executor.js';

/** What functions that read and write rows need of a {@link Connection}. */
export type DbContext = Pick<Connection, 'db' | 'dialect' | 'registry'>;

/**
 * An open database, or one that is bound to a transaction: see `transaction`. Every function takes either; on a bound one, what
 * it does is a part of that transaction.
 */
export interface Connection {
  readonly alias: string;
  readonly db: Executor;
  readonly dialect: Dialect;
  /** The models in force for this database. */
  readonly registry: Registry;
  /** What a person is told about where it is, without user or password: `/srv/db.sqlite3`, `auth on localhost:5432`. */
  readonly target: string;
  readonly protected: boolean;
  /** The run that it is opened for, where something may interrupt that. */
  readonly run?: InterruptibleRun;
  /** Rolls back what is open and gives the connection back. May be called twice. */
  close(): Promise<void>;
}
