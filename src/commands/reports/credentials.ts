import type { Credential, UserCredentials } from '../../apps/credentials.js';
import type { Terminal } from '../../command.js';
import { counted } from '../../text.js';
import { columnWidths, tableLine } from '../../ui/table.js';

/** Writes those of a user's credentials that are `shown`, and how many of all of them let the user in. */
export async function writeCredentials(
  terminal: Terminal,
  found: UserCredentials,
  shown: readonly Credential[],
): Promise<void> {
  for (const line of tableOf(shown, terminal)) await terminal.write(`${line}\n`);
  const letsIn = found.credentials.filter((each) => each.letsIn && each.group !== 'second_factor');
  const state = found.user.active ? '' : ' The account is not active, which stops all others.';
  terminal.note(`${counted(letsIn.length, 'of these lets', 'of these let')} ${found.user.username} in now.${state}`);
  if (found.resetLinks !== null) {
    terminal.note(`A link to choose a new password is good if it was sent after ${timeOf(found.resetLinks.since)}.`);
  }
}

const timeOf = (moment: string | null) => moment?.slice(0, 19).replace('T', ' ') ?? '-';

function tableOf(credentials: readonly Credential[], { style, columns, toTerminal }: Terminal): string[] {
  const heading = ['KIND', 'STATE', 'EXPIRES (UTC)', 'LAST USED (UTC)', 'NAME', 'TABLE'];
  const rows = credentials.map(({ kind, state, letsIn, live, expires, lastUsed, name, table, address, browser }) => [
    kind,
    live && !letsIn ? 'inactive' : state,
    timeOf(expires),
    timeOf(lastUsed),
    [name, address, browser].filter(Boolean).join(' ') || '-',
    table,
  ]);
  const widths = columnWidths([heading, ...rows], toTerminal ? { columns, flexible: 5 } : {});
  const [first, ...lines] = [heading, ...rows].map((row) => tableLine(row, widths, toTerminal));
  return [style.heading(first ?? ''), ...lines.map((line, at) => (credentials[at]?.letsIn ? line : style.dim(line)))];
}
