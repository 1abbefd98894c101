import { exportUser } from '../apps/export-user.js';
import { defineCommand } from '../command.js';
import { counted } from '../text.js';
import { byOption, findPerson, keyOf, nameOf, userPositional } from './shared/accounts/people.js';
import { withKnownApps } from './shared/credentials/known-apps.js';
import { database } from './shared/options.js';
import { writeOutput } from './shared/output-file.js';

export default defineCommand({
  describe: 'Export everything the database has about a person as one JSON document, without secrets.',
  positionals: userPositional,
  options: {
    ...database,
    ...byOption,
    output: {
      type: 'string',
      short: 'o',
      placeholder: 'FILE',
      describe: 'Write to this file, readable by its owner alone.',
    },
  },
  examples: [['manage exportuser ada -o ada.json', 'For a request for access to personal data.']],
  async run(context, { database: alias, by, user: name, output }) {
    const { terminal } = context;
    const { connection } = await withKnownApps(context, await context.connect(alias));
    const row = await findPerson(connection, name, by);
    const tables = await exportUser(connection, keyOf(connection, row), { apps: context.settings.credentialApps });
    const document = {
      user: { pk: keyOf(connection, row), username: nameOf(connection, row) },
      exportedAt: context.now().toISOString(),
      tables,
    };
    const text = `${JSON.stringify(document, undefined, 2)}\n`;
    if (output === undefined) await terminal.write(text);
    else {
      await writeOutput(context, output, text, { mode: 0o600 });
      const rows = tables.reduce((sum, each) => sum + each.rows.length, 0);
      terminal.say(`Wrote ${counted(rows, 'row')} of ${counted(tables.length, 'table')} to ${output}.`);
    }
    terminal.note(
      'Texts that name the person without referring to the account are not in it: look for the name and the address in your own tables.',
    );
    return { json: document };
  },
});
