import { listAddresses } from '../auth/accounts/addresses.js';
import { defineCommand } from '../command.js';
import { UsageError } from '../errors.js';
import { counted } from '../text.js';
import { type AddressFormat, addressFormatNames, writeAddresses } from './reports/address-book.js';
import { database } from './shared/options.js';
import { openOutput } from './shared/output-file.js';

export default defineCommand({
  describe: 'Export the e-mail addresses of users to an address book.',
  positionals: { file: { describe: 'The file to write; standard output without one.' } },
  options: {
    ...database,
    format: {
      type: 'string',
      short: 'f',
      choices: addressFormatNames,
      default: 'address',
      describe: 'Output format.',
    },
    group: { type: 'string', short: 'g', placeholder: 'NAME', describe: 'Only members of this group.' },
    active: { type: 'boolean', describe: 'Only users who are active.' },
  },
  examples: [
    ['manage export_emails --group editors --format vcard editors.vcf', 'The addresses of a group, as vCards.'],
  ],
  async run(context, { database: alias, file, format, group, active }) {
    const { terminal, signal } = context;
    if (terminal.json && file !== undefined)
      throw new UsageError('--json writes to standard output, and never to a file.');
    const connection = await context.connect(alias);
    const people = listAddresses(connection, { group, active: active || undefined }, { signal });
    if (terminal.json) return { json: { users: people } };
    const out = openOutput(context, file);
    const count = await writeAddresses(people, format as AddressFormat, out.write).finally(out.close);
    if (file !== undefined) terminal.say(`Wrote ${counted(count, 'address', 'addresses')} to ${file}.`);
    return undefined;
  },
});
