import type { Values } from './site.js';

/** A row of a table. */
export type HeldRow = readonly [table: string, values: Values];

/** What tests know of an app: one file beside this one for each folder in src/apps. */
export interface AppFacts {
  /** Rows that are there once, those that others refer to first. */
  readonly shared?: readonly HeldRow[];
  /** Rows that a user holds. Texts that begin with `secret` are secrets, and nothing else does. */
  readonly held?: (user: number) => readonly HeldRow[];
  /** What `credentials` shows of alice's: kinds and states. */
  readonly credentials?: readonly string[];
  /** How many of those `offboard` ends, by kind: without more options, and on request. */
  readonly ended?: readonly string[];
  /** What is still in force then. */
  readonly stays?: readonly string[];
  /** Rows that `prune` deletes, by its part and their table. */
  readonly pruned?: Readonly<Record<string, number>>;
}

export const defineFacts = (facts: AppFacts): AppFacts => facts;

/** The key of a session that a user has. */
export const sessionKey = (user: number) => `sessionkeyofuser${user}`.padEnd(32, 'x');
