import { assertListed, listUsers } from '../auth/accounts/list-users.js';
import { defineCommand } from '../command.js';
import { UsageError } from '../errors.js';
import { counted } from '../text.js';
import { filterOf, userFilters } from './shared/accounts/filters.js';
import { database, limit } from './shared/options.js';
import { userDocuments, userTexts } from './user-form/formats.js';

export default defineCommand({
  describe: 'List users.',
  options: {
    ...database,
    ...userFilters,
    fields: { type: 'string', placeholder: 'A,B', describe: 'Show only these fields, in this order; `pk` is the key.' },
    sort: { type: 'string', placeholder: 'FIELD', describe: 'Sort by this field; -FIELD sorts in descending order.' },
    ...limit,
    format: {
      type: 'string',
      choices: ['table', 'csv', 'json', 'jsonl', 'ids', 'count'],
      describe: 'Output format; table by default.',
    },
  },
  examples: [
    ['manage listusers --staff --not-since 90', 'Staff who have not logged in for three months.'],
    ['manage listusers --format csv > users.csv', 'All users, for a spreadsheet.'],
  ],
  async run(context, args) {
    const { terminal, signal } = context;
    const { format, fields: given, sort, limit } = args;
    const filter = filterOf(args, context.now());
    if (format !== undefined && terminal.json) {
      throw new UsageError('--format and --json cannot be used together.', {
        hint: 'Use --format jsonl for a document on every line, or --json for one document.',
      });
    }
    const connection = await context.connect(args.database);
    const { registry } = connection;
    const fields = given?.split(',').map((name) => name.trim());
    assertListed(registry, [...(fields ?? []), ...(sort === undefined ? [] : [sort.replace(/^-/, '')])]);
    const onBadValue = ({ message }: Error) => terminal.warn(`${message} It is shown as if there were none.`);
    const users = () => listUsers(connection, { ...filter, sort, limit }, { signal, onBadValue });
    if (!terminal.json) {
      const { texts, counter } = userTexts(registry, users(), { format, fields, terminal });
      for await (const text of texts) await terminal.write(text);
      if ((format ?? 'table') === 'table') terminal.note(`${counted(counter.count, 'user')}.`);
    }
    return { json: { users: userDocuments(registry, users(), fields) } };
  },
});
