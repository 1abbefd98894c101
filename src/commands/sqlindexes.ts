import { defineCommand } from '../command.js';
import { createSqlOptions, printCreateSql } from './shared/schema/sql.js';

export default defineCommand({
  describe: 'Print the CREATE INDEX statements of apps.',
  ...createSqlOptions,
  run: (context, args) => printCreateSql(context, args, 'indexes'),
});
