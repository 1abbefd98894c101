import { AsyncLocalStorage } from 'node:async_hooks';
import type { Knex, knex } from 'knex';
import makeKnex from 'knex/lib/knex-builder/make-knex.js';
import type { CommandError } from '../errors.js';

type KnexClient = InstanceType<typeof knex.Client>;
type KnexClientClass = typeof knex.Client;

/** Knex says what it has to say through exceptions; nothing that it logs is meant for the person at the terminal. */
const silent = { debug() {}, warn() {}, error() {}, deprecate() {} };

/** Settings of every Knex instance here. Without `compileSqlOnError: false` its errors would show the bound values. */
export const knexSettings = {
  useNullAsDefault: true,
  compileSqlOnError: false,
  log: silent,
} as const;

/** Which transaction the running code is inside of, for each database that is open. */
const transactionOf = new WeakMap<object, AsyncLocalStorage<true>>();

/**
 * A Knex client class whose errors are those of this program: what `explain` knows is thrown as its CommandError, with
 * the driver's error as the cause, and no error carries row contents. Queries that go round the transaction which they
 * are made in fail at once: with one connection they would wait for themselves, with more they would not see its work.
 */
export function guardedClient(
  Base: KnexClientClass,
  explain: (error: unknown) => CommandError | undefined,
): KnexClientClass {
  const scope = new AsyncLocalStorage<true>();
  class GuardedClient extends Base {
    override async query(connection: unknown, query: unknown): Promise<unknown> {
      try {
        return await super.query(connection, query);
      } catch (error) {
        throw explain(error) ?? withoutContents(error);
      }
    }

    override async acquireConnection(): Promise<unknown> {
      if (scope.getStore()) {
        throw new Error('A query was made outside of the transaction that is open around it: pass the executor on.');
      }
      try {
        return await super.acquireConnection();
      } catch (error) {
        throw explain(error) ?? error;
      }
    }

    // Neither SQLite driver nor Knex takes a BigInt for what it is; a column's affinity makes the text a number.
    override prepBindings(bindings: unknown): unknown {
      return Array.isArray(bindings)
        ? bindings.map((value) => (typeof value === 'bigint' ? `${value}` : value))
        : bindings;
    }
  }
  transactionOf.set(GuardedClient.prototype, scope);
  return GuardedClient;
}

/** PostgreSQL shows the whole row, with its password hash, where a NOT NULL or CHECK constraint fails. */
function withoutContents(error: unknown): unknown {
  if (error instanceof Error && 'detail' in error && String(error.detail).startsWith('Failing row contains')) {
    delete error.detail;
  }
  return error;
}

/**
 * Takes one connection out of the pool and runs `work` with an executor that uses this connection alone. Nested Knex
 * transactions on it are savepoints. `work` may call `discard` for a connection that must not be used again.
 */
export async function withConnection<T>(
  db: Knex,
  work: (executor: Knex, discard: () => void, inside: <R>(run: () => Promise<R>) => Promise<R>) => Promise<T>,
): Promise<T> {
  const client: KnexClient = db.client;
  const connection = await client.acquireConnection();
  let open = true;
  const bound: KnexClient = Object.create(Object.getPrototypeOf(client), {
    transacting: { value: true },
    acquireConnection: {
      value: async () => {
        if (!open) throw new Error('A query was made with the executor of a transaction that has ended.');
        return connection;
      },
    },
    releaseConnection: { value: async () => {} },
  });
  Object.assign(bound, {
    config: client.config,
    driver: client.driver,
    version: client.version,
    logger: client.logger,
    connectionSettings: client.connectionSettings,
    valueForUndefined: client.valueForUndefined,
  });
  const scope = transactionOf.get(Object.getPrototypeOf(client));
  try {
    return await work(
      makeKnex(bound),
      () => Object.assign(connection, { __knex__disposed: 'its transaction could not be ended' }),
      (run) => (scope === undefined ? run() : scope.run(true, run)),
    );
  } finally {
    open = false;
    await client.releaseConnection(connection);
  }
}
