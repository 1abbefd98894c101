declare module 'knex/lib/dialects/sqlite3/index.js' {
  import { knex } from 'knex';

  export default class Client extends knex.Client {
    _query(connection: unknown, query: unknown): Promise<unknown>;
  }
}

declare module 'knex/lib/dialects/postgres/index.js' {
  import { knex } from 'knex';

  export default class Client extends knex.Client {
    _query(connection: unknown, query: unknown): Promise<unknown>;
  }
}

declare module 'knex/lib/knex-builder/make-knex.js' {
  import type { Knex, knex } from 'knex';

  export default function makeKnex(client: knex.Client): Knex;
}
