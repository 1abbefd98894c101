import type { Knex } from 'knex';
import type { CommandError } from '../../errors.js';
import type { Names } from './names.js';

export type PlainRows = readonly Record<string, unknown>[];

/** What a database can be asked without Knex. */
export interface PlainAccess {
  /** Runs a statement without values as it stands, on the connection that Knex gets first. */
  query(sql: string): Promise<PlainRows>;
  /** Closes that connection, where Knex has not got it. */
  close(): Promise<void>;
  readonly names: Names;
  explain(error: unknown): CommandError | undefined;
}

interface Late extends PlainAccess {
  made?: Knex;
  closed: boolean;
}

const late = new WeakMap<object, Late>();

/** A Knex that is made when something is first asked of it: see `plainRows` for what can be asked before. */
export function lateKnex(make: () => Knex, access: PlainAccess): Knex {
  const state: Late = { ...access, closed: false };
  const real = (): Knex => {
    state.made ??= make();
    if (state.closed) Object.assign(state.made.client.guard, { closed: true });
    return state.made;
  };
  // Arrow functions have no properties that a Proxy must show as they are.
  const db = new Proxy((() => undefined) as unknown as Knex, {
    apply: (_, self, args) => Reflect.apply(real() as (...given: unknown[]) => unknown, self, args),
    get: (_, key) => Reflect.get(real(), key),
    set: (_, key, value) => Reflect.set(real(), key, value),
    has: (_, key) => Reflect.has(real(), key),
  });
  late.set(db, state);
  return db;
}

/** What stands in for a Knex that is not yet made; undefined for one that is. */
export function lateAccess(db: Knex): Late | undefined {
  const state = late.get(db);
  return state?.made === undefined ? state : undefined;
}

/** Closes the connection that was asked without Knex where Knex, though made since, has not got it. */
export async function closeUntaken(db: Knex): Promise<void> {
  await late.get(db)?.close();
}
