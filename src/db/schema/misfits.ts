import { CommandError } from '../../errors.js';
import type { DbContext } from '../connect/connection.js';
import { constraintFailed, typeMismatch } from '../dialect/error-text.js';
import { compareTable, type Difference } from './compare.js';
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
    const differences = compareTable(await dialect.describe(table), there.get(table.name));
    sentences.push(...typeSentences(table.name, differences));
    if (!/^\s*insert\b/i.test(refusal.statement)) continue;
    for (const { kind, ...difference } of differences) {
      if (kind !== 'generated' || !('column' in difference)) continue;
      sentences.push(
        `The column '${difference.column}' of '${table.name}' has no sequence or identity to make keys with.`,
      );
    }
  }
  if (sentences.length === 0) return undefined;
  return new CommandError(sentences.join(' '), {
    code: refusal.code,
    hint: 'Change the columns, or what the models say of them.',
    cause: error,
  });
}

/** One sentence for all columns that have one type and should have another. */
function typeSentences(table: string, differences: readonly Difference[]): string[] {
  const columns = new Map<string, string[]>();
  for (const difference of differences) {
    if (difference.kind !== 'type') continue;
    const rest = `${difference.actual}, and should be ${difference.expected}.`;
    columns.set(rest, [...(columns.get(rest) ?? []), `'${difference.column}'`]);
  }
  return [...columns].map(([rest, names]) =>
    names.length === 1
      ? `The column ${names[0]} of '${table}' is ${rest}`
      : `The columns ${names.slice(0, -1).join(', ')} and ${names.at(-1)} of '${table}' are ${rest}`,
  );
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
