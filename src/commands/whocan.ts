import { matchPermissions, readPermissions } from '../auth/permissions/catalogue.js';
import type { WhoCan } from '../auth/permissions/who-can.js';
import { defineCommand } from '../command.js';
import { counted } from '../text.js';
import { formatOption, type ListColumn, writeListing } from './shared/listing.js';
import { database } from './shared/options.js';

export default defineCommand({
  describe: 'List who has a permission, and why.',
  positionals: {
    permission: {
      required: true,
      variadic: true,
      describe: 'app.codename; * stands for anything, as in blog.* and *.delete_*.',
    },
  },
  options: {
    ...database,
    object: {
      type: 'string',
      placeholder: 'APP.MODEL:PK',
      describe: 'Count permissions on this object too (django-guardian).',
    },
    anyObject: { type: 'boolean', describe: 'Count permissions on single objects too.' },
    ...formatOption,
  },
  examples: [
    ['manage whocan auth.delete_user', 'Who may delete users: superusers, staff, members of groups.'],
    ["manage whocan '*.delete_*' --format csv > deleters.csv", 'A line for each permission of each user.'],
  ],
  async run(context, { database: alias, permission, object, anyObject, format }) {
    const { terminal, signal } = context;
    const connection = await context.connect(alias);
    const { reasonText, whoCan } = await import('../auth/permissions/who-can.js');
    type Column = ListColumn<WhoCan>;
    const which: Column = { heading: 'permission', flexible: true, cell: (each) => each.permission };
    const wanted = matchPermissions(await readPermissions(connection), permission);
    const several = wanted.length > 1;
    const { result, count } = await writeListing<WhoCan>(terminal, format, {
      key: 'users',
      more: { permissions: wanted.map(({ label }) => label) },
      pages: whoCan(connection, wanted, { object, anyObject, signal }),
      columns: [
        { heading: 'user', flexible: true, cell: ({ username }) => username },
        ...(several ? [which] : []),
        { heading: 'via', flexible: true, cell: ({ reasons }) => reasons.map(reasonText).join(', ') },
        { heading: 'last login', cell: ({ lastLogin }) => lastLogin?.replace('T', ' ').slice(0, 16) },
        { heading: 'usable password', cell: ({ usablePassword }) => usablePassword },
        { heading: 'second factor', cell: ({ secondFactor }) => secondFactor },
      ],
    });
    if (count !== undefined) terminal.note(several ? `${counted(count, 'right')}.` : `${counted(count, 'user')}.`);
    return result;
  },
});
