declare module 'knex/lib/dialects/sqlite3/index.js' {
  import type { knex } from 'knex';

  const Client: typeof knex.Client;
  export default Client;
}

declare module 'knex/lib/dialects/postgres/index.js' {
  import type { knex } from 'knex';

  const Client: typeof knex.Client;
  export default Client;
}

declare module 'knex/lib/knex-builder/make-knex.js' {
  import type { Knex, knex } from 'knex';

  export default function makeKnex(client: knex.Client): Knex;
}
