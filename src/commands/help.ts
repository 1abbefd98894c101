import { defineCommand } from '../command.js';
import { wrap } from '../text.js';

/** Longer lines are hard to read. */
const widest = 110;
/** Where there is less room beside the names, what a command does stands below its name. */
const narrowest = 30;
const below = 8;

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
    const whole = Math.min(terminal.columns, widest);
    const beside = Math.max(...list.map(({ name }) => name.length)) + 6;
    const column = whole - beside < narrowest ? below : beside;
    const indent = ' '.repeat(column);
    const describing = "Type 'manage help <command>' for help on a specific command.";
    const lines = [wrap(describing, whole), '', 'Available commands:'];
    let last: string | undefined;
    for (const { name, topic, describe } of list) {
      if (topic !== last) lines.push('', label(`[${topic}]`));
      last = topic;
      const head = column === below ? `    ${name}\n${indent}` : `    ${name}`.padEnd(column);
      lines.push(head + wrap(describe, whole - column, indent).trimEnd());
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
