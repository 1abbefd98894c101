import { defineCommand } from '../command.js';
import { database } from './shared/options.js';
import { appLabels } from './shared/schema/sql.js';

export default defineCommand({
  describe: 'Print the DROP TABLE statements of apps.',
  json: false,
  positionals: appLabels,
  options: database,
  examples: [
    ['manage sqlclear blog | manage dbshell', 'Drop the tables of an app, with everything in them.'],
    [
      'manage sqlall blog | manage dbshell',
      'Create them again, empty; migrate does not, since they are recorded as applied.',
    ],
  ],
  async run({ connect, terminal }, { app: labels, database: alias }) {
    const { dropSql } = await import('../schema/app-sql.js');
    const { transactionText } = await import('../db/dialect/sql-text.js');
    const connection = await connect(alias);
    const statements = await dropSql(connection, connection.db, labels);
    if (statements.length === 0) terminal.note('These apps have no tables in the database. Nothing to do.');
    await terminal.write(transactionText(connection.dialect, statements));
    return undefined;
  },
});
