import { defineCommand } from '../command.js';
import { wrap } from '../text.js';

/** Longer lines are hard to read. */
const widest = 110;
/** On a terminal that is narrower still, lines are longer than it. */
const narrowest = 30;

export default defineCommand({
  describe: 'List commands, or show the help of one.',
  settings: false,
  positionals: { command: { describe: 'The command to show.' } },
  options: { commands: { type: 'boolean', describe: 'Show only the names of the commands.' } },
  examples: [['manage help migrate', 'Show what migrate does and which options it takes.']],
  async run({ commands, usage, terminal }, { command, commands: namesOnly }) {
    if (command !== undefined) {
      const { text, json } = await usage(command);
      await terminal.write(`${text}\n`);
      return { json };
    }
    const { commands: list, problem } = await commands();
    if (namesOnly) {
      const names = list.map(({ name }) => name).sort();
      await terminal.write(`${names.join('\n')}\n`);
      return { json: { commands: names, problem: problem ?? null } };
    }
    const { label } = terminal.style;
    const column = Math.max(...list.map(({ name }) => name.length)) + 6;
    const width = Math.max(Math.min(terminal.columns, widest) - column, narrowest);
    const lines = ["Type 'manage help <command>' for help on a specific command.", '', 'Available commands:'];
    let last: string | undefined;
    for (const { name, topic, describe } of list) {
      if (topic !== last) lines.push('', label(`[${topic}]`));
      last = topic;
      lines.push(`    ${name}`.padEnd(column) + wrap(describe, width, ' '.repeat(column)).trimEnd());
    }
    if (problem !== undefined) lines.push('', terminal.style.warning(problem));
    await terminal.write(`${lines.join('\n')}\n`);
    return {
      json: {
        commands: list.map(({ name, source, topic, describe }) => ({ name, source, topic, describe })),
        problem: problem ?? null,
      },
    };
  },
});
