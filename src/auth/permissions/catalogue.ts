import type { DbContext } from '../../db/connect/connection.js';
import type { Value } from '../../db/dialect/dialect.js';
import { readRow, selectColumns } from '../../db/write/rows.js';
import { CommandError } from '../../errors.js';
import { findField, findModel } from '../../registry/define.js';
import type { Field, Model } from '../../registry/types.js';
import { closest, didYouMean, several } from '../../text.js';
import { labelPermissions } from './names.js';

/** A permission with what names it. */
export interface Permission {
  readonly pk: Value;
  readonly app: string;
  readonly model: string;
  readonly codename: string;
  /** `app.codename`, or `app.model.codename` where several models of the app have the codename. */
  readonly label: string;
  /** What a person reads: `Can add user`. */
  readonly name: string;
}

/** @throws CommandError where the registry has no such model. */
export function requireModel({ registry }: Pick<DbContext, 'registry'>, label: string): Model {
  const model = findModel(registry, label);
  if (model !== undefined) return model;
  throw new CommandError(`No app declares the model '${label}'.`, { code: 'bad_registry' });
}

export function requireField(model: Model, name: string): Field {
  const field = findField(model, name);
  if (field !== undefined) return field;
  throw new CommandError(`The model ${model.label} has no field '${name}'.`, { code: 'unknown_field' });
}

/** All permissions, in the order of their labels. */
export async function readPermissions(connection: DbContext): Promise<Permission[]> {
  const { db } = connection;
  const types = requireModel(connection, 'contenttypes.contenttype');
  const model = requireModel(connection, 'auth.permission');
  const [app, name] = [requireField(types, 'app_label'), requireField(types, 'model')];
  const typeRows: Record<string, unknown>[] = await db(types.table).select(
    selectColumns(connection, [types.primaryKey, app, name]),
  );
  const labels = new Map(
    typeRows.map((raw) => {
      const row = readRow(connection, [types.primaryKey, app, name], raw);
      return [String(row[types.primaryKey.name]), { app: String(row.app_label), model: String(row.model) }];
    }),
  );
  const rows: Record<string, unknown>[] = await db(model.table).select(selectColumns(connection, model.fields));
  const found = rows.flatMap((raw) => {
    const row = readRow(connection, model.fields, raw);
    const type = labels.get(String(row.content_type));
    if (type === undefined) return [];
    return [
      { pk: row[model.primaryKey.name] ?? null, ...type, codename: String(row.codename), name: String(row.name) },
    ];
  });
  return labelPermissions(found);
}

const literal = (text: string) => text.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&');

/** The permission that a name which is none most likely means: one with a codename like its own. */
export function likelyPermission(name: string, known: readonly string[]): string | undefined {
  const codenameOf = (each: string) => each.slice(each.lastIndexOf('.') + 1);
  return didYouMean(
    name,
    known.filter((each) => closest(codenameOf(name), [codenameOf(each)]).length > 0),
  );
}

/**
 * The permissions that the names mean: `app.codename`, `app.model.codename`, and `*` for anything, as in `blog.*` and
 * `*.view_*`.
 *
 * @throws CommandError of code `permission_not_found` for the first name that means none, and `ambiguous_permission` for one
 * without `*` that means several.
 */
export function matchPermissions(all: readonly Permission[], names: readonly string[]): Permission[] {
  const matched = new Set<Permission>();
  for (const name of names) {
    const pattern = new RegExp(`^${name.split('*').map(literal).join('.*')}$`);
    const found = all.filter(
      ({ app, model, codename }) => pattern.test(`${app}.${codename}`) || pattern.test(`${app}.${model}.${codename}`),
    );
    if (found.length === 0) {
      throw new CommandError(`There is no permission '${name}'.`, {
        code: 'permission_not_found',
        hint:
          likelyPermission(
            name,
            all.map(({ label }) => label),
          ) ?? 'Permissions are named app.codename, such as auth.add_user.',
      });
    }
    if (found.length > 1 && !name.includes('*')) {
      throw new CommandError(`Several permissions are called '${name}'.`, {
        code: 'ambiguous_permission',
        hint: `Name one of them as ${several(found.map((each) => `${each.app}.${each.model}.${each.codename}`))}.`,
      });
    }
    for (const each of found) matched.add(each);
  }
  return all.filter((each) => matched.has(each));
}
