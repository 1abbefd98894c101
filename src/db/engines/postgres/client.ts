import type pg from 'pg';
import type { KnexClientClass } from '../../connect/client.js';
import { knexModules } from '../../connect/knex.js';
import { withPlaces } from '../../dialect/sql-as-is.js';
import { copyQueryOf, runCopyQuery } from './copy.js';
import { copyOut, wantsBytes, withLiterals } from './copy-out.js';

interface PostgresQuery {
  readonly sql: string;
  readonly bindings?: readonly unknown[];
}

/**
 * Knex's client for PostgreSQL. With `setup` (`SET LOCAL …`) each query outside of a transaction gets one of its own
 * that begins with it: what a session has been told is lost behind a pooler.
 */
export function postgresClient(open: () => Promise<pg.Client>, setup: string | undefined): KnexClientClass {
  class ManagedPostgresClient extends knexModules.postgresClient {
    declare readonly transacting?: boolean;

    override acquireRawConnection(): Promise<pg.Client> {
      return open();
    }

    override positionBindings(sql: string): string {
      let at = 0;
      return withPlaces(sql, () => `$${++at}`);
    }

    override async query(connection: pg.Client, query: PostgresQuery): Promise<unknown> {
      if (!wantsBytes(query)) return super.query(connection, query);
      return this._query(connection, Object.assign(query, { sql: withLiterals(query), bindings: [] }));
    }

    override async _query(connection: pg.Client, query: PostgresQuery): Promise<unknown> {
      const copyQuery = copyQueryOf(query);
      if (copyQuery !== undefined) {
        await runCopyQuery(connection, query.sql, copyQuery);
        return query;
      }
      const send = async () => {
        if (!wantsBytes(query)) return super._query(connection, query);
        return Object.assign(query, { response: { command: 'SELECT', rows: await copyOut(connection, query.sql) } });
      };
      if (setup === undefined || this.transacting) return send();
      await connection.query(`BEGIN; ${setup}`);
      try {
        const result = await send();
        await connection.query('COMMIT');
        return result;
      } catch (error) {
        await connection
          .query('ROLLBACK')
          .catch(() => Object.assign(connection, { __knex__disposed: 'its transaction could not be ended' }));
        throw error;
      }
    }
  }
  return ManagedPostgresClient;
}
