import { type Credential, listCredentials } from '../apps/credentials.js';
import { explainUnknownUser, findUser } from '../auth/accounts/users.js';
import { defineCommand, type Terminal } from '../command.js';
import { counted } from '../text.js';
import { columnWidths, tableLine } from '../ui/table.js';
import { noteUnknown } from './shared/credentials/credentials.js';
import { database } from './shared/options.js';
import { selectionContext } from './shared/sessions/selectors.js';

export default defineCommand({
  describe: 'Show every way in which a user can still get in: sessions, tokens, second factors, other sites.',
  positionals: { username: { placeholder: 'user', required: true, describe: 'User name; compared exactly.' } },
  options: {
    ...database,
    live: { type: 'boolean', describe: 'Only active ones.' },
  },
  examples: [
    ['manage credentials alice', 'All that alice has.'],
    ['manage credentials alice --live --json', 'What works now, for a script.'],
  ],
  async run(context, { username, database: alias, live }) {
    const { terminal, settings, signal } = context;
    const connection = await context.connect(alias);
    const user = await findUser(connection, username);
    if (user === undefined) throw await explainUnknownUser(connection, username);
    const found = await listCredentials(connection, user, {
      ...selectionContext(context),
      apps: settings.credentialApps,
      signal,
    });
    const credentials = found.credentials.filter((each) => each.live || !live);
    noteUnknown(terminal, found.unknown);
    if (settings.secretKey === undefined) {
      terminal.warn('There is no secret key: sessions are listed without verifying them.');
    }
    for (const line of tableOf(credentials, terminal)) await terminal.write(`${line}\n`);
    const letsIn = found.credentials.filter((each) => each.letsIn && each.group !== 'second_factor');
    const state = found.user.active ? '' : ' The account is not active, which stops all others.';
    terminal.note(`${counted(letsIn.length, 'of these lets', 'of these let')} ${username} in now.${state}`);
    if (found.resetLinks !== null) {
      terminal.note(`A link to choose a new password is good if it was sent after ${timeOf(found.resetLinks.since)}.`);
    }
    return { json: { ...found, credentials } };
  },
});

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
