import { listCredentials } from '../apps/credentials.js';
import { defineCommand } from '../command.js';
import { writeCredentials } from './reports/credentials.js';
import { findPerson } from './shared/accounts/people.js';
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
    ['manage credentials alice', 'Everything alice has.'],
    ['manage credentials alice --live --json', 'What works now, for a script.'],
  ],
  async run(context, { username, database: alias, live }) {
    const { terminal, settings, signal } = context;
    const connection = await context.connect(alias);
    const user = await findPerson(connection, username);
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
    await writeCredentials(terminal, found, credentials);
    return { json: { ...found, credentials } };
  },
});
