import type { Knex } from 'knex';

/**
 * `write` (default) takes the write lock at once where the engine has one; `snapshot` reads one state throughout, and
 * nothing can be written; `schema` is a `write` in which tables may be made anew: where the engine would follow the
 * references to a table that is dropped, they are not enforced, but compared with what they were before the commit.
 */
export type TransactionMode = 'write' | 'snapshot' | 'schema';

/** A transaction, or a savepoint inside of one. */
export interface Scope {
  readonly mode: TransactionMode;
  readonly parent: Scope | undefined;
  /** Runs queries in it, as long as it and those around it are open. */
  readonly executor: Knex;
  open: boolean;
  /** Resolves when no savepoint is open in it: two that are started at once go one after the other. */
  free: Promise<unknown>;
  /** Runs `work` inside of it: queries that go round it fail at once then. */
  run<T>(work: () => Promise<T>): Promise<T>;
  /** Makes one inside of it. */
  nest(): Scope;
}

/** The scope itself, or the innermost one around it that is open, with all that are around that. */
export function openScope(scope: Scope | undefined): Scope | undefined {
  let found: Scope | undefined;
  for (let each = scope; each !== undefined; each = each.parent) found = each.open ? (found ?? each) : undefined;
  return found;
}

/** Whether `scope` is `other`, or inside of it. */
export function isWithin(scope: Scope, other: Scope): boolean {
  for (let each: Scope | undefined = scope; each !== undefined; each = each.parent) if (each === other) return true;
  return false;
}
