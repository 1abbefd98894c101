import type { LogAction } from '../audit/write.js';
import { defineCommand } from '../command.js';
import { UsageError } from '../errors.js';
import { counted } from '../text.js';
import { logColumns, warningOfTimes } from './reports/log.js';
import { findPerson, keyOf } from './shared/accounts/people.js';
import { formatOption, writeListing } from './shared/listing.js';
import { database, limit } from './shared/options.js';
import { parseSince } from './shared/since.js';

export default defineCommand({
  describe: "List the entries of the admin's log, the newest first.",
  positionals: { username: { placeholder: 'user', describe: 'A user name, as with --user.' } },
  options: {
    ...database,
    user: { type: 'string', placeholder: 'USER', describe: 'Only entries by this user.' },
    object: {
      type: 'string',
      placeholder: 'APP.MODEL:PK',
      describe: 'Only entries about this row or model: auth.user:5, auth.group.',
    },
    since: {
      type: 'string',
      placeholder: 'MOMENT',
      describe: 'Only entries since then: 2026-11-26, or 7d for seven days ago.',
    },
    action: { type: 'string', choices: ['addition', 'change', 'deletion'], describe: 'Only entries of this kind.' },
    ...limit,
    ...formatOption,
  },
  examples: [
    ['manage listlog --object auth.user:5', 'Everything done to an account.'],
    ['manage listlog --user ada --since 30d --format csv', 'Everything a user did in the last 30 days.'],
  ],
  async run(context, { database: alias, username, user = username, object, since, action, limit, format }) {
    const { terminal, signal } = context;
    if (username !== undefined && user !== username) throw new UsageError('Name one user, with or without --user.');
    const connection = await context.connect(alias);
    const { listLog } = await import('../audit/read.js');
    const [, model = '', pk] = /^([^:]+)(?::(.*))?$/.exec(object ?? '') ?? [];
    const pages = listLog(
      connection,
      {
        user: user === undefined ? undefined : keyOf(connection, await findPerson(connection, user)),
        object: object === undefined ? undefined : { model, pk },
        since: since === undefined ? undefined : parseSince(since, context.now()),
        action: action as LogAction | undefined,
        limit,
      },
      { signal },
    );
    const { result, count } = await writeListing(terminal, format, {
      key: 'entries',
      pages: warningOfTimes(pages, terminal),
      columns: logColumns,
    });
    if (count !== undefined) terminal.note(`${counted(count, 'entry', 'entries')}.`);
    return result;
  },
});
