import type { UserAccess } from '../../auth/permissions/access.js';
import { reasonText } from '../../auth/permissions/who-can.js';
import type { Result, Terminal } from '../../command.js';
import type { Connection } from '../../db/connect/connection.js';
import { counted } from '../../text.js';
import { type ListColumn, onePage, writeListing } from '../shared/listing.js';

/** A right of somebody, as a line of the matrix. */
interface AccessLine {
  readonly user: UserAccess;
  readonly permission: string;
  readonly via: string;
}

/** One line for everything that a superuser may do, and one a permission for all others. */
async function* accessMatrix(pages: AsyncIterable<UserAccess[]>): AsyncGenerator<AccessLine[]> {
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
const accountSentences = (user: UserAccess) => [
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

const matrixColumns: readonly ListColumn<AccessLine>[] = [
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
function answerText(user: UserAccess, permission: string, allowed: boolean, why: readonly string[]): string {
  if (allowed) return `Yes: user '${user.username}' has ${permission} (${why.join(', ')}).`;
  if (!user.active) return `No: user '${user.username}' is not active.`;
  const only = why.length > 0 ? `, only for ${why.join(', ')}` : '';
  return `No: user '${user.username}' has ${permission} neither directly nor through a group${only}.`;
}

/** Lists what a user may do, and why. */
export async function writeAccess(terminal: Terminal, format: string | undefined, user: UserAccess): Promise<Result> {
  const { permissions, ...account } = user;
  if (format !== 'csv' && format !== 'json') for (const line of accountSentences(user)) terminal.note(line);
  const { result, count } = await writeListing(terminal, format, {
    key: 'permissions',
    more: { user: account },
    pages: onePage(permissions),
    columns: [
      { heading: 'permission', flexible: true, cell: (each) => each.name },
      { heading: 'via', flexible: true, cell: ({ reasons }) => reasons.map(reasonText).join(', ') },
    ],
  });
  if (count === 0 && !user.active) terminal.note('Inactive users have no permissions.');
  else if (count !== undefined) terminal.note(`${counted(count, 'permission')}.`);
  return result;
}

/** Lists the rights of all users: a document has everybody with theirs, a table and CSV have a line for each right. */
export async function writeEverybody(
  terminal: Terminal,
  format: string | undefined,
  pages: AsyncIterable<UserAccess[]>,
): Promise<Result> {
  if (terminal.json || format === 'json') {
    return (await writeListing(terminal, format, { key: 'users', pages, columns: [] })).result;
  }
  const lines = { key: 'rights', pages: accessMatrix(pages), columns: matrixColumns };
  return (await writeListing(terminal, format, lines)).result;
}

/** Says whether a user has a permission, and why or why not; exit code 1 for no. */
export async function answerAccess(
  terminal: Terminal,
  connection: Connection,
  user: UserAccess,
  permission: string,
): Promise<Result> {
  const { permissions, ...account } = user;
  const { matchPermissions, readPermissions } = await import('../../auth/permissions/catalogue.js');
  const wanted = new Set(matchPermissions(await readPermissions(connection), [permission]).map(({ label }) => label));
  const held = permissions.filter((each) => wanted.has(each.name));
  // A permission on one object is none on all.
  const allowed = held.some(({ reasons }) => reasons.some(({ reason }) => reason !== 'object'));
  const why = held.flatMap(({ reasons }) => reasons.map(reasonText));
  terminal.say(answerText(user, permission, allowed, why));
  return { json: { user: account, permission, allowed, permissions: held }, exitCode: allowed ? 0 : 1 };
}
