import { listTokens, unknownTokens } from '../apps/tokens.js';
import { defineCommand } from '../command.js';
import { counted } from '../text.js';
import { findPerson, keyOf } from './shared/accounts/people.js';
import { noteUnknown } from './shared/credentials/credentials.js';
import { formatOption, writeListing } from './shared/listing.js';
import { database } from './shared/options.js';

export default defineCommand({
  describe: 'List tokens with their users, but not the tokens themselves.',
  positionals: { username: { placeholder: 'user', variadic: true, describe: 'User names, as with --user.' } },
  options: {
    ...database,
    ...formatOption,
    user: { type: 'list', placeholder: 'USER', describe: 'Tokens of this user.' },
    kind: {
      type: 'list',
      placeholder: 'KIND',
      describe: 'Tokens of this kind: jwt, authtoken, knox, api_key, oauth2_access, oauth2_refresh …',
    },
    live: { type: 'boolean', describe: 'Only active ones.' },
  },
  examples: [
    ['manage listtokens --user alice --live', 'Tokens that let alice in.'],
    ['manage listtokens --kind api_key', 'API keys, which belong to no user.'],
  ],
  async run(context, { username, ...given }) {
    const args = { ...given, user: [...given.user, ...username] };
    const { terminal, settings } = context;
    const connection = await context.connect(args.database);
    const users = [];
    for (const name of args.user) users.push(keyOf(connection, await findPerson(connection, name)));
    const filter = {
      users: args.user.length === 0 ? undefined : users,
      kinds: args.kind.length === 0 ? undefined : args.kind,
      apps: settings.credentialApps,
    };
    noteUnknown(terminal, await unknownTokens(connection, filter));
    const { result, count } = await writeListing(terminal, args.format, {
      key: 'tokens',
      pages: listTokens(connection, filter, { now: context.now(), live: args.live }),
      columns: [
        { heading: 'kind', cell: ({ kind }) => kind },
        { heading: 'user', cell: ({ user }) => user?.username ?? user?.id },
        { heading: 'state', cell: ({ state, live, letsIn }) => (live && !letsIn ? 'inactive' : state) },
        { heading: 'expires', cell: ({ expires }) => expires?.slice(0, 19) },
        { heading: 'created', cell: ({ created }) => created?.slice(0, 19) },
        { heading: 'name', flexible: true, cell: ({ name }) => name },
        { heading: 'table', cell: ({ table }) => table },
      ],
    });
    if (count !== undefined) terminal.note(`${counted(count, 'token')}.`);
    return result;
  },
});
