import { createWriteStream } from 'node:fs';
import { resolve } from 'node:path';
import { finished } from 'node:stream/promises';
import { listUsers } from '../auth/accounts/list-users.js';
import { userModelOf } from '../auth/accounts/user-model.js';
import { defineCommand } from '../command.js';
import type { Row } from '../db/write/rows.js';
import { CommandError } from '../errors.js';
import { counted } from '../text.js';
import { addressFormats, addressHeads } from './reports/address-book.js';
import { database } from './shared/options.js';

export default defineCommand({
  describe: 'Write the e-mail addresses of the users in the format of an address book.',
  positionals: { file: { describe: 'The file to write; standard output without one.' } },
  options: {
    ...database,
    format: {
      type: 'string',
      short: 'f',
      choices: ['address', 'emails', 'google', 'outlook', 'linkedin', 'vcard'],
      default: 'address',
      describe: 'What reads it.',
    },
    group: { type: 'string', short: 'g', placeholder: 'NAME', describe: 'Only members of this group.' },
    active: { type: 'boolean', describe: 'Only users who are active.' },
  },
  examples: [['manage export_emails --group editors --format vcard editors.vcf', 'An address book.']],
  async run(context, { database: alias, file, format, group, active }) {
    const { terminal, signal } = context;
    const connection = await context.connect(alias);
    const { auth } = userModelOf(connection.registry);
    const { emailField } = auth;
    if (emailField === undefined)
      throw new CommandError('The user model has no e-mail address.', { code: 'no_such_field' });
    const kind = format as keyof typeof addressFormats;
    const pages = () => listUsers(connection, { group, active: active || undefined }, { signal });
    const text = (row: Row, name: string) => (typeof row[name] === 'string' ? String(row[name]) : '');
    const parts = (row: Row) => {
      const [first, last] = [text(row, 'first_name'), text(row, 'last_name')];
      return {
        name: [first, last].filter(Boolean).join(' ') || text(row, 'full_name'),
        first,
        last,
        email: text(row, emailField),
      };
    };
    let count = 0;
    const people = async function* () {
      for await (const page of pages()) {
        for (const row of page) {
          const person = parts(row);
          if (person.email === '') continue;
          count++;
          yield person;
        }
      }
    };
    if (terminal.json) return { json: { users: people() } };
    const out = file === undefined ? undefined : createWriteStream(resolve(context.cwd(), file), { mode: 0o600 });
    const write = async (chunk: string) => {
      if (out === undefined) await terminal.write(chunk);
      else if (!out.write(chunk)) await new Promise<void>((done) => out.once('drain', () => done()));
    };
    if (addressHeads[kind] !== undefined) await write(addressHeads[kind]);
    for await (const { name, email, first, last } of people())
      await write(addressFormats[kind](name, email, first, last));
    if (out !== undefined) {
      out.end();
      await finished(out);
      terminal.say(`Wrote ${counted(count, 'address', 'addresses')} to ${file}.`);
    }
    return undefined;
  },
});
