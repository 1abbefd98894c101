import { listGroups } from '../auth/permissions/list-groups.js';
import { defineCommand } from '../command.js';
import { counted } from '../text.js';
import { formatOption, onePage, writeListing } from './shared/listing.js';
import { database } from './shared/options.js';

export default defineCommand({
  describe: 'List the groups with their members and permissions.',
  options: { ...database, ...formatOption },
  async run({ connect, terminal }, { database: alias, format }) {
    const groups = await listGroups(await connect(alias));
    const { result, count } = await writeListing(terminal, format, {
      key: 'groups',
      pages: onePage(groups),
      columns: [
        { heading: 'group', flexible: true, cell: ({ name }) => name },
        { heading: 'members', cell: ({ members }) => members },
        { heading: 'permissions', flexible: true, cell: ({ permissions }) => permissions.join(' ') },
      ],
    });
    if (count !== undefined) terminal.note(`${counted(count, 'group')}.`);
    return result;
  },
});
