import { defineCommand } from '../command.js';
import { readInput } from '../ui/stdin.js';
import { database } from './shared/options.js';
import { collectNames, runCode } from './shared/tools/shell-code.js';

export default defineCommand({
  describe: 'Run JavaScript with settings, registry, database and the API of manage-auth at hand.',
  json: false,
  options: {
    ...database,
    command: { type: 'string', short: 'c', placeholder: 'CODE', describe: 'Run this code and exit.' },
  },
  examples: [
    ['manage shell', "Type code: await db('auth_user').count()"],
    ['manage shell -c "console.log(await makePassword(\'secret\'))"', 'Run code and exit.'],
    ['manage shell < script.js', 'Run a file.'],
  ],
  async run(context, { database: alias, command }) {
    const { stdin, stdout, terminal } = context;
    const names = await collectNames(context, alias);
    if (command !== undefined || !('isTTY' in stdin && stdin.isTTY === true)) {
      await runCode(command ?? (await readInput(context)).toString(), names, context);
      return undefined;
    }
    terminal.note(`Known here: ${Object.keys(names).sort().join(', ')}.`, 2);
    terminal.note('Known here: settings, registry, connection, db, and all that manage-auth exports (-v 2 lists it).');
    const { start } = await import('node:repl');
    await context.ignoringInterrupts(async () => {
      // No history is kept: passwords and keys are typed here.
      const server = start({ prompt: '> ', input: stdin, output: stdout, breakEvalOnSigint: true });
      Object.assign(server.context, names);
      await new Promise<void>((resolve) => server.on('exit', resolve));
    });
    return undefined;
  },
});
