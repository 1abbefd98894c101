import type { AuditOptions } from '../../../audit/write.js';

export interface ImportOptions extends AuditOptions {
  /** What to do where the name is taken: an error, leave the account alone, or change what the row says. */
  readonly existing?: 'refuse' | 'keep' | 'update';
  /** Leaves rows out that are wrong, instead of doing nothing at all. */
  readonly skipErrors?: boolean;
  /** Column to field. */
  readonly map?: ReadonlyMap<string, string>;
  /** Groups that every imported user gets, by name. */
  readonly groups?: readonly string[];
  /** Does everything, and then undoes it. */
  readonly dryRun?: boolean;
  readonly hasher?: string | undefined;
  readonly timeZone?: string | undefined;
  readonly signal?: AbortSignal;
  readonly onProgress?: (rows: number) => void;
}

export interface ImportError {
  /** Line of CSV and JSONL, or number of the record. */
  readonly line: number;
  readonly message: string;
}

export interface ImportResult {
  readonly read: number;
  readonly created: number;
  readonly updated: number;
  readonly kept: number;
  readonly skipped: number;
  /** The first thousand. */
  readonly errors: readonly ImportError[];
  /** How many of the accounts that were written have a password of which algorithm; `unusable` for none. */
  readonly algorithms: Readonly<Record<string, number>>;
  /** Columns that meant nothing. */
  readonly ignored: readonly string[];
}
