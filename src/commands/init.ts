import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { defineCommand } from '../command.js';
import { CommandError } from '../errors.js';
import { moduleExtension } from '../modules/module-type.js';
import { configNames } from '../settings/project.js';
import { several } from '../text.js';
import { nextSteps, optionalFiles, projectFiles } from './shared/tools/project-template.js';

/** Nobody else may read the secret key. */
const modeOf = (name: string) => (name === '.env' ? 0o600 : 0o666);

export default defineCommand({
  describe: 'Write a small project: config, app, migration, seed, command and test.',
  settings: false,
  positionals: { folder: { describe: 'Folder to write to; by default the working directory.' } },
  options: { dryRun: { type: 'boolean', describe: 'List the files, and write none.' } },
  examples: [['manage init shop && cd shop && manage migrate', 'A project to begin with.']],
  async run({ terminal, cwd }, { folder = '.', dryRun }) {
    const root = resolve(cwd(), folder);
    // The `npm init` that follows makes a package.json that says commonjs.
    const files = projectFiles(moduleExtension(root, 'mjs'));
    const other = configNames.find((name) => !files.has(name) && existsSync(join(root, name)));
    const there = [...files.keys()].filter((name) => existsSync(join(root, name)));
    const taken = [...there.filter((name) => !optionalFiles.has(name)), ...(other === undefined ? [] : [other])];
    if (taken.length > 0) {
      throw new CommandError(`${root} has ${several(taken)} already; nothing was written.`, {
        code: 'file_exists',
        hint: 'Name another folder: `manage init FOLDER`.',
      });
    }
    const written: string[] = [];
    for (const [name, text] of files) {
      if (there.includes(name)) {
        terminal.note(`Left ${name} as it is.`);
        continue;
      }
      const file = join(root, name);
      if (!dryRun) {
        await mkdir(dirname(file), { recursive: true });
        await writeFile(file, text, { flag: 'wx', mode: modeOf(name) });
      }
      terminal.say(`${dryRun ? 'Would write' : 'Wrote'} ${file}.`);
      written.push(file);
    }
    if (!dryRun) {
      const where = folder === '.' ? '' : `, in ${folder}`;
      terminal.note(`Next${where}: ${nextSteps(root).join(', then ')}.`);
    }
    return { json: { files: written, dryRun } };
  },
});
