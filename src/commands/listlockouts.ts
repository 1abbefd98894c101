import { listLockouts, unknownLockouts } from '../apps/lockouts.js';
import { defineCommand } from '../command.js';
import { counted } from '../text.js';
import { formatOption, onePage, writeListing } from './shared/listing.js';
import { database } from './shared/options.js';

export default defineCommand({
  describe: 'List failed logins that are counted, and whom they lock out.',
  options: {
    ...database,
    ...formatOption,
    limit: {
      type: 'integer',
      min: 1,
      placeholder: 'N',
      describe: "Failures that lock a user out: the site's AXES_FAILURE_LIMIT, 3 by default.",
    },
    locked: { type: 'boolean', describe: 'Only active lockouts.' },
  },
  async run(context, { database: alias, format, limit, locked }) {
    const { terminal, settings } = context;
    const connection = await context.connect(alias);
    for (const { app, reason } of await unknownLockouts(connection, settings.credentialApps)) {
      terminal.warn(`The app '${app}' was left alone: it may lock out others. ${reason}`);
    }
    const all = await listLockouts(connection, { limit, apps: settings.credentialApps });
    const { result, count } = await writeListing(terminal, format, {
      key: 'lockouts',
      pages: onePage(all.filter((each) => each.locked || !locked)),
      columns: [
        { heading: 'username', flexible: true, cell: ({ username }) => username },
        { heading: 'address', cell: ({ address }) => address },
        { heading: 'failures', cell: ({ failures }) => failures },
        { heading: 'locked', cell: (each) => each.locked },
        { heading: 'last', cell: ({ time }) => time?.slice(0, 19) },
        { heading: 'table', cell: ({ table }) => table },
      ],
    });
    if (count !== undefined) terminal.note(`${counted(count, 'lockout')}.`);
    return result;
  },
});
