import type { ErrorDialect } from './errors.js';
import type { HealthDialect } from './health.js';
import type { Identity } from './identity.js';
import type { ReadingDialect } from './reading.js';
import type { SchemaDialect } from './schema.js';
import type { SqlDialect } from './sql.js';
import type { TransactionDialect } from './transactions.js';
import type { ValueDialect } from './values.js';
import type { WritingDialect } from './writing.js';

export type { PackedColumn } from './reading.js';
export type { Value } from './values.js';

/** What differs between database engines, by who uses it. One folder of `db/engines` for each; no name of one outside of it. */
export interface Dialect
  extends Identity,
    ValueDialect,
    ReadingDialect,
    WritingDialect,
    SqlDialect,
    SchemaDialect,
    TransactionDialect,
    ErrorDialect {
  /** Loads what asks after the state of the database. */
  health(): Promise<HealthDialect>;
}
