import type { Connection } from '../../db/connect/connection.js';
import type { Introspection } from '../../db/introspection/introspection.js';
import { findModel } from '../../registry/define.js';
import { counted } from '../../text.js';
import { type Finding, finding } from './finding.js';

/**
 * Finds permissions whose codename is one that Django gives to another model than that of their content type: whoever holds
 * them has the rights of the wrong model, as after loading the content types of another database.
 */
export async function misplacedPermissions(
  { db, registry }: Connection,
  { tables }: Introspection,
  place: string,
): Promise<Finding[]> {
  const types = findModel(registry, 'contenttypes.contenttype')?.table ?? '';
  const permissions = findModel(registry, 'auth.permission')?.table ?? '';
  if (!tables.has(types) || !tables.has(permissions)) return [];
  const rows: { app_label: string; model: string; codename: string; name: string }[] = await db(permissions)
    .join(types, `${types}.id`, `${permissions}.content_type_id`)
    .select('app_label', 'model', 'codename', `${permissions}.name`)
    .orderBy(`${permissions}.id`);
  const there: string[] = await db(types).distinct('model').pluck('model');
  const models = new Set([...there, ...registry.models.map(({ modelName }) => modelName)]);
  const wrong = rows.filter(({ model, codename, name }) => {
    const [, action, of] = /^(add|change|delete|view)_(.+)$/.exec(codename) ?? [];
    return of !== undefined && of !== model && name.startsWith(`Can ${action} `) && models.has(of);
  });
  const [first] = wrong;
  if (first === undefined) return [];
  const what =
    `${counted(wrong.length, 'permission')} ${wrong.length === 1 ? 'has the codename' : 'have the codenames'} of another model ` +
    `than their content type ${place}: '${first.codename}' is of ${first.app_label}.${first.model}, for one.`;
  const hint =
    'Content types of another database have been loaded: grant users and groups their permissions again, or restore both tables.';
  return [finding('W047', permissions, what, hint)];
}
