import { explainUnknownUser } from '../auth/accounts/users.js';
import { readAccess, readUserAccess } from '../auth/permissions/access.js';
import { defineCommand } from '../command.js';
import { answerAccess, writeAccess, writeEverybody } from './reports/access.js';
import { byOption, findPerson, keyOf } from './shared/accounts/people.js';
import { formatOption } from './shared/listing.js';
import { database } from './shared/options.js';

export default defineCommand({
  describe: 'Show what a user may do, and why.',
  positionals: {
    user: { describe: 'User name, compared exactly; without one, all users.' },
    permission: { describe: 'Only whether the user has this permission (app.codename): exits with 1 for no.' },
  },
  options: { ...database, ...byOption, ...formatOption },
  examples: [
    ['manage access ada', 'Everything she may do, and through which group.'],
    ['manage access ada blog.publish_post', 'Whether she may, and why or why not.'],
    ['manage access --format csv > rights.csv', 'A line for each right of each user.'],
  ],
  async run(context, { database: alias, by, user: name, permission, format }) {
    const { terminal, signal } = context;
    const connection = await context.connect(alias);
    if (name === undefined) return writeEverybody(terminal, format, readAccess(connection, {}, { signal }));
    const key = keyOf(connection, await findPerson(connection, name, by));
    const user = await readUserAccess(connection, key, { signal });
    if (user === undefined) throw await explainUnknownUser(connection, name);
    if (permission !== undefined) return answerAccess(terminal, connection, user, permission);
    return writeAccess(terminal, format, user);
  },
});
