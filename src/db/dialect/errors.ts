import type { CommandError } from '../../errors.js';

/** What errors of the driver mean. */
export interface ErrorDialect {
  /** The sentence for an error of the driver that a person can act on; undefined for all others. */
  explain(error: unknown): CommandError | undefined;
  /** Whether the engine ended the transaction for the sake of another one: all of it may be tried again. */
  isConflict(error: unknown): boolean;
  /** Whether the error says that a lock of another transaction was waited for in vain, where another attempt may get it. */
  isLockTimeout?(error: unknown): boolean;
  /** Whether the error says that a unique constraint was broken. */
  isUniqueViolation(error: unknown): boolean;
}
