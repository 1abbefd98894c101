import type { Connection } from '../../db/connect/connection.js';
import type { KeyColumn } from '../../db/dialect/sql.js';
import { typeOf } from '../../db/introspection/fields.js';
import { holdsByValue, not } from '../../db/read/expressions.js';
import { findField, storedField } from '../../registry/define.js';
import type { Model } from '../../registry/types.js';
import type { AppTables, PruneStep } from '../define.js';

/**
 * Rights on objects that are gone, as `clean_orphan_obj_perms` looks for them (guardian/utils.py), in one look at the table of the
 * rights. Those on models whose tables are not known are left alone.
 */
export async function orphanSteps(tables: AppTables): Promise<PruneStep[]> {
  const names = ['UserObjectPermission', 'GroupObjectPermission'].filter((each) => tables.has(each));
  const steps = await Promise.all(names.map((name) => orphanStep(tables.connection, tables.model(name))));
  return steps.filter((step) => step !== undefined);
}

async function orphanStep(connection: Connection, model: Model): Promise<PruneStep | undefined> {
  const { db, dialect } = connection;
  const columnOf = (name: string) => `${model.table}.${findField(model, name)?.column ?? name}`;
  const [type, object] = [columnOf('content_type'), columnOf('object_pk')];
  // Few types have rows: to read them all would keep a writer of SQLite waiting.
  const rights = db(model.table).select(type).where(type, db.ref('django_content_type.id'));
  const ids: unknown[] = await db('django_content_type').whereExists(rights).orderBy('id').pluck('id');
  const names = new Set(await dialect.tableNames(db));
  const targets: { readonly id: unknown; readonly key: KeyColumn }[] = [];
  for (const id of ids) {
    const key = await keyOfType(connection, names, id);
    if (key !== undefined) targets.push({ id, key });
  }
  if (targets.length === 0) return undefined;
  return {
    model,
    // One condition for all: an index on the content type would be read from its beginning for each range of keys.
    where: (executor) =>
      holdsByValue(
        executor,
        type,
        targets.map(({ id, key }) => [id, not(executor, dialect.hasKey(executor, key, object))]),
      ),
  };
}

/** The key of the table that the objects of a content type are in. */
async function keyOfType(
  { db, dialect, registry }: Connection,
  names: ReadonlySet<string>,
  id: unknown,
): Promise<KeyColumn | undefined> {
  const [row]: { readonly app_label: string; readonly model: string }[] = await db('django_content_type')
    .select('app_label', 'model')
    .where('id', id as never);
  if (row === undefined) return undefined;
  const known = registry.models.find(({ app, modelName }) => app === row.app_label && modelName === row.model);
  if (known !== undefined) {
    const { table, primaryKey } = known;
    return names.has(table)
      ? { table, column: primaryKey.column, field: storedField(registry, primaryKey) }
      : undefined;
  }
  const table = `${row.app_label}_${row.model}`;
  if (!names.has(table)) return undefined;
  const found = (await dialect.introspect(db, { tables: [table] })).tables.get(table);
  const [name, ...more] = found?.constraints.find(({ kind }) => kind === 'primary')?.columns ?? [];
  const column = found?.columns.find((each) => each.name === name);
  if (found === undefined || column === undefined || more.length > 0) return undefined;
  return { table, column: column.name, field: typeOf(found, column) };
}
