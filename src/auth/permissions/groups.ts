import type { DbContext } from '../../db/connect/connection.js';
import type { Value } from '../../db/dialect/dialect.js';
import { selectRows } from '../../db/write/rows.js';
import { CommandError } from '../../errors.js';
import { findField } from '../../registry/define.js';
import type { Model } from '../../registry/types.js';
import { knownNames } from '../../text.js';
import { userModelOf } from '../accounts/user-model.js';
import { likelyPermission, readPermissions, requireModel } from './catalogue.js';
import { findRelation, targetOf } from './links.js';

/** The model at the other end of one of the user model's relations, which its `auth` block names. */
export function relatedModel({ registry }: Pick<DbContext, 'registry'>, kind: 'groups' | 'permissions'): Model {
  const { model, auth } = userModelOf(registry);
  const name = auth[kind];
  if (name === undefined) {
    throw new CommandError(`The user model ${model.label} has no ${kind}.`, { code: 'no_such_relation' });
  }
  return targetOf({ registry }, findRelation(model, name));
}

export interface Group {
  readonly pk: Value;
  readonly name: string;
}

/** The group with exactly this name, or undefined. */
export async function findGroup(
  connection: DbContext,
  name: string,
  model: Model = requireModel(connection, 'auth.group'),
): Promise<Group | undefined> {
  const field = nameField(model).name;
  const fields = [model.primaryKey.name, field];
  const [row] = name.includes('\0') ? [] : await selectRows(connection, model, { [field]: name }, { fields, limit: 1 });
  return row === undefined ? undefined : { pk: row[model.primaryKey.name] ?? null, name: String(row[field]) };
}

const nameField = (model: Model) => findField(model, model.naturalKey?.[0] ?? 'name') ?? model.primaryKey;

/**
 * The group with exactly this name.
 *
 * @throws CommandError of code `group_not_found`, with the name that it may have been.
 */
export async function requireGroup(connection: DbContext, name: string, model?: Model): Promise<Group> {
  const group = await findGroup(connection, name, model);
  if (group !== undefined) return group;
  const known = model ?? requireModel(connection, 'auth.group');
  const field = nameField(known).name;
  const all = await selectRows(connection, known, {}, { fields: [field], limit: 10_000 });
  const names = all.map((row) => String(row[field]));
  throw new CommandError(`There is no group '${name}'.`, {
    code: 'group_not_found',
    hint: knownNames(name, names) ?? 'There are no groups.',
  });
}

/**
 * Keys of the groups with these names, which are compared exactly.
 *
 * @throws CommandError of code `group_not_found` for the first name that no group has.
 */
export async function findGroups(connection: DbContext, names: readonly string[]): Promise<Value[]> {
  if (names.length === 0) return [];
  const model = relatedModel(connection, 'groups');
  const keys: Value[] = [];
  for (const name of names) keys.push((await requireGroup(connection, name, model)).pk);
  return keys;
}

/** Keys of the permissions that one name means: `app.codename`, or `app.model.codename`. */
async function findPermission(connection: DbContext, name: string): Promise<Value> {
  const parts = name.split('.');
  const [app, model] = parts;
  const codename = parts.at(-1);
  const error = (message: string, hint?: string) =>
    new CommandError(message, { code: 'permission_not_found', ...(hint === undefined ? {} : { hint }) });
  if (app === undefined || codename === undefined || parts.length < 2 || parts.length > 3 || name.includes('\0')) {
    throw error(`'${name}' does not name a permission.`, 'Write app.codename, such as auth.add_user.');
  }
  const permission = relatedModel(connection, 'permissions');
  const type = targetOf(connection, { to: findField(permission, 'content_type')?.to ?? 'contenttypes.contenttype' });
  const where = { app_label: app, ...(parts.length === 3 && model !== undefined ? { model } : {}) };
  const found: { readonly key: Value; readonly model: string }[] = [];
  for (const contentType of await selectRows(connection, type, where)) {
    const owner = { content_type: contentType[type.primaryKey.name] ?? null, codename };
    for (const row of await selectRows(connection, permission, owner)) {
      found.push({ key: row[permission.primaryKey.name] ?? null, model: String(contentType.model) });
    }
  }
  const [only, ...others] = found;
  if (only === undefined) {
    const known = (await readPermissions(connection)).map(({ label }) => label);
    throw error(
      `There is no permission '${name}'.`,
      likelyPermission(name, known) ?? 'Permissions are named app.codename, such as auth.add_user.',
    );
  }
  if (others.length > 0) {
    const names = found.map((each) => `${app}.${each.model}.${codename}`).join(', ');
    throw error(`Several permissions are called '${name}'.`, `Name one of them as ${names}.`);
  }
  return only.key;
}

/**
 * Keys of the permissions with these names: `app.codename`, as in Django's `has_perm`, or `app.model.codename` where two
 * models of an app have one of the same codename.
 *
 * @throws CommandError for the first name that is none.
 */
export async function findPermissions(connection: DbContext, names: readonly string[]): Promise<Value[]> {
  const keys: Value[] = [];
  for (const name of names) keys.push(await findPermission(connection, name));
  return keys;
}
