import type { Knex } from 'knex';
import type { Connection as RawConnection } from 'mysql2';
import type { KnexClientClass } from '../../connect/client.js';
import { knexModules } from '../../connect/knex.js';
import { literal, quoteText, withValues } from './sql-text.js';

/** What Knex asks its client to run, as far as it matters here. */
interface Query {
  readonly sql: string;
  readonly bindings?: readonly Knex.Value[];
  /** Of the driver: `rowsAsArray`. */
  readonly options?: { readonly rowsAsArray?: boolean };
  response?: unknown;
}

/** Knex's client for MariaDB and MySQL, over connections that `open` makes. */
export function mariadbClient(open: () => Promise<RawConnection>): KnexClientClass {
  return class ManagedMariadbClient extends knexModules.mariadbClient {
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

    /** Values in statements that are printed, for sessions of any kind. */
    _escapeBinding(value: Knex.Value | undefined): string {
      return typeof value === 'boolean' ? String(value) : typeof value === 'string' ? quoteText(value) : literal(value);
    }

    override _query(connection: RawConnection, query: Query): Promise<Query> {
      const odd = namesOfObjects.test(query.sql);
      const wantsArrays = query.options?.rowsAsArray === true;
      return new Promise((resolve, reject) => {
        connection.query(
          { ...query.options, ...(odd ? asArrays : {}), sql: withValues(query.sql, query.bindings ?? []) },
          (error, rows, fields) => {
            // The driver puts the statement as it was sent to it, values and all.
            if (error) return reject(Object.assign(error, { sql: query.sql }));
            query.response = [odd && !wantsArrays ? objectsOf(rows, fields) : rows, fields];
            resolve(query);
          },
        );
      });
    }
  };
}

/** Names of columns that the driver refuses, as they mean something to JavaScript: `__proto__`. */
const namesOfObjects = /__(?:proto|(?:define|lookup)[GS]etter)__/;

const asArrays = { rowsAsArray: true, disableEval: true };

/** What the driver would make of rows that it gives as arrays. */
function objectsOf(rows: unknown, fields: readonly { readonly name: string }[] | undefined): unknown {
  if (!Array.isArray(rows) || fields === undefined) return rows;
  return rows.map((row: unknown[]) => Object.fromEntries(fields.map(({ name }, index) => [name, row[index]])));
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
