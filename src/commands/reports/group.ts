import type { EditedGroup } from '../../auth/permissions/edit-group.js';
import type { Group } from '../../auth/permissions/groups.js';
import type { GroupDeletion } from '../../auth/permissions/preview-group.js';
import type { Terminal } from '../../command.js';
import { counted } from '../../text.js';
import type { GroupEditArguments } from '../shared/rights/group-edit.js';

/** Says what has become of a group, as far as that was asked for. */
export function sayEditedGroup(
  { say }: Terminal,
  { name }: Pick<Group, 'name'>,
  { rename, addPermission, removePermission, addUser, removeUser }: GroupEditArguments,
  { granted, revoked, added, removed }: EditedGroup,
): void {
  if (rename !== undefined) say(`The group '${name}' is called '${rename}' now.`);
  if (addPermission.length > 0) say(`Gave it ${counted(granted.length, 'permission')} more.`);
  if (removePermission.length > 0) say(`Took ${counted(revoked.length, 'permission')} from it.`);
  if (addUser.length > 0) say(`Added ${counted(added.length, 'user')}.`);
  if (removeUser.length > 0) say(`Removed ${counted(removed.length, 'user')}.`);
}

/** Users that a preview names. */
const shownUsers = 20;

/** What deleting a group means for tables and for its members. */
export function groupDeletionLines({ tables, losing }: GroupDeletion): string[] {
  return [
    ...tables.map(({ table, rows, action }) => {
      const becomes = action === 'delete' ? 'deleted' : action.replaceAll('_', ' ');
      return `    ${table}  ${counted(rows, 'row')}  ${becomes}`;
    }),
    ...losing
      .slice(0, shownUsers)
      .map(({ username, permissions }) => `    User '${username}' loses ${permissions.join(', ')}.`),
    ...(losing.length > shownUsers ? [`    … and ${losing.length - shownUsers} more users lose permissions.`] : []),
  ];
}
