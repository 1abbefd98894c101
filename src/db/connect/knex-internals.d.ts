declare module 'knex/lib/dialects/sqlite3/index.js' {
  import { knex } from 'knex';

  export default class Client extends knex.Client {
    _query(connection: unknown, query: unknown): Promise<unknown>;
    destroyRawConnection(connection: unknown): Promise<void>;
  }
}

declare module 'knex/lib/dialects/postgres/index.js' {
  import { knex } from 'knex';

  export default class Client extends knex.Client {
    _query(connection: unknown, query: unknown): Promise<unknown>;
  }
}

declare module 'knex/lib/dialects/mysql2/index.js' {
  import { knex } from 'knex';

  export default class Client extends knex.Client {
    _query(connection: unknown, query: unknown): Promise<unknown>;
    destroyRawConnection(connection: unknown): Promise<void>;
  }
}

declare module 'knex/lib/knex-builder/make-knex.js' {
  import type { Knex, knex } from 'knex';

  export default function makeKnex(client: knex.Client): Knex;
}

declare module 'knex/lib/execution/internal/query-executioner.js' {
  import type { knex } from 'knex';

  const executioner: {
    /** The statement with its values as literals. */
    formatQuery(
      sql: string,
      bindings: readonly unknown[],
      timeZone: string | undefined,
      client: InstanceType<typeof knex.Client>,
    ): string;
  };
  export default executioner;
}
