import type { ErasedUser } from '../../apps/erase-user.js';
import type { Terminal } from '../../command.js';
import { counted } from '../../text.js';

/** Says what was taken away of an account, and what nobody here can judge. */
export function sayErased(
  terminal: Terminal,
  done: string,
  { username, fields, deleted, left, unjudged }: ErasedUser,
): void {
  terminal.say(`${done}: the account is called '${username}' then.`);
  terminal.say(`    fields: ${fields.join(', ')}`);
  for (const { table, rows } of deleted) terminal.say(`    ${table}  ${counted(rows, 'row')} deleted`);
  if (left.length > 0) {
    terminal.warn(`Left as they are, since nothing says whether they are about the person: ${left.join(', ')}.`);
  }
  for (const { table, rows, columns } of unjudged) {
    terminal.warn(`Not judged: ${counted(rows, 'row')} of '${table}' with texts (${columns.join(', ')}).`);
  }
}
