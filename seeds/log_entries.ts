import type { Executor } from '../src/db/connect/connection.js';
import { CommandError } from '../src/errors.js';
import { findModel } from '../src/registry/define.js';
import { logFields, makeLogEntry } from '../src/rows/populate/log-entries.js';
import { batchSize, columnOf, type Seeding } from '../src/rows/populate/seeding.js';
import { seededUsers } from '../src/rows/populate/users.js';

export const dependencies = ['users'];

/** Adds entries to the admin log: accounts of this run, else some of those that exist, have changed each other. */
export async function seed(knex: Executor, seeding: Seeding): Promise<void> {
  const { connection, faker, bulk, options, made } = seeding;
  const { registry } = connection;
  const model = findModel(registry, 'admin.logentry');
  const users = (await seededUsers(seeding).next()).value ?? [];
  if (model === undefined || users.length === 0) return;
  const columns = logFields.map((name) => {
    const field = model.fields.find((each) => each.name === name);
    if (field === undefined) throw new CommandError(`The model ${model.label} has no field '${name}'.`);
    return columnOf(connection, field);
  });
  const types = findModel(registry, 'contenttypes.contenttype')?.table ?? 'django_content_type';
  const { app, modelName } = registry.userModel;
  const [type]: { id: number }[] = await knex(types).where({ app_label: app, model: modelName }).select('id');
  while (made.logEntries < options.logEntries) {
    const rows = Array.from({ length: Math.min(batchSize, options.logEntries - made.logEntries) }, () =>
      makeLogEntry(faker, { users, contentType: type?.id ?? null, now: options.anchor }),
    );
    await bulk.insert(connection.db, [{ table: model.table, columns, rows }]);
    made.logEntries += rows.length;
  }
}
