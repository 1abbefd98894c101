import type { Faker } from '@faker-js/faker';
import type { Connection } from '../../db/connect/connection.js';
import type { Bulk, BulkColumn } from '../../db/write/bulk.js';
import { storedField } from '../../registry/define.js';
import type { Field } from '../../registry/types.js';
import type { Writes } from './writes.js';

export interface PopulateOptions {
  readonly users: number;
  readonly groups: number;
  readonly sessions: number;
  readonly logEntries: number;
  /**
   * The same seed makes the same data again; the times of sessions are those of the first run as many whole days later as
   * have gone by.
   */
  readonly seed?: number | undefined;
  /** Language of the names, such as `de`. */
  readonly locale?: string;
  /** What the new accounts have; without it nobody can log in with a password. */
  readonly password?: string | undefined;
  readonly hasher?: string | undefined;
  /** Needed for sessions. */
  readonly secretKey?: string | undefined;
  /** Seconds that a session is good for. */
  readonly sessionAge: number;
  readonly now: Date;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

/** How many rows were made. */
export interface Populated {
  readonly users: number;
  readonly groups: number;
  readonly memberships: number;
  readonly permissions: number;
  readonly sessions: number;
  readonly logEntries: number;
}

/** What the seeds of this package work with: one run, inside of its transaction. */
export interface Seeding {
  readonly connection: Connection;
  /** `anchor` is what the times of all but sessions go back from. */
  readonly options: PopulateOptions & { readonly anchor: Date };
  readonly faker: Faker;
  readonly bulk: Bulk;
  readonly writes: Writes;
  /** What the password column of all new accounts holds. */
  readonly password: string;
  /** What was made so far; each seed adds to it. */
  readonly made: { -readonly [K in keyof Populated]: number };
  /** Says how far it is. */
  advance(): void;
}

/** Rows that are made with one statement. */
export const batchSize = 1000;

export const columnOf = ({ registry }: Connection, field: Field): BulkColumn => ({
  name: field.column,
  field: storedField(registry, field),
});
