import type { Connection, DbContext, Executor } from '../../db/connect/connection.js';
import { repeatableTransaction } from '../../db/transactions/transaction.js';
import { findModel } from '../../registry/define.js';
import { typedModels } from '../../registry/inheritance.js';
import type { App, Model, ProxyModel, Registry, TypedModel } from '../../registry/types.js';

/** A content type: `app_label` and `model`. */
export interface ContentTypeName {
  readonly app: string;
  readonly model: string;
}

export interface PermissionName extends ContentTypeName {
  readonly codename: string;
  readonly name: string;
}

/** What {@link syncPermissions} has written, in its order. */
export interface SyncResult {
  readonly contentTypes: readonly ContentTypeName[];
  readonly permissions: readonly PermissionName[];
  /** Permissions whose names were not those of the models. */
  readonly renamed: readonly PermissionName[];
}

export interface SyncOptions {
  /**
   * Which models are to have content types and permissions; by default all. Of a proxy it is asked the model whose rows
   * it has, where anybody knows that.
   */
  readonly has?: (model: Model) => boolean;
  /** Whether permissions get the names that the models say: somebody may have given them others. */
  readonly rename?: boolean;
  /** Whether the tables have been emptied, so that their keys begin anew. */
  readonly restarted?: boolean;
  /** Called before each app. */
  readonly onApp?: (app: App) => void;
}

interface PermissionRow {
  readonly id: number;
  readonly content_type_id: number;
  readonly codename: string;
  readonly name: string;
}

/** All permissions of a model, Django's own first (Django 5.2 contrib/auth/management/__init__.py). */
export function modelPermissions({
  defaultPermissions,
  modelName,
  verboseName,
  permissions,
}: TypedModel): [string, string][] {
  return [
    ...defaultPermissions.map((action): [string, string] => [`${action}_${modelName}`, `Can ${action} ${verboseName}`]),
    ...Object.entries(permissions),
  ];
}

/** Rows that one statement inserts: far below every engine's limit of parameters. */
const batchSize = 200;

/** `restarted` is whether keys are to begin anew with those that are left, which the engine does not do by itself. */
async function insertAll(
  executor: Executor,
  table: string,
  rows: readonly object[],
  restarted: boolean,
): Promise<void> {
  if (restarted) {
    const [row]: { last?: number | string | null }[] = await executor(table).max({ last: 'id' });
    const last = Number(row?.last ?? 0);
    return insertAll(
      executor,
      table,
      rows.map((each, index) => ({ id: last + 1 + index, ...each })),
      false,
    );
  }
  for (let start = 0; start < rows.length; start += batchSize) {
    await executor(table).insert(rows.slice(start, start + batchSize));
  }
}

async function syncContentTypes(
  executor: Executor,
  table: string,
  models: readonly TypedModel[],
  legacyName: boolean,
  restarted: boolean,
): Promise<{ ids: Map<string, number>; added: ContentTypeName[] }> {
  const read = async () => {
    const rows: { id: number; app_label: string; model: string }[] = await executor(table)
      .select('id', 'app_label', 'model')
      .whereIn('app_label', [...new Set(models.map(({ app }) => app))]);
    return new Map(rows.map((row) => [`${row.app_label}.${row.model}`, row.id]));
  };
  const ids = await read();
  const missing = models.filter(({ app, modelName }) => !ids.has(`${app}.${modelName}`));
  if (missing.length === 0) return { ids, added: [] };
  await insertAll(
    executor,
    table,
    missing.map(({ app, modelName }) => ({
      app_label: app,
      model: modelName,
      // Before contenttypes.0002 there is a column for it, which Django leaves empty as well.
      ...(legacyName ? { name: '' } : {}),
    })),
    restarted,
  );
  return { ids: await read(), added: missing.map(({ app, modelName }) => ({ app, model: modelName })) };
}

async function syncModelPermissions(
  executor: Executor,
  table: string,
  models: readonly TypedModel[],
  ids: ReadonlyMap<string, number>,
  { restarted, rename }: Required<Pick<SyncOptions, 'restarted' | 'rename'>>,
): Promise<{ added: PermissionName[]; renamed: PermissionName[] }> {
  const wanted = models.flatMap((model) =>
    modelPermissions(model).map(([codename, name]) => ({ app: model.app, model: model.modelName, codename, name })),
  );
  const contentType = ({ app, model }: ContentTypeName) => ids.get(`${app}.${model}`) ?? 0;
  const rows: PermissionRow[] = await executor(table)
    .select('id', 'content_type_id', 'codename', 'name')
    .whereIn(
      'content_type_id',
      models.map(({ app, modelName }) => contentType({ app, model: modelName })),
    );
  const existing = new Map(rows.map((row) => [`${row.content_type_id} ${row.codename}`, row]));
  const find = (permission: PermissionName) => existing.get(`${contentType(permission)} ${permission.codename}`);

  const added = wanted.filter((permission) => find(permission) === undefined);
  await insertAll(
    executor,
    table,
    added.map((permission) => ({
      name: permission.name,
      content_type_id: contentType(permission),
      codename: permission.codename,
    })),
    restarted,
  );
  const renamed: PermissionName[] = [];
  for (const permission of rename ? wanted : []) {
    const row = find(permission);
    if (row === undefined || row.name === permission.name) continue;
    await executor(table).where({ id: row.id }).update({ name: permission.name });
    renamed.push(permission);
  }
  return { added, renamed };
}

/**
 * Makes the content types and permissions that the registry's models and proxies lack, in the order in which Django makes
 * them. What belongs to apps that the registry does not have stays as it is.
 * All is one transaction, and nothing where there is no table of content types.
 */
export async function syncPermissions(
  connection: DbContext & Pick<Connection, 'run'>,
  { has = () => true, restarted = false, rename = false, onApp }: SyncOptions = {},
): Promise<SyncResult> {
  const { registry, dialect } = connection;
  return repeatableTransaction(connection, async ({ db }) => {
    const contentTypes: ContentTypeName[] = [];
    const permissions: PermissionName[] = [];
    const renamed: PermissionName[] = [];
    const [types, names] = [tableOf(registry, 'contenttypes.contenttype'), tableOf(registry, 'auth.permission')];
    const tables = (await dialect.introspect(db, { tables: [types, names] })).tables;
    const legacyName = tables.get(types)?.columns.some(({ name }) => name === 'name') ?? false;
    for (const app of registry.apps) {
      onApp?.(app);
      const models = typedModels(app).filter((model) => hasTyped(registry, model, has));
      if (models.length === 0 || !tables.has(types)) continue;
      const { ids, added } = await syncContentTypes(db, types, models, legacyName, restarted);
      contentTypes.push(...added);
      if (!tables.has(names)) continue;
      const result = await syncModelPermissions(db, names, models, ids, { restarted, rename });
      permissions.push(...result.added);
      renamed.push(...result.renamed);
    }
    return { contentTypes, permissions, renamed };
  });
}

function hasTyped(registry: Registry, typed: TypedModel | Model | ProxyModel, has: (model: Model) => boolean): boolean {
  if ('table' in typed) return has(typed);
  const model = 'concrete' in typed && typed.concrete !== undefined ? findModel(registry, typed.concrete) : undefined;
  return model === undefined || has(model);
}

function tableOf(registry: Registry, label: string): string {
  const model = findModel(registry, label);
  if (model === undefined) throw new Error(`The registry has no model '${label}'.`);
  return model.table;
}
