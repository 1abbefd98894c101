import { defineCommand } from '../command.js';
import { cascade, emptyLabels } from './shared/emptying.js';
import { database } from './shared/options.js';

export default defineCommand({
  describe: 'Print the SQL statements that empty all tables, or those of some apps, and restart their keys.',
  json: false,
  positionals: emptyLabels,
  options: { ...database, ...cascade },
  examples: [
    ['manage sqlflush | manage dbshell', 'Empty all tables; content types and permissions are not made again.'],
    ['manage sqlflush sessions', 'Show what flush would run for one app.'],
  ],
  async run({ connect, terminal }, { label: labels, database: alias, cascade }) {
    const connection = await connect(alias);
    const { flushSql } = await import('../rows/flush.js');
    const { transactionText } = await import('../db/dialect/sql-text.js');
    const statements = await flushSql(connection, connection.db, { labels, cascade });
    if (statements.length === 0) terminal.note('No tables found.');
    await terminal.write(transactionText(statements));
    return undefined;
  },
});
