import { csvLine } from '../../ui/csv.js';

const vcardText = (text: string) => text.replaceAll(/[\\;,]/g, '\\$&').replaceAll('\n', '\\n');

const quoted = (name: string) => (/^[\w .'-]*$/.test(name) ? name : `"${name.replaceAll(/["\\]/g, '\\$&')}"`);

/** Formats of django-extensions' command of the same name. */
export const addressFormats = {
  address: (name: string, email: string) => `${name === '' ? '' : `${quoted(name)} `}<${email}>;\n`,
  emails: (_: string, email: string) => `${email},\n`,
  google: (name: string, email: string) => csvLine([name, email]),
  outlook: (name: string, email: string) => csvLine([name, email]),
  linkedin: (name: string, email: string, first: string, last: string) => csvLine([first, last, email, name]),
  vcard: (name: string, email: string, first: string, last: string) =>
    `BEGIN:VCARD\r\nVERSION:3.0\r\nN:${vcardText(last)};${vcardText(first)};;;\r\nFN:${vcardText(name || email)}\r\nEMAIL;TYPE=INTERNET:${vcardText(email)}\r\nEND:VCARD\r\n`,
} as const;

export const addressHeads: Partial<Record<keyof typeof addressFormats, string>> = {
  google: 'Name,Email\n',
  outlook: 'Name,E-mail Address\n',
  linkedin: 'First Name,Last Name,Email,Name\n',
};
