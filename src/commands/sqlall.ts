import { defineCommand } from '../command.js';
import { database } from './_options.js';
import { appLabels } from './_sql.js';

export default defineCommand({
  describe: 'Print the CREATE TABLE and CREATE INDEX statements of apps.',
  json: false,
  positionals: appLabels,
  options: database,
  async run({ connect, terminal }, { app: labels, database: alias }) {
    const { createSql } = await import('../data/app-sql.js');
    const { transactionText } = await import('../data/sql-text.js');
    const statements = await createSql(await connect(alias), labels, 'all');
    await terminal.write(transactionText(statements));
    return undefined;
  },
});
