import type { UserAccess } from '../../auth/permissions/access.js';
import { reasonText } from '../../auth/permissions/who-can.js';
import type { ListColumn } from '../shared/listing.js';

/** A right of somebody, as a line of the matrix. */
export interface AccessLine {
  readonly user: UserAccess;
  readonly permission: string;
  readonly via: string;
}

/** One line for everything that a superuser may do, and one a permission for all others. */
export async function* accessMatrix(pages: AsyncIterable<UserAccess[]>): AsyncGenerator<AccessLine[]> {
  for await (const page of pages) {
    yield page.flatMap((user): AccessLine[] => {
      if (!user.active) return [{ user, permission: '', via: 'nothing: inactive' }];
      if (user.superuser) return [{ user, permission: '*', via: 'superuser' }];
      if (user.permissions.length === 0) return [{ user, permission: '', via: 'nothing' }];
      return user.permissions.map(({ name, reasons }) => ({
        user,
        permission: name,
        via: reasons.map((reason) => reasonText(reason)).join(', '),
      }));
    });
  }
}

/** What a person is told about an account. */
export const accountSentences = (user: UserAccess) => [
  `User '${user.username}': ${[
    user.active ? 'active' : 'not active',
    user.superuser ? 'superuser' : '',
    user.staff ? 'staff' : '',
    user.usablePassword ? '' : 'no usable password',
    user.lastLogin === null ? 'never logged in' : `last login ${user.lastLogin.replace('T', ' ').slice(0, 16)}`,
  ]
    .filter(Boolean)
    .join(', ')}.`,
  user.groups.length === 0
    ? 'In no group.'
    : `In ${user.groups.length === 1 ? 'the group' : 'the groups'} ${user.groups.join(', ')}.`,
];

export const matrixColumns: readonly ListColumn<AccessLine>[] = [
  { heading: 'user', flexible: true, cell: ({ user }) => user.username },
  { heading: 'active', cell: ({ user }) => user.active },
  { heading: 'staff', cell: ({ user }) => user.staff },
  { heading: 'superuser', cell: ({ user }) => user.superuser },
  { heading: 'permission', flexible: true, cell: (line) => line.permission },
  { heading: 'via', flexible: true, cell: ({ via }) => via },
  { heading: 'last login', cell: ({ user }) => user.lastLogin?.slice(0, 10) },
  { heading: 'usable password', cell: ({ user }) => user.usablePassword },
  { heading: 'second factor', cell: ({ user }) => user.secondFactor },
];

/** Whether somebody has a permission, and why or why not. `why` is empty where nothing gives it. */
export function answerText(user: UserAccess, permission: string, allowed: boolean, why: readonly string[]): string {
  if (allowed) return `Yes: user '${user.username}' has ${permission} (${why.join(', ')}).`;
  if (!user.active) return `No: user '${user.username}' is not active.`;
  const only = why.length > 0 ? `, only for ${why.join(', ')}` : '';
  return `No: user '${user.username}' has ${permission} neither directly nor through a group${only}.`;
}
