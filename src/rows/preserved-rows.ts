import { quoteLiteral, quoteName } from '../db/dialect/sql-text.js';
import { type TableMap, tableOf } from '../db/introspection/table-map.js';
import { findModel } from '../registry/define.js';
import type { Registry } from '../registry/types.js';

/** Condition of the content types that are not of these apps; undefined where there are none to keep. */
export function keptContentTypes(apps: readonly string[]): string | undefined {
  return apps.length === 0 ? undefined : `${quoteName('app_label')} NOT IN (${apps.map(quoteLiteral).join(', ')})`;
}

/** Condition of the permissions on models that are not of these apps. */
export function keptPermissions(registry: Registry, map: TableMap, apps: readonly string[]): string | undefined {
  const contentTypes = tableOf(registry, 'contenttypes.contenttype', map);
  if (apps.length === 0 || contentTypes === undefined) return undefined;
  const labels = apps.map(quoteLiteral).join(', ');
  const kept = `SELECT ${quoteName('id')} FROM ${quoteName(contentTypes)} WHERE ${quoteName('app_label')} IN (${labels})`;
  return `${quoteName('content_type_id')} NOT IN (${kept})`;
}

/** Condition of the accounts that are not those of superusers. */
export function keptSuperusers(registry: Registry): string | undefined {
  const { userModel } = registry;
  const values = Object.entries(userModel.auth?.superuserValues ?? {});
  const columns = new Map(findModel(registry, userModel.label)?.fields.map(({ name, column }) => [name, column]));
  const conditions = values.map(([name, value]) => `${quoteName(columns.get(name) ?? name)} = ${quoteLiteral(value)}`);
  return conditions.length === 0 ? undefined : `(${conditions.join(' AND ')}) IS NOT TRUE`;
}
