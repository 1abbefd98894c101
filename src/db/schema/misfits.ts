import { CommandError } from '../../errors.js';
import type { DbContext } from '../connect/connection.js';
import { constraintFailed, typeMismatch } from '../dialect/error-text.js';
import { compareTable } from './compare.js';
import { tablesOf } from './tables.js';

/**
 * What the database's own columns have to do with an error in which it refuses a value: those of the statement's tables
 * whose type is not that of their field, and keys that nobody makes, as sentences. Undefined where there are none, so that
 * it is the value that is wrong.
 */
export async function explainMisfit(
  error: CommandError,
  { db, dialect, registry }: DbContext,
): Promise<CommandError | undefined> {
  const refusal = refusalIn(error);
  if (refusal === undefined) return undefined;
  const tables = tablesOf(registry).filter(
    ({ name }) => refusal.statement.includes(`"${name}"`) || refusal.statement.includes(`\`${name}\``),
  );
  const { tables: there } = await dialect.introspect(db, { tables: tables.map(({ name }) => name) });
  const sentences: string[] = [];
  for (const table of tables) {
    for (const difference of compareTable(await dialect.describe(table), there.get(table.name))) {
      if (difference.kind === 'type') {
        const { column, expected, actual } = difference;
        sentences.push(`The column '${column}' of '${table.name}' is ${actual}, and should be ${expected}.`);
      } else if (difference.kind === 'generated') {
        const { column } = difference;
        sentences.push(`The column '${column}' of '${table.name}' has no sequence or identity to make keys with.`);
      }
    }
  }
  if (sentences.length === 0) return undefined;
  return new CommandError(sentences.join(' '), {
    code: refusal.code,
    hint: 'Change the columns, or what the models say of them.',
    cause: error,
  });
}

/** The refusal behind an error, and the statement that was refused. */
function refusalIn(error: CommandError): { readonly code: string; readonly statement: string } | undefined {
  for (let each: unknown = error; each instanceof Error; each = each.cause) {
    if (!(each instanceof CommandError) || (each.code !== typeMismatch && each.code !== constraintFailed)) continue;
    const { cause } = each;
    const statement = cause instanceof Error && 'statement' in cause ? cause.statement : undefined;
    return typeof statement === 'string' ? { code: each.code, statement } : undefined;
  }
  return undefined;
}
