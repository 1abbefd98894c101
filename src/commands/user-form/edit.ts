import type { UserEdit } from '../../auth/accounts/edit-user.js';
import type { Links } from '../../auth/permissions/links.js';
import type { Context, ModelArguments, Options } from '../../command.js';
import type { Connection } from '../../db/connect/connection.js';
import type { Row } from '../../db/write/rows.js';
import { UsageError } from '../../errors.js';
import type { Registry } from '../../registry/types.js';
import { findPerson, nameOf } from '../shared/accounts/people.js';
import { collectGiven, givenValues, inputPlace, userOptions } from './values.js';

const staffField = 'is_staff';

/** An option for each field that is often changed; the name has one of its own. */
function fieldOptions(registry: Registry): Options {
  const { auth } = registry.userModel;
  const named = userOptions(registry, 'the user', ['first_name', 'last_name', auth?.emailField ?? 'email']);
  return Object.fromEntries(Object.entries(named).filter(([name]) => name !== auth?.usernameField));
}

/** Options for what the user model has of fields, flags and links. Fields come first where a flag has the same name. */
export function editOptions(registry: Registry): Options {
  const fields = fieldOptions(registry);
  const flags = Object.entries(flagOptions(registry)).filter(([name]) => !Object.hasOwn(fields, name));
  return { ...fields, ...Object.fromEntries(flags) };
}

/** Options for flags and links, as far as the user model has them. */
function flagOptions({ userModel: { fields, auth } }: Registry): Options {
  const has = (name: string | undefined) => fields.some((field) => field.name === name);
  const flags: Record<string, Options[string]> = {};
  if (has(staffField)) {
    flags.staff = { type: 'boolean', describe: "Let the user into Django's admin." };
    flags['no-staff'] = { type: 'boolean', describe: "Keep the user out of Django's admin." };
  }
  if (Object.keys(auth?.superuserValues ?? {}).length > 0) {
    flags.superuser = { type: 'boolean', describe: 'Give the user all permissions.' };
    flags['no-superuser'] = { type: 'boolean', describe: 'Remove the superuser status.' };
  }
  if (auth?.activeField !== undefined) {
    flags.active = { type: 'boolean', describe: 'Let the user log in.' };
    flags.inactive = { type: 'boolean', describe: 'Keep the user from logging in.' };
  }
  if (auth?.groups !== undefined) {
    flags['add-group'] = { type: 'list', placeholder: 'NAME', describe: 'Add the user to this group.' };
    flags['remove-group'] = { type: 'list', placeholder: 'NAME', describe: 'Remove the user from this group.' };
  }
  if (auth?.permissions !== undefined) {
    flags['add-permission'] = { type: 'list', placeholder: 'PERM', describe: 'Grant the user this permission.' };
    flags['remove-permission'] = {
      type: 'list',
      placeholder: 'PERM',
      describe: 'Revoke this permission from the user.',
    };
  }
  return flags;
}

/** What the flags come to. @throws UsageError where two contradict each other. */
function flagValues({ userModel: { auth } }: Registry, given: ModelArguments): Row {
  const either = (yes: string, no: string): boolean | undefined => {
    if (given[yes] === true && given[no] === true)
      throw new UsageError(`--${yes} and --${no} cannot be used together.`);
    return given[yes] === true ? true : given[no] === true ? false : undefined;
  };
  const values: Row = {};
  const superuser = either('superuser', 'no-superuser');
  if (superuser === true) Object.assign(values, auth?.superuserValues);
  // Who is no superuser any more may well stay staff.
  if (superuser === false) {
    for (const [name, value] of Object.entries(auth?.superuserValues ?? {})) {
      if (name !== staffField) values[name] = typeof value === 'boolean' ? !value : 0;
    }
  }
  const staff = either('staff', 'no-staff');
  if (staff !== undefined) values[staffField] = staff;
  const active = either('active', 'inactive');
  if (active !== undefined && auth?.activeField !== undefined) values[auth.activeField] = active;
  return values;
}

async function linksOf(connection: Connection, given: ModelArguments, verb: 'add' | 'remove'): Promise<Links> {
  const { auth } = connection.registry.userModel;
  const { findGroups, findPermissions } = await import('../../auth/permissions/groups.js');
  const list = (name: string) => (Array.isArray(given[name]) ? (given[name] as string[]) : []);
  const [groups, permissions] = [list(`${verb}-group`), list(`${verb}-permission`)];
  return {
    ...(auth?.groups === undefined || groups.length === 0
      ? {}
      : { [auth.groups]: await findGroups(connection, groups) }),
    ...(auth?.permissions === undefined || permissions.length === 0
      ? {}
      : { [auth.permissions]: await findPermissions(connection, permissions) }),
  };
}

interface GivenEdit {
  readonly by: string;
  readonly rename: string | undefined;
  readonly field: readonly string[];
  readonly modelArguments: ModelArguments;
}

/**
 * The change that is asked for.
 *
 * @throws UsageError where there is none, or what was given contradicts itself; CommandError for a value that cannot be.
 */
export async function gatherEdit(
  context: Context,
  connection: Connection,
  names: readonly string[],
  { by, rename, field, modelArguments }: GivenEdit,
): Promise<Required<UserEdit>> {
  if (rename !== undefined && names.length > 1) throw new UsageError('--rename takes one user.');
  const { registry } = connection;
  const place = inputPlace(context, connection);
  const collected = { values: {} as Row, links: {} };
  const fields = fieldOptions(registry);
  const assigned = Object.fromEntries(Object.entries(modelArguments).filter(([name]) => Object.hasOwn(fields, name)));
  for (const [name, text] of givenValues(connection, assigned, field, [])) {
    await collectGiven(place, collected, name, text, { taken: names.length > 0 });
  }
  if (rename !== undefined) {
    const people = await Promise.all(names.map((name) => findPerson(connection, name, by)));
    if (people.some((row) => nameOf(connection, row) !== rename)) {
      await collectGiven(place, collected, registry.userModel.auth?.usernameField ?? '', rename);
    }
  }
  const values = { ...collected.values, ...flagValues(registry, modelArguments) };
  const add = { ...collected.links, ...(await linksOf(connection, modelArguments, 'add')) };
  const remove = await linksOf(connection, modelArguments, 'remove');
  if (Object.keys(values).length + Object.keys(add).length + Object.keys(remove).length === 0) {
    throw new UsageError('Nothing to change was given.', { hint: 'Give a field, a flag, a group or a permission.' });
  }
  return { values, add, remove };
}
