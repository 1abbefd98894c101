import type { Executor } from '../connection.js';
import type { Introspection } from '../introspection.js';

/** Placeholder until introspection is written. */
export async function introspect(
  _executor: Executor,
  _options?: { readonly tables?: readonly string[] },
): Promise<Introspection> {
  throw new Error('Introspection is not written yet.');
}

export async function tableNames(executor: Executor): Promise<string[]> {
  const { rows } = await executor.raw<{ rows: { relname: string }[] }>(
    `SELECT c.relname FROM pg_catalog.pg_class c
     WHERE c.relkind IN ('r', 'p') AND pg_catalog.pg_table_is_visible(c.oid)
       AND c.relnamespace NOT IN (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname IN ('pg_catalog', 'information_schema'))
     ORDER BY c.relname`,
  );
  return rows.map(({ relname }) => relname);
}
