import { defineCommand } from '../command.js';
import { database } from './shared/options.js';

export default defineCommand({
  describe: 'Print definitions of apps and models for the tables of a database.',
  positionals: { table: { variadic: true, describe: "Tables; by default all but Django's own." } },
  options: {
    ...database,
    includePartitions: { type: 'boolean', describe: 'Include partitions of tables (PostgreSQL).' },
    includeViews: { type: 'boolean', describe: 'Include views.' },
  },
  examples: [
    ['manage inspectdb > shop.ts', 'Write a module that manage.config.ts can import.'],
    ['manage inspectdb shop_order', 'Show the model of one table.'],
  ],
  async run(
    { connect, terminal },
    { table: tables, database: alias, includeViews: views, includePartitions: partitions },
  ) {
    const { appSource, inspectDatabase } = await import('../schema/inspect.js');
    const inspected = await inspectDatabase(await connect(alias), { tables, views, partitions });
    await terminal.write(appSource(inspected));
    return { json: inspected };
  },
});
