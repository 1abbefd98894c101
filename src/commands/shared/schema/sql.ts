import type { Context } from '../../../command.js';
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
}
