import { createRequire } from 'node:module';
import type { Knex, knex } from 'knex';
import type MysqlClient from 'knex/lib/dialects/mysql2/index.js';
import type PostgresClient from 'knex/lib/dialects/postgres/index.js';
import type Sqlite3Client from 'knex/lib/dialects/sqlite3/index.js';
import type executioner from 'knex/lib/execution/internal/query-executioner.js';
import type makeKnex from 'knex/lib/knex-builder/make-knex.js';

/** The build puts a file with these modules in its place. */
const load = createRequire(import.meta.url);

/**
 * The modules of Knex, each loaded when it is first asked for: that takes as long as all else that a command does which reads a
 * few rows and builds no query.
 */
export const knexModules = {
  makeInstance: (config: Knex.Config): Knex => (load('knex') as typeof knex)(config),
  bind: (client: InstanceType<typeof knex.Client>): Knex =>
    (load('knex/lib/knex-builder/make-knex.js') as typeof makeKnex)(client),
  get executioner() {
    return load('knex/lib/execution/internal/query-executioner.js') as typeof executioner;
  },
  get sqliteClient() {
    return load('knex/lib/dialects/sqlite3/index.js') as typeof Sqlite3Client;
  },
  get postgresClient() {
    return load('knex/lib/dialects/postgres/index.js') as typeof PostgresClient;
  },
  get mariadbClient() {
    return load('knex/lib/dialects/mysql2/index.js') as typeof MysqlClient;
  },
};
