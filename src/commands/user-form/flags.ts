import { userModelOf } from '../../auth/accounts/user-model.js';
import { findGroups, findPermissions } from '../../auth/permissions/groups.js';
import type { Links } from '../../auth/permissions/links.js';
import type { ModelArguments, Options } from '../../command.js';
import type { Connection } from '../../db/connect/connection.js';
import type { Row } from '../../db/write/rows.js';
import { findField } from '../../registry/define.js';
import type { Registry } from '../../registry/types.js';

/** The field that lets a user into Django's admin, where the model has it. */
export const staffField = 'is_staff';

/** Options for what an account may do, as far as the user model has it. Fields of the same name come first. */
export function flagOptions(registry: Registry, fields: Options): Options {
  const { model, auth } = userModelOf(registry);
  const options: Record<string, Options[string]> = {};
  if (findField(model, staffField) !== undefined) {
    options.staff = { type: 'boolean', describe: "Grant access to Django's admin." };
  }
  if (Object.keys(auth.superuserValues).length > 0) {
    options.superuser = { type: 'boolean', describe: 'Grant all permissions.' };
  }
  if (auth.activeField !== undefined) {
    options.inactive = { type: 'boolean', describe: 'Create the account inactive.' };
  }
  if (auth.groups !== undefined) {
    options.group = { type: 'list', placeholder: 'NAME', describe: 'Add to this group.' };
  }
  if (auth.permissions !== undefined) {
    options.permission = { type: 'list', placeholder: 'APP.CODENAME', describe: 'Grant this permission.' };
  }
  return Object.fromEntries(Object.entries(options).filter(([name]) => !Object.hasOwn(fields, name)));
}

/** What the options of {@link flagOptions} mean. @throws CommandError for an unknown group or permission. */
export async function readFlags(
  connection: Connection,
  options: Options,
  given: ModelArguments,
): Promise<{ readonly fixed: Row; readonly links: Links }> {
  const { auth } = userModelOf(connection.registry);
  const has = (name: string) => Object.hasOwn(options, name) && given[name] === true;
  const list = (name: string) => {
    const value = Object.hasOwn(options, name) ? given[name] : undefined;
    return Array.isArray(value) ? value : [];
  };
  const groups = await findGroups(connection, list('group'));
  const permissions = await findPermissions(connection, list('permission'));
  return {
    fixed: {
      ...(has('superuser') ? auth.superuserValues : {}),
      ...(has('staff') ? { [staffField]: true } : {}),
      ...(has('inactive') && auth.activeField !== undefined ? { [auth.activeField]: false } : {}),
    },
    links: {
      ...(auth.groups !== undefined && groups.length > 0 ? { [auth.groups]: groups } : {}),
      ...(auth.permissions !== undefined && permissions.length > 0 ? { [auth.permissions]: permissions } : {}),
    },
  };
}
