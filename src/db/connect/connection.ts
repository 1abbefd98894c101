import type { Knex } from 'knex';
import type { Registry } from '../../registry/types.js';
import type { Dialect } from '../dialect/dialect.js';

/** What runs queries: a Knex instance, or a transaction of one. Functions take it first, and pass it on. */
export type Executor = Knex;

/** What functions that read and write rows need of a {@link Connection}. */
export type DbContext = Pick<Connection, 'db' | 'dialect' | 'registry'>;

/** What transactions tell the run that they are part of, and what they ask of it. */
export interface InterruptibleRun {
  /** Aborted when the run is to end: what is not yet being committed then is rolled back. */
  readonly signal: AbortSignal;
  /** Called when a COMMIT is sent, and when it has come back: from then on the work is done, whatever interrupts it. */
  readonly onCommit?: (step: 'sent' | 'failed' | 'done') => void;
}

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
