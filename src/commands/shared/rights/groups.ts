import { findGroup, type Group } from '../../../auth/permissions/manage-groups.js';
import type { Connection } from '../../../db/connect/connection.js';
import { CommandError } from '../../../errors.js';

/**
 * The group of this name.
 *
 * @throws CommandError of code `group_not_found`, with the name that it may have been.
 */
export async function requireGroup(connection: Connection, name: string): Promise<Group> {
  const group = await findGroup(connection, name);
  if (group !== undefined) return group;
  const { findGroups } = await import('../../../auth/permissions/groups.js');
  await findGroups(connection, [name]);
  throw new CommandError(`There is no group '${name}'.`, { code: 'group_not_found' });
}

export const groupPositional = { group: { required: true, describe: 'The name of the group, exactly.' } } as const;

export const permissionHint = 'app.codename, or app.model.codename; * stands for anything, as in blog.* and *.view_*.';
