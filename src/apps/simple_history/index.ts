import type { Connection } from '../../db/connect/connection.js';
import { typeOf } from '../../db/introspection/fields.js';
import { isHistory } from '../../db/introspection/names.js';
import { defineApp, extendRegistry } from '../../registry/define.js';
import type { Model } from '../../registry/types.js';
import { type AppTables, defineCredentials, type PruneStep } from '../define.js';
import { daysBefore, step } from '../steps.js';

/** What simple_history calls the tables that it makes for a project's models, unless those say otherwise. */
const historical = /_historical[a-z0-9_]+$/;

/** The tables that have the columns of a history (simple_history/models.py), as models with what is needed of them. */
async function historyModels(connection: Connection): Promise<Model[]> {
  const { db, dialect, registry } = connection;
  const names = (await dialect.tableNames(db)).filter((name) => historical.test(name));
  if (names.length === 0) return [];
  const { tables } = await dialect.introspect(db, { tables: names });
  const models = [...tables.values()].flatMap((table) => {
    const key = table.columns.find(({ name }) => name === 'history_id');
    if (key === undefined || !isHistory(table.columns.map(({ name }) => name))) return [];
    const fields = {
      history_id: { ...typeOf(table, key), primaryKey: true },
      history_date: { type: 'DateTimeField' },
    } as const;
    return [[table.name, { table: table.name, fields }] as const];
  });
  const app = defineApp({ label: 'simple_history', models: Object.fromEntries(models) });
  const extended = extendRegistry(registry, [app], { maxNameLength: dialect.maxNameLength });
  return extended.models.filter((model) => model.app === app.label);
}

/** `clean_old_history` (simple_history/management/commands), which keeps 30 days. */
async function oldHistory(tables: AppTables, before: Date): Promise<PruneStep[]> {
  const models = await historyModels(tables.connection);
  return models.map((model) => step({ ...tables, model: () => model }, model.name, [['history_date', '<', before]]));
}

/**
 * django-simple-history 2.0 to 3.10 has no model of its own: its tables are copies of a project's. Who deletes a user knows them by
 * their columns (`history_user_id` is set to NULL), and an anonymised dump leaves them out.
 */
export default defineCredentials({
  package: 'django-simple-history',
  app: defineApp({ label: 'simple_history', models: {} }),
  tables: historical,
  prune: [
    {
      name: 'history',
      commands: ['clean_old_history'],
      onRequest: true,
      steps: (tables, { now, logAge }) => oldHistory(tables, daysBefore(now, logAge ?? 30)),
    },
  ],
});
