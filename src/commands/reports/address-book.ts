import type { Addressee } from '../../auth/accounts/addresses.js';
import { csvLine } from '../../ui/csv.js';

const vcardText = (text: string) => text.replaceAll(/[\\;,]/g, '\\$&').replaceAll('\n', '\\n');

const quoted = (name: string) => (/^[\w .'-]*$/.test(name) ? name : `"${name.replaceAll(/["\\]/g, '\\$&')}"`);

/** Formats of django-extensions' command of the same name. */
const formats = {
  address: (name: string, email: string) => `${name === '' ? '' : `${quoted(name)} `}<${email}>;\n`,
  emails: (_: string, email: string) => `${email},\n`,
  google: (name: string, email: string) => csvLine([name, email]),
  outlook: (name: string, email: string) => csvLine([name, email]),
  linkedin: (name: string, email: string, first: string, last: string) => csvLine([first, last, email, name]),
  vcard: (name: string, email: string, first: string, last: string) =>
    `BEGIN:VCARD\r\nVERSION:3.0\r\nN:${vcardText(last)};${vcardText(first)};;;\r\nFN:${vcardText(name || email)}\r\nEMAIL;TYPE=INTERNET:${vcardText(email)}\r\nEND:VCARD\r\n`,
} as const;

export type AddressFormat = keyof typeof formats;

export const addressFormatNames = Object.keys(formats) as readonly AddressFormat[];

const heads: Partial<Record<AddressFormat, string>> = {
  google: 'Name,Email\n',
  outlook: 'Name,E-mail Address\n',
  linkedin: 'First Name,Last Name,Email,Name\n',
};

/** Writes the addresses as what is to read them wants them; resolves with how many there were. */
export async function writeAddresses(
  people: AsyncIterable<Addressee>,
  format: AddressFormat,
  write: (text: string) => Promise<void>,
): Promise<number> {
  let count = 0;
  if (heads[format] !== undefined) await write(heads[format]);
  for await (const { name, email, first, last } of people) {
    await write(formats[format](name, email, first, last));
    count++;
  }
  return count;
}
