import { formatAccess } from '../auth/permissions/access-file.js';
import { dumpAccess } from '../auth/permissions/apply.js';
import { defineCommand } from '../command.js';
import { counted } from '../text.js';
import { database } from './shared/options.js';
import { writeOutput } from './shared/output-file.js';

export default defineCommand({
  describe: 'Write groups and their permissions to a file for applyaccess.',
  options: {
    ...database,
    members: { type: 'boolean', describe: 'Also write the members of the groups.' },
    format: {
      type: 'string',
      choices: ['yaml', 'json'],
      describe: 'YAML (the default), one permission a line, or JSON.',
    },
    output: { type: 'string', short: 'o', placeholder: 'FILE', describe: 'Write to this file.' },
  },
  examples: [['manage dumpaccess -o access.yaml', 'To be kept with the code.']],
  async run({ connect, terminal, cwd }, { database: alias, members, format, output }) {
    const access = await dumpAccess(await connect(alias), { members });
    const text = formatAccess(
      access,
      format === 'json' || (format === undefined && output?.endsWith('.json')) ? 'json' : 'yaml',
    );
    if (output === undefined) await terminal.write(text);
    else {
      await writeOutput({ cwd }, output, text);
      terminal.say(`Wrote ${counted(access.groups.length, 'group')} to ${output}.`);
    }
    return { json: access };
  },
});
