import type { UserAccess } from '../auth/permissions/access.js';
import { defineCommand } from '../command.js';
import { UsageError } from '../errors.js';
import { counted } from '../text.js';
import { formatOption, onePage, writeListing } from './shared/listing.js';
import { database } from './shared/options.js';
import { byOption, findPerson, keyOf } from './shared/people.js';

/** A right of somebody, as a line of the matrix. */
interface Line {
  readonly user: UserAccess;
  readonly permission: string;
  readonly via: string;
}

/** One line for everything that a superuser may do, and one a permission for all others. */
async function* matrix(
  pages: AsyncIterable<UserAccess[]>,
  reasonText: (reason: never) => string,
): AsyncGenerator<Line[]> {
  for await (const page of pages) {
    yield page.flatMap((user): Line[] => {
      if (!user.active) return [{ user, permission: '', via: 'nothing: inactive' }];
      if (user.superuser) return [{ user, permission: '*', via: 'superuser' }];
      if (user.permissions.length === 0) return [{ user, permission: '', via: 'nothing' }];
      return user.permissions.map(({ name, reasons }) => ({
        user,
        permission: name,
        via: reasons.map((reason) => reasonText(reason as never)).join(', '),
      }));
    });
  }
}

const sentences = (user: UserAccess) => [
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

export default defineCommand({
  describe: 'Show what a user may do, and why.',
  positionals: {
    user: { describe: 'The user name, exactly; without one all users are shown.' },
    permission: { describe: 'Only whether the user has this permission: app.codename. Status 1 for no.' },
  },
  options: { ...database, ...byOption, ...formatOption },
  examples: [
    ['manage access ada', 'Everything that she may do, and whether that is through a group.'],
    ['manage access ada blog.publish_post', 'Whether she may, and why, or why not.'],
    ['manage access --format csv > rights.csv', 'A line for each right of each user.'],
  ],
  async run(context, { database: alias, by, user: name, permission, format }) {
    const { terminal, signal } = context;
    const connection = await context.connect(alias);
    const [{ readAccess }, { reasonText }] = await Promise.all([
      import('../auth/permissions/access.js'),
      import('../auth/permissions/who-can.js'),
    ]);
    if (name === undefined) {
      if (terminal.json || format === 'json') {
        return (
          await writeListing(terminal, format, {
            key: 'users',
            pages: readAccess(connection, {}, { signal }),
            columns: [],
          })
        ).result;
      }
      const { result } = await writeListing<Line>(terminal, format, {
        key: 'rights',
        pages: matrix(readAccess(connection, {}, { signal }), reasonText),
        columns: [
          { heading: 'user', flexible: true, cell: ({ user }) => user.username },
          { heading: 'active', cell: ({ user }) => user.active },
          { heading: 'staff', cell: ({ user }) => user.staff },
          { heading: 'superuser', cell: ({ user }) => user.superuser },
          { heading: 'permission', flexible: true, cell: (line) => line.permission },
          { heading: 'via', flexible: true, cell: ({ via }) => via },
          { heading: 'last login', cell: ({ user }) => user.lastLogin?.slice(0, 10) },
          { heading: 'usable password', cell: ({ user }) => user.usablePassword },
          { heading: 'second factor', cell: ({ user }) => user.secondFactor },
        ],
      });
      return result;
    }
    const key = keyOf(connection, await findPerson(connection, name, by));
    let user: UserAccess | undefined;
    for await (const [first] of readAccess(connection, { keys: [key] }, { signal })) user ??= first;
    if (user === undefined) throw new UsageError(`user '${name}' does not exist`, { code: 'user_not_found' });
    const { permissions, ...account } = user;
    if (permission !== undefined) {
      const { matchPermissions, readPermissions } = await import('../auth/permissions/catalogue.js');
      const wanted = new Set(
        matchPermissions(await readPermissions(connection), [permission]).map(({ label }) => label),
      );
      const held = permissions.filter((each) => wanted.has(each.name));
      // A permission on one object is none on all.
      const allowed = held.some(({ reasons }) => reasons.some(({ reason }) => reason !== 'object'));
      const why = held.flatMap(({ reasons }) => reasons.map(reasonText));
      terminal.say(
        allowed
          ? `Yes: user '${user.username}' has ${permission} (${why.join(', ')}).`
          : `No: ${
              user.active
                ? `user '${user.username}' has ${permission} neither directly nor through a group${why.length > 0 ? `, only for ${why.join(', ')}` : ''}.`
                : `user '${user.username}' is not active.`
            }`,
      );
      return { json: { user: account, permission, allowed, permissions: held }, exitCode: allowed ? 0 : 1 };
    }
    if (format !== 'csv' && format !== 'json') for (const line of sentences(user)) terminal.note(line);
    const { result, count } = await writeListing(terminal, format, {
      key: 'permissions',
      more: { user: account },
      pages: onePage(permissions),
      columns: [
        { heading: 'permission', flexible: true, cell: (each) => each.name },
        { heading: 'via', flexible: true, cell: ({ reasons }) => reasons.map(reasonText).join(', ') },
      ],
    });
    if (count === 0 && !user.active) terminal.note('Nobody who is not active has any permission.');
    else if (count !== undefined) terminal.note(`${counted(count, 'permission')}.`);
    return result;
  },
});
