import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { defineCommand } from '../command.js';
import { CommandError } from '../errors.js';
import { moduleExtension } from '../modules/module-type.js';
import { commandSource, commandTest } from './shared/tools/command-template.js';

export default defineCommand({
  describe: 'Write a command for this project, and its test.',
  positionals: { name: { required: true, describe: 'Name of the command: letters, digits, - and _.' } },
  options: {
    javascript: { type: 'boolean', describe: 'Write JavaScript instead of TypeScript.' },
    force: { type: 'boolean', describe: 'Allow the name of an existing command, and replace it.' },
  },
  examples: [['manage startcommand greet', 'Write commands/greet.ts and test/greet.test.js.']],
  async run({ settings, terminal, commands }, { name, javascript, force }) {
    if (!/^[a-z][a-z0-9_-]*$/i.test(name)) {
      throw new CommandError(`'${name}' is not a valid name for a command.`, {
        code: 'bad_name',
        hint: 'Begin with a letter, and use letters, digits, - and _.',
      });
    }
    if (settings.configFile === undefined) {
      throw new CommandError('There is no project here.', {
        code: 'no_project',
        hint: 'Create a manage.config.ts first, such as `export default {}`.',
      });
    }
    const extension = moduleExtension(settings.root);
    const files = [
      [join(settings.root, 'commands', `${name}.${javascript ? extension : 'ts'}`), commandSource],
      [join(settings.root, 'test', `${name}.test.${extension}`), commandTest(name)],
    ] as const;
    const same = (await commands()).commands.find((each) => each.name === name);
    const there = files.map(([file]) => file).find(existsSync) ?? (same?.source === 'project' ? same.file : undefined);
    if (there !== undefined) {
      throw new CommandError(`The file ${there} is there already.`, {
        code: 'file_exists',
        hint: 'Choose another name, or remove the file.',
      });
    }
    if (same !== undefined && !force) {
      throw new CommandError(`There is a command '${name}' of ${same.source} already.`, {
        code: 'command_exists',
        hint: 'Choose another name, or use --force for one that replaces it.',
      });
    }
    for (const [file, text] of files) {
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text, { flag: 'wx' });
      terminal.say(`Wrote ${file}.`);
    }
    return { json: { files: files.map(([file]) => file) } };
  },
});
