import type { Knex } from 'knex';
import type { Dialect } from '../dialect/dialect.js';

/** What an engine's folder makes of a target. */
export interface OpenDatabase {
  readonly db: Knex;
  readonly dialect: Dialect;
  /** What a person is told about where it is: of several servers the one that was reached last. */
  readonly description: string;
  /** Ends the queries that are running. */
  interrupt(): void;
}
