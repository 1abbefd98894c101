import type { Context } from '../../../command.js';
import { isGenerated } from '../../../registry/field-types.js';
import { modelsOf } from '../../../registry/models-of.js';
import type { Model } from '../../../registry/types.js';
import type { SqlPart } from '../../../schema/app-sql.js';
import { database } from '../options.js';

/** Apps whose SQL is printed. */
export const appLabels = {
  app: { variadic: true, required: true, describe: 'An app or a model: auth, auth.User.' },
} as const;

/** What the commands take that print what makes the tables of apps. */
export const createSqlOptions = { json: false, positionals: appLabels, options: database } as const;

/** Prints this part of what makes the tables of apps. */
export async function printCreateSql(
  { connect, terminal }: Context,
  { app, database: alias }: { readonly app: readonly string[]; readonly database: string },
  part: SqlPart,
): Promise<undefined> {
  const { createSql } = await import('../../../schema/app-sql.js');
  const { transactionText } = await import('../../../db/dialect/sql-text.js');
  const connection = await connect(alias);
  await terminal.write(transactionText(connection.dialect, await createSql(connection, app, part)));
  const left = part === 'indexes' ? [] : modelsOf(connection.registry, app).flatMap(valuesOfDatabase);
  if (left.length > 0) {
    terminal.warn(`The statements say nothing of values that the database itself makes: ${left.join(', ')}.`);
  }
}

/** Columns that are computed or have a default in the database, neither of which Django's models have. */
const valuesOfDatabase = ({ table, fields, computed, managed }: Model): string[] =>
  managed
    ? [
        ...computed.map((name) => `${table}.${name} (generated)`),
        ...fields
          .filter(({ dbDefault, type }) => dbDefault && !isGenerated(type))
          .map(({ column }) => `${table}.${column} (default)`),
      ]
    : [];
