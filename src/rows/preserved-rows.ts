import type { SqlText } from '../db/dialect/sql.js';
import { type TableMap, tableOf } from '../db/introspection/table-map.js';
import { isAmong, isNot, isNotAmong, refersToNone } from '../db/read/conditions.js';
import { CommandError } from '../errors.js';
import { findModel } from '../registry/define.js';
import type { Registry } from '../registry/types.js';

/** Condition of the content types that are not of these apps; undefined where there are none to keep. */
export function keptContentTypes(sql: SqlText, apps: readonly string[]): string | undefined {
  return apps.length === 0 ? undefined : isNotAmong(sql, 'app_label', apps);
}

/** Condition of the permissions on models that are not of these apps. */
export function keptPermissions(
  sql: SqlText,
  registry: Registry,
  map: TableMap,
  apps: readonly string[],
): string | undefined {
  const contentTypes = tableOf(registry, 'contenttypes.contenttype', map);
  if (apps.length === 0 || contentTypes === undefined) return undefined;
  const where = isAmong(sql, 'app_label', apps);
  return refersToNone(sql, 'content_type_id', { table: contentTypes, column: 'id', where });
}

/**
 * Condition of the accounts that are not those of superusers.
 *
 * @throws CommandError of code `no_superusers` where nothing says who is one: all accounts would go.
 */
export function keptSuperusers(sql: SqlText, registry: Registry): string | undefined {
  const { userModel } = registry;
  const values = Object.entries(userModel.auth?.superuserValues ?? {});
  if (values.length === 0) {
    throw new CommandError(`Nothing in ${userModel.label} says who is a superuser: nobody can be kept.`, {
      code: 'no_superusers',
    });
  }
  const columns = new Map(findModel(registry, userModel.label)?.fields.map(({ name, column }) => [name, column]));
  return isNot(
    sql,
    values.map(([name, value]) => [columns.get(name) ?? name, value] as const),
  );
}
