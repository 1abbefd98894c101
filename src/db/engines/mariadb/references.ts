import type { Executor } from '../../connect/connection.js';
import { BrokenReference, type DanglingValue } from '../../dialect/broken-reference.js';
import { rowsOf } from './rows-of.js';
import { quote } from './sql-text.js';

interface Reference {
  readonly table: string;
  readonly column: string;
  readonly target: string;
  readonly targetColumn: string;
}

interface Dangling extends DanglingValue {
  readonly target: string;
}

/** Rows of a reference that are looked at to say which value is wrong. */
const MOST_SHOWN = 1000;

/**
 * See `Dialect.watchReferences`. The server checks none while a session has its checks off, and none afterwards: each is
 * looked up here (Django 5.2 db/backends/mysql/base.py, `check_constraints`).
 */
export async function watchReferences(executor: Executor): Promise<() => Promise<void>> {
  const references = await rowsOf<Reference>(
    executor,
    `SELECT TABLE_NAME AS \`table\`, MAX(COLUMN_NAME) AS \`column\`, MAX(REFERENCED_TABLE_NAME) AS target,
       MAX(REFERENCED_COLUMN_NAME) AS targetColumn
     FROM information_schema.KEY_COLUMN_USAGE
     WHERE TABLE_SCHEMA = DATABASE() AND REFERENCED_TABLE_SCHEMA = DATABASE()
     GROUP BY TABLE_NAME, CONSTRAINT_NAME HAVING COUNT(*) = 1 ORDER BY 1, 2`,
  );
  const before = new Set((await findDangling(executor, references)).map(keyOf));
  return async () => {
    const found = (await findDangling(executor, references)).filter((each) => !before.has(keyOf(each)));
    const [first] = found;
    if (first === undefined) return;
    const more = found.length > 1 ? ` (and ${found.length - 1} more)` : '';
    throw new BrokenReference(
      `A row of '${first.table}' refers with '${first.column}' to the row ${first.value} of '${first.target}', which does not exist${more}.`,
      found,
      { hint: 'Add the missing row, or change or delete the one that refers to it.' },
    );
  };
}

/** See `Dialect.deferReferences`. */
export async function deferReferences<T>(executor: Executor, work: () => Promise<T>): Promise<T> {
  const check = await watchReferences(executor);
  await executor.raw('SET SESSION foreign_key_checks = 0');
  try {
    const result = await work();
    await check();
    return result;
  } finally {
    // Where the server is gone, the session is.
    await executor.raw('SET SESSION foreign_key_checks = 1').catch(() => undefined);
  }
}

const keyOf = ({ table, column, value }: DanglingValue) => JSON.stringify([table, column, value]);

async function findDangling(executor: Executor, references: readonly Reference[]): Promise<Dangling[]> {
  const found: Dangling[] = [];
  for (const { table, column, target, targetColumn } of references) {
    const [own, key] = [`c.${quote(column)}`, `p.${quote(targetColumn)}`];
    const rows = await rowsOf<{ value: string | number }>(
      executor,
      `SELECT DISTINCT ${own} AS value FROM ${quote(table)} c LEFT JOIN ${quote(target)} p ON ${own} = ${key}
       WHERE ${own} IS NOT NULL AND ${key} IS NULL LIMIT ${MOST_SHOWN}`.replaceAll('?', '\\?'),
    );
    found.push(...rows.map(({ value }) => ({ table, column, target, value: String(value) })));
  }
  return found;
}
