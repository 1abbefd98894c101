import type { Knex, knex } from 'knex';
import { knexModules } from '../connect/knex.js';

type Client = InstanceType<typeof knex.Client>;

interface Query {
  readonly sql: string;
  readonly bindings?: readonly unknown[];
  readonly method?: string;
  readonly output?: (answer: unknown) => unknown;
}

/** Reads leave no trace in a database. */
const isRead = (sql: string) => /^\s*(?:select|pragma|with|explain|show|values)\b/i.test(sql);

/** An empty answer in the shape that every driver's code expects. */
const emptyAnswer = () => Object.assign([], { rows: [], rowCount: 0 });

/**
 * An executor that speaks the SQL of `db` and runs nothing: what would change the database goes to `record` as text,
 * with the values in it, and every query finds nothing.
 */
export function recordingExecutor(db: Knex, record: (sql: string) => void): Knex {
  const { executioner } = knexModules;
  const client: Client = db.client;
  const Base = client.constructor as typeof knex.Client;

  class RecordingClient extends Base {
    override async acquireConnection(): Promise<unknown> {
      return { __knexUid: 'recording' };
    }

    override async releaseConnection(): Promise<void> {}

    override async query(_connection: unknown, given: Query | string): Promise<unknown> {
      const query: Query = typeof given === 'string' ? { sql: given } : given;
      if (!isRead(query.sql)) record(executioner.formatQuery(query.sql, query.bindings ?? [], undefined, client));
      return query;
    }

    // Not in Knex's types: what a query resolves with.
    processResponse({ method, output }: Query): unknown {
      if (output !== undefined) return output(emptyAnswer());
      if (method === 'first') return undefined;
      return method === 'update' || method === 'del' || method === 'counter' ? 0 : emptyAnswer();
    }
  }

  const bound: Client = Object.create(RecordingClient.prototype, { transacting: { value: true } });
  Object.assign(bound, {
    config: client.config,
    driver: client.driver,
    version: client.version,
    logger: client.logger,
    connectionSettings: client.connectionSettings,
    valueForUndefined: client.valueForUndefined,
  });
  return knexModules.bind(bound);
}
