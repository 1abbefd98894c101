import { explainUnknownUser } from '../auth/accounts/users.js';
import { diffAccess } from '../auth/permissions/diff.js';
import { defineCommand } from '../command.js';
import { counted } from '../text.js';
import { byOption, findPerson, nameOf } from './shared/accounts/people.js';
import { formatOption, onePage, writeListing } from './shared/listing.js';
import { database } from './shared/options.js';

export default defineCommand({
  describe: 'Show what one user may do that another may not.',
  positionals: {
    userA: { required: true, describe: 'User name; compared exactly.' },
    userB: { required: true, describe: 'User name to compare with.' },
  },
  options: {
    ...database,
    ...byOption,
    reasons: { type: 'boolean', describe: 'Also show permissions that both have for different reasons.' },
    ...formatOption,
  },
  examples: [['manage diffaccess ada grace', 'What each of them may do that the other may not.']],
  async run(context, { database: alias, by, userA, userB, reasons, format }) {
    const { terminal } = context;
    const connection = await context.connect(alias);
    const [{ readUserAccess }, { reasonText }] = await Promise.all([
      import('../auth/permissions/access.js'),
      import('../auth/permissions/who-can.js'),
    ]);
    const read = async (name: string) => {
      const row = await findPerson(connection, name, by);
      const user = await readUserAccess(connection, row.pk);
      if (user === undefined) throw await explainUnknownUser(connection, nameOf(connection, row));
      return user;
    };
    const [a, b] = [await read(userA), await read(userB)];
    const differences = diffAccess(a.permissions, b.permissions, { reasons });
    const short = ({ pk, username, active, superuser }: typeof a) => ({ pk, username, active, superuser });
    const { result, count } = await writeListing(terminal, format, {
      key: 'differences',
      more: { a: short(a), b: short(b) },
      pages: onePage(differences),
      columns: [
        { heading: 'permission', flexible: true, cell: ({ name }) => name },
        { heading: a.username, flexible: true, cell: (each) => each.a.map(reasonText).join(', ') },
        { heading: b.username, flexible: true, cell: (each) => each.b.map(reasonText).join(', ') },
      ],
    });
    if (count !== undefined) terminal.note(count === 0 ? 'Both may do the same.' : `${counted(count, 'difference')}.`);
    return result;
  },
});
