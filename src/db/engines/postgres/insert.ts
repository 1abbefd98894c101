import type { Knex } from 'knex';
import type { Bulk } from '../../write/bulk.js';
import { prepareCopy } from './copy.js';

/**
 * Inserts new rows, and lets the server check their deferred references at once, while this program makes the next ones,
 * instead of all at the commit. Tables with references to rows that are still to come are left for the commit.
 */
export function createInsert(): Bulk['insert'] {
  const constraints = new Map<string, string>();
  return async (executor, tables, turn) => {
    const filled = tables.filter((each) => ('rows' in each ? each.rows : each.bytes).length > 0);
    const copy = prepareCopy(filled);
    await turn;
    if (filled.length === 0) return;
    for (const { table } of filled) {
      if (!constraints.has(table)) constraints.set(table, await deferredReferences(executor, table));
    }
    const names = filled.map(({ table }) => constraints.get(table) ?? '').filter((list) => list !== '');
    const settled = await copy(executor, names.join(', '));
    if (!settled) for (const { table } of filled) constraints.set(table, '');
  };
}

/** Names of the constraints, separated by commas. */
async function deferredReferences(executor: Knex, table: string): Promise<string> {
  const { rows } = await executor.raw<{ rows: { names: string | null }[] }>(
    `SELECT string_agg(quote_ident(nspname) || '.' || quote_ident(conname), ', ') AS names
     FROM pg_constraint JOIN pg_namespace ON pg_namespace.oid = connamespace
     WHERE conrelid = to_regclass(quote_ident(?)) AND contype = 'f' AND condeferred`,
    [table],
  );
  return rows[0]?.names ?? '';
}
