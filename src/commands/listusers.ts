import { listUsers } from '../auth/accounts/list-users.js';
import { defineCommand } from '../command.js';
import type { Row } from '../db/write/rows.js';
import { UsageError } from '../errors.js';
import { counted } from '../text.js';
import { database } from './shared/options.js';
import { csvLines, jsonLines, userDocuments, userTable } from './user-form/formats.js';

const dayMs = 24 * 60 * 60 * 1000;

/** Counts the users that go by. */
async function* counting(pages: AsyncIterable<Row[]>, counter: { count: number }): AsyncGenerator<Row[]> {
  for await (const page of pages) {
    counter.count += page.length;
    yield page;
  }
}

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
      min: 0,
      max: 100_000,
      placeholder: 'DAYS',
      describe: 'Only users who have not logged in for this many days, or never.',
    },
    search: {
      type: 'string',
      placeholder: 'TEXT',
      describe: 'Only users with this text in one of their text fields.',
    },
    limit: { type: 'integer', min: 1, placeholder: 'N', describe: 'Show at most this many.' },
    format: {
      type: 'string',
      choices: ['table', 'csv', 'jsonl'],
      describe: 'Output format; table by default.',
    },
  },
  examples: [
    ['manage listusers --staff --not-since 90', 'Staff who have not logged in for three months.'],
    ['manage listusers --format csv > users.csv', 'All users, for a spreadsheet.'],
  ],
  async run(context, args) {
    const { terminal, signal } = context;
    const { active, inactive, staff, superusers, notSince, format, ...filter } = args;
    if (active && inactive) throw new UsageError('--active and --inactive cannot be used together.');
    if (format !== undefined && terminal.json) {
      throw new UsageError('--format and --json cannot be used together.', {
        hint: 'Use --format jsonl for a document on every line, or --json for one document.',
      });
    }
    const connection = await context.connect(args.database);
    const { registry } = connection;
    const users = () =>
      listUsers(
        connection,
        {
          ...filter,
          active: active || inactive ? active : undefined,
          staff: staff || undefined,
          superuser: superusers,
          notSince: notSince === undefined ? undefined : new Date(context.now().getTime() - notSince * dayMs),
        },
        { signal, onBadValue: (error) => terminal.warn(`${error.message} It is shown as if there were none.`) },
      );
    const counter = { count: 0 };
    if (!terminal.json) {
      const pages = counting(users(), counter);
      const shape = format === 'csv' || format === 'jsonl' ? format : 'table';
      const texts = {
        csv: () => csvLines(registry, pages),
        jsonl: () => jsonLines(registry, pages),
        table: () => userTable(registry, pages, terminal),
      };
      for await (const text of texts[shape]()) {
        await terminal.write(text);
      }
      if (shape === 'table') terminal.note(`${counted(counter.count, 'user')}.`);
    }
    return { json: { users: userDocuments(registry, users()) } };
  },
});
