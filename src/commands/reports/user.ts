import type { ShownUser } from '../../auth/accounts/show-user.js';
import { reasonText } from '../../auth/permissions/who-can.js';
import type { Terminal } from '../../command.js';
import { counted, visible } from '../../text.js';
import { padded } from '../../ui/table.js';
import { logTime } from './log.js';

/** What else lets the user in: sessions, and other credentials by kind. */
interface ShownCredentials {
  readonly live: number;
  readonly over: number;
  readonly others: ReadonlyMap<string, number>;
}

interface Writer {
  heading(text: string): Promise<void>;
  line(label: string, value: unknown): Promise<void>;
}

/** Writes what there is to say about a user. */
export async function writeUser(terminal: Terminal, shown: ShownUser, credentials: ShownCredentials): Promise<void> {
  const { style } = terminal;
  const writer: Writer = {
    heading: (text) => terminal.write(`${style.heading(visible(text))}\n`),
    line: (label, value) =>
      terminal.write(
        `  ${padded(visible(label), 18)} ${value === null || value === '' ? '-' : visible(String(value))}\n`,
      ),
  };
  const { heading, line } = writer;
  await heading(`User '${shown.username}'`);
  for (const [field, value] of Object.entries(shown.fields)) await line(field, value);
  await writePassword(writer, shown);
  await writeAccess(writer, shown, credentials);
  if (shown.references.length > 0) await heading('Referred to by');
  for (const { table, column, rows } of shown.references)
    await line(padded(visible(`${table}.${column}`), 40), counted(rows, 'row'));
  if (shown.log.length > 0) await heading('Log');
  for (const entry of shown.log) await line(logTime(entry, 16), `${entry.user ?? '?'}: ${entry.message}`);
}

async function writePassword({ heading, line }: Writer, { password }: ShownUser): Promise<void> {
  await heading('Password');
  await line('state', password.state);
  await line(
    'algorithm',
    password.algorithm === null ? null : `${password.algorithm}${password.outdated ? ', outdated' : ''}`,
  );
  await line(
    'verified by',
    password.byDjango.length === 0
      ? 'no stock Django'
      : `Django ${password.byDjango.join(', ')}${password.bySettings ? ' and the settings' : ', not the settings'}`,
  );
}

async function writeAccess(
  { heading, line }: Writer,
  shown: ShownUser,
  { live, over, others }: ShownCredentials,
): Promise<void> {
  await heading('Access');
  await line('groups', shown.groups.join(', '));
  await line('permissions', shown.permissions.length > 12 ? counted(shown.permissions.length, 'permission') : null);
  if (shown.permissions.length <= 12)
    for (const each of shown.permissions) await line(each.name, each.reasons.map(reasonText).join(', '));
  await line('second factor', shown.secondFactor === null ? 'no table for any' : shown.secondFactor ? 'yes' : 'no');
  await line('sessions', `${live} live, ${over} over`);
  for (const [kind, count] of others) await line(kind, `${count} live`);
}
