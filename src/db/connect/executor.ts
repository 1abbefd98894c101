import type { Knex } from 'knex';

/** What runs queries: a Knex instance, or a transaction of one. Functions take it first, and pass it on. */
export type Executor = Knex;

/** What transactions tell the run that they are part of, and what they ask of it. */
export interface InterruptibleRun {
  /** Aborted when the run is to end: what is not yet being committed then is rolled back. */
  readonly signal: AbortSignal;
  /** Called when a COMMIT is sent, and when it has come back: from then on the work is done, whatever interrupts it. */
  readonly onCommit?: (step: 'sent' | 'failed' | 'done') => void;
  /** Called with a sentence when work waits for a server that is away, and when that answers again. */
  readonly onOutage?: (sentence: string) => void;
}
