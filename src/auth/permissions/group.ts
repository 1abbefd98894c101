import type { Connection, DbContext } from '../../db/connect/connection.js';
import type { Value } from '../../db/dialect/dialect.js';
import { transaction } from '../../db/transactions/transaction.js';
import { insertRow, selectRows, updateRow } from '../../db/write/rows.js';
import { CommandError } from '../../errors.js';
import { findField, storedField } from '../../registry/define.js';
import type { Field, Model } from '../../registry/types.js';
import { cleanField } from '../accounts/fields.js';
import { findGroups, findPermissions, relatedModel } from './groups.js';
import { insertLinks } from './links.js';

export interface Group {
  readonly pk: Value;
  readonly name: string;
}

/** The model of groups, the field that they are named by, and the relation to their permissions. */
export function groupModel(connection: Pick<Connection, 'registry'>): {
  readonly model: Model;
  readonly name: Field;
  readonly permissions: string;
} {
  const model = relatedModel(connection, 'groups');
  const name = findField(model, model.naturalKey?.[0] ?? 'name') ?? model.primaryKey;
  const { label } = relatedModel(connection, 'permissions');
  const relation = model.manyToMany.find(({ to }) => to === label);
  return { model, name, permissions: relation?.name ?? 'permissions' };
}

/** The group with exactly this name, or undefined. */
export async function findGroup(connection: DbContext, name: string): Promise<Group | undefined> {
  if (name.includes('\0')) return undefined;
  const { model, name: field } = groupModel(connection);
  const [row] = await selectRows(connection, model, { [field.name]: name }, { fields: keyAnd(model, field), limit: 1 });
  return row && { pk: row[model.primaryKey.name] ?? null, name: String(row[field.name]) };
}

/** All groups, by their names. */
export async function listGroups(connection: DbContext): Promise<Group[]> {
  const { model, name } = groupModel(connection);
  const rows = await selectRows(connection, model, {}, { fields: keyAnd(model, name) });
  const groups = rows.map((row) => ({ pk: row[model.primaryKey.name] ?? null, name: String(row[name.name]) }));
  return groups.sort((a, b) => (a.name < b.name ? -1 : 1));
}

const keyAnd = (model: Model, field: Field) => [...new Set([model.primaryKey.name, field.name])];

/**
 * Makes a group, with the permissions (`app.codename`) that are named.
 *
 * @throws CommandError of code `group_taken`, `bad_group_name`, and `permission_not_found` for a name that is none.
 */
export async function createGroup(
  connection: Connection,
  name: string,
  { permissions = [] }: { readonly permissions?: readonly string[] } = {},
): Promise<Group> {
  const { model, name: field, permissions: relation } = groupModel(connection);
  const clean = cleanName(field, name);
  return transaction(connection, async (bound) => {
    const keys = await findPermissions(bound, permissions);
    const pk = await explainTaken(bound, clean, () =>
      insertRow(bound, model, { [field.name]: clean }, { now: new Date() }),
    );
    if (keys.length > 0) await insertLinks(bound, model, pk, { [relation]: keys });
    return { pk, name: clean };
  });
}

/**
 * Gives a group another name. Its members and permissions stay.
 *
 * @throws CommandError of code `group_not_found`, `group_taken` and `bad_group_name`.
 */
export async function renameGroup(connection: Connection, from: string, to: string): Promise<Group> {
  const { model, name: field } = groupModel(connection);
  const clean = cleanName(field, to);
  return transaction(connection, async (bound) => {
    const [pk = null] = await findGroups(bound, [from]);
    await explainTaken(bound, clean, () => updateRow(bound, model, pk, { [field.name]: clean }));
    return { pk, name: clean };
  });
}

/**
 * Deletes a group, and with it who is in it and what it permits; no user and no permission goes.
 *
 * @throws CommandError of code `group_not_found`, and `broken_reference` where rows of other apps refer to it.
 */
export async function deleteGroup(connection: Connection, name: string): Promise<void> {
  const { model } = groupModel(connection);
  await transaction(connection, async (bound) => {
    const { db, dialect, registry } = bound;
    const [pk = null] = await findGroups(bound, [name]);
    const key = dialect.bind(db, storedField(registry, model.primaryKey), pk);
    for (const { table, column } of linksTo(bound, model)) await db(table).where(column, key).del();
    await db(model.table).where(model.primaryKey.column, key).del();
  });
}

/** The columns of join tables that refer to rows of `model`. */
function linksTo({ registry }: Pick<Connection, 'registry'>, model: Model) {
  return registry.models.flatMap((each) =>
    each.manyToMany
      .filter(({ through }) => through === undefined)
      .flatMap(({ table, column, reverseColumn, to }) => [
        ...(each === model ? [{ table, column }] : []),
        ...(to === model.label ? [{ table, column: reverseColumn }] : []),
      ]),
  );
}

function cleanName(field: Field, name: string): string {
  const { value, problems } = cleanField({ ...field, blank: false }, name);
  if (typeof value === 'string') return value;
  throw new CommandError(`'${name}' is no name for a group: ${(problems ?? []).join(' ')}`, { code: 'bad_group_name' });
}

async function explainTaken<T>(connection: DbContext & Connection, name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await transaction(connection, work);
  } catch (cause) {
    if (!connection.dialect.isUniqueViolation(cause)) throw cause;
    throw new CommandError(`There is a group '${name}' already.`, { code: 'group_taken', cause });
  }
}
