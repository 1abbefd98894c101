import { findApps, mayHold } from '../apps/find.js';
import { listSecondFactors } from '../apps/second-factors.js';
import { defineCommand } from '../command.js';
import { counted } from '../text.js';
import { noteUnknown } from './shared/credentials/credentials.js';
import { formatOption, writeListing } from './shared/listing.js';
import { database } from './shared/options.js';

export default defineCommand({
  describe: 'List users with their second factors, or those who have none.',
  options: {
    ...database,
    ...formatOption,
    without: { type: 'boolean', describe: 'Users without an active one; backup codes alone do not count.' },
    staff: { type: 'boolean', describe: "Only users who may use Django's admin." },
    active: { type: 'boolean', describe: 'Only users who are active.' },
  },
  examples: [['manage list2fa --without --staff --active', 'Staff who log in with a password alone.']],
  async run(context, { database: alias, format, without, staff, active }) {
    const { terminal, settings } = context;
    const connection = await context.connect(alias);
    const { unknown } = await findApps(connection, settings.credentialApps);
    noteUnknown(terminal, mayHold(unknown, { groups: new Set(['second_factor']) }));
    const pages = listSecondFactors(connection, {
      without,
      now: context.now(),
      apps: settings.credentialApps,
      ...(staff ? { staff } : {}),
      ...(active ? { active } : {}),
    });
    const { result, count } = await writeListing(terminal, format, {
      key: 'users',
      pages,
      columns: [
        { heading: 'username', flexible: true, cell: ({ username }) => username },
        { heading: 'active', cell: ({ active: isActive }) => isActive },
        { heading: 'protected', cell: (user) => user.protected },
        {
          heading: 'factors',
          flexible: true,
          cell: ({ factors }) =>
            factors.map(({ kind, live, state }) => (live ? kind : `${kind} (${state})`)).join(', '),
        },
        {
          heading: 'last used',
          cell: ({ factors }) =>
            factors
              .map(({ lastUsed }) => lastUsed?.slice(0, 19) ?? '')
              .toSorted()
              .at(-1),
        },
      ],
    });
    if (count !== undefined) terminal.note(`${counted(count, 'user')}.`);
    return result;
  },
});
