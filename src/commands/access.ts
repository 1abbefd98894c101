import { readAccess, type UserAccess } from '../auth/permissions/access.js';
import { reasonText } from '../auth/permissions/who-can.js';
import { type Context, defineCommand, type Result, type Terminal } from '../command.js';
import type { Connection } from '../db/connect/connection.js';
import { UsageError } from '../errors.js';
import { counted } from '../text.js';
import { accessMatrix, accountSentences, answerText, matrixColumns } from './reports/access.js';
import { byOption, findPerson, keyOf } from './shared/accounts/people.js';
import { formatOption, onePage, writeListing } from './shared/listing.js';
import { database } from './shared/options.js';

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
    if (name === undefined) return listEverybody(context, connection, format);
    const key = keyOf(connection, await findPerson(connection, name, by));
    let user: UserAccess | undefined;
    for await (const [first] of readAccess(connection, { keys: [key] }, { signal })) user ??= first;
    if (user === undefined) throw new UsageError(`user '${name}' does not exist`, { code: 'user_not_found' });
    if (permission !== undefined) return answer(terminal, connection, user, permission);
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
  },
});

/** A document has everybody with their rights; a table and CSV have a line for each right. */
async function listEverybody({ terminal, signal }: Context, connection: Connection, format: string | undefined) {
  const pages = readAccess(connection, {}, { signal });
  if (terminal.json || format === 'json') {
    return (await writeListing(terminal, format, { key: 'users', pages, columns: [] })).result;
  }
  const lines = { key: 'rights', pages: accessMatrix(pages), columns: matrixColumns };
  return (await writeListing(terminal, format, lines)).result;
}

async function answer(
  terminal: Terminal,
  connection: Connection,
  user: UserAccess,
  permission: string,
): Promise<Result> {
  const { permissions, ...account } = user;
  const { matchPermissions, readPermissions } = await import('../auth/permissions/catalogue.js');
  const wanted = new Set(matchPermissions(await readPermissions(connection), [permission]).map(({ label }) => label));
  const held = permissions.filter((each) => wanted.has(each.name));
  // A permission on one object is none on all.
  const allowed = held.some(({ reasons }) => reasons.some(({ reason }) => reason !== 'object'));
  const why = held.flatMap(({ reasons }) => reasons.map(reasonText));
  terminal.say(answerText(user, permission, allowed, why));
  return { json: { user: account, permission, allowed, permissions: held }, exitCode: allowed ? 0 : 1 };
}
