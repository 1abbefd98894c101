import { assertListed, listUsers } from '../auth/accounts/list-users.js';
import { defineCommand } from '../command.js';
import { UsageError } from '../errors.js';
import { counted } from '../text.js';
import { database, limit } from './shared/options.js';
import { userDocuments, userTexts } from './user-form/formats.js';

const states = ['usable', 'unusable', 'unknown', 'broken'] as const;
const dayMs = 24 * 60 * 60 * 1000;

export default defineCommand({
  describe: 'List users.',
  options: {
    ...database,
    active: { type: 'boolean', describe: 'Only active users.' },
    inactive: { type: 'boolean', describe: 'Only inactive users.' },
    staff: { type: 'boolean', describe: 'Only staff.' },
    superusers: { type: 'boolean', describe: 'Only superusers.' },
    group: { type: 'string', placeholder: 'NAME', describe: 'Only members of this group.' },
    neverLoggedIn: { type: 'boolean', describe: 'Only users who have never logged in.' },
    notSince: {
      type: 'integer',
      unit: 'days',
      min: 0,
      max: 100_000,
      placeholder: 'DAYS',
      describe: 'Only users who have not logged in for this many days, or never.',
    },
    password: {
      type: 'string',
      choices: states,
      describe: 'Only users whose password is stored so; `unknown` is plain text, or a hash of another system.',
    },
    search: {
      type: 'string',
      placeholder: 'TEXT',
      describe: 'Only users with this text in one of their text fields.',
    },
    fields: { type: 'string', placeholder: 'A,B', describe: 'Show only these fields, in this order; `pk` is the key.' },
    sort: { type: 'string', placeholder: 'FIELD', describe: 'Order by this field, or by -FIELD from the greatest.' },
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
    const { active, inactive, staff, superusers, notSince, format, fields: given, password, ...filter } = args;
    if (active && inactive) throw new UsageError('--active and --inactive cannot be used together.');
    if (format !== undefined && terminal.json) {
      throw new UsageError('--format and --json cannot be used together.', {
        hint: 'Use --format jsonl for a document on every line, or --json for one document.',
      });
    }
    const connection = await context.connect(args.database);
    const { registry } = connection;
    const fields = given?.split(',').map((name) => name.trim());
    assertListed(registry, [...(fields ?? []), ...(filter.sort === undefined ? [] : [filter.sort.replace(/^-/, '')])]);
    const users = () =>
      listUsers(
        connection,
        {
          ...filter,
          password: states.find((state) => state === password),
          active: active || inactive ? active : undefined,
          staff: staff || undefined,
          superuser: superusers,
          notSince: notSince === undefined ? undefined : new Date(context.now().getTime() - notSince * dayMs),
        },
        { signal, onBadValue: (error) => terminal.warn(`${error.message} It is shown as if there were none.`) },
      );
    if (!terminal.json) {
      const { texts, counter } = userTexts(registry, users(), { format, fields, terminal });
      for await (const text of texts) await terminal.write(text);
      if ((format ?? 'table') === 'table') terminal.note(`${counted(counter.count, 'user')}.`);
    }
    return { json: { users: userDocuments(registry, users(), fields) } };
  },
});
