import type { Knex } from 'knex';
import MysqlClient from 'knex/lib/dialects/mysql2/index.js';
import type { Connection as RawConnection } from 'mysql2';
import type { KnexClientClass } from '../../connect/client.js';
import { withValues } from './sql-text.js';

/** What Knex asks its client to run, as far as it matters here. */
interface Query {
  readonly sql: string;
  readonly bindings?: readonly Knex.Value[];
  /** Of the driver: `rowsAsArray`. */
  readonly options?: object;
  response?: unknown;
}

/** Knex's client for MariaDB and MySQL, over connections that `open` makes. */
export function mariadbClient(open: () => Promise<RawConnection>): KnexClientClass {
  return class ManagedMariadbClient extends MysqlClient {
    // It is loaded when the first connection is made.
    _driver(): unknown {
      return {};
    }

    override acquireRawConnection(): Promise<RawConnection> {
      return open();
    }

    override async destroyRawConnection(connection: RawConnection): Promise<void> {
      await endConnection(connection);
    }

    override _query(connection: RawConnection, query: Query): Promise<Query> {
      return new Promise((resolve, reject) => {
        connection.query(
          { ...query.options, sql: withValues(query.sql, query.bindings ?? []) },
          (error, rows, fields) => {
            if (error) return reject(error);
            query.response = [rows, fields];
            resolve(query);
          },
        );
      });
    }
  };
}

/** Ends a connection; one that is broken is only let go of. */
export function endConnection(connection: RawConnection): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      connection.destroy();
      resolve();
    };
    const timer = setTimeout(done, 1000);
    connection.end(() => {
      clearTimeout(timer);
      done();
    });
  });
}
