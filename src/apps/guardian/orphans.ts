import type { Connection } from '../../db/connect/connection.js';
import type { Value } from '../../db/dialect/dialect.js';
import { findField, storedField } from '../../registry/define.js';
import type { Model } from '../../registry/types.js';
import type { AppTables, PruneStep } from '../define.js';

/** Where the objects of a content type are. */
interface Target {
  readonly table: string;
  readonly column: string;
  readonly isUuid: boolean;
}

/**
 * Rights on objects that are gone, as `clean_orphan_obj_perms` looks for them (guardian/utils.py), with one join for each
 * content type. Rights on models whose tables are not known are left alone.
 */
export async function orphanSteps(tables: AppTables): Promise<PruneStep[]> {
  const steps: PruneStep[] = [];
  for (const name of ['UserObjectPermission', 'GroupObjectPermission'].filter((each) => tables.has(each))) {
    const model = tables.model(name);
    steps.push({ model, keys: () => orphanKeys(tables.connection, model) });
  }
  return steps;
}

async function* orphanKeys(connection: Connection, model: Model): AsyncGenerator<readonly Value[]> {
  const { db, dialect, registry } = connection;
  const [type, objectKey] = ['content_type', 'object_pk'].map((name) => findField(model, name)?.column ?? name);
  const key = storedField(registry, model.primaryKey);
  const types: unknown[] = await db(model.table).distinct(`${type}`).pluck(`${type}`);
  const names = new Set(await dialect.tableNames(db));
  for (const id of types) {
    const target = await targetOf(connection, names, id);
    if (target === undefined) continue;
    const text = (expression: string) => (target.isUuid ? `REPLACE(${expression}, '-', '')` : expression);
    // DISTINCT keeps SQLite from taking the inner query apart: it makes an index of its result then.
    const rows: { readonly key: unknown }[] = await db
      .select(db.raw('?? AS ??', [`p.${model.primaryKey.column}`, 'key']))
      .from(db.raw('?? AS ??', [model.table, 'p']))
      .leftJoin(
        db.raw(`(SELECT DISTINCT ${text(dialect.asText('??'))} AS ?? FROM ??) AS ??`, [
          target.column,
          'k',
          target.table,
          't',
        ]),
        db.raw('??', ['t.k']) as never,
        db.raw(text('??'), [`p.${objectKey}`]) as never,
      )
      .where(`p.${type}`, id as never)
      .whereNull('t.k');
    yield rows.map((row) => dialect.read(key, row.key));
  }
}

async function targetOf(
  { db, dialect, registry }: Connection,
  names: ReadonlySet<string>,
  id: unknown,
): Promise<Target | undefined> {
  const [row]: { readonly app_label: string; readonly model: string }[] = await db('django_content_type')
    .select('app_label', 'model')
    .where('id', id as never);
  if (row === undefined) return undefined;
  const known = registry.models.find(({ app, modelName }) => app === row.app_label && modelName === row.model);
  if (known !== undefined) {
    if (!names.has(known.table)) return undefined;
    const { type } = storedField(registry, known.primaryKey);
    return { table: known.table, column: known.primaryKey.column, isUuid: type === 'UUIDField' };
  }
  const table = `${row.app_label}_${row.model}`;
  if (!names.has(table)) return undefined;
  const found = (await dialect.introspect(db, { tables: [table] })).tables.get(table);
  const [column, ...more] = found?.constraints.find(({ kind }) => kind === 'primary')?.columns ?? [];
  const type = found?.columns.find(({ name }) => name === column)?.type ?? '';
  return column === undefined || more.length > 0
    ? undefined
    : { table, column, isUuid: /^uuid$|^char\(32\)$/i.test(type) };
}
