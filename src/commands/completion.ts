import { defineCommand } from '../command.js';
import { type Candidate, completionCandidates } from './shared/completion/candidates.js';
import { completionScripts } from './shared/completion/scripts.js';
import { completionTimeoutMs } from './shared/completion/values.js';

export default defineCommand({
  describe: 'Write a shell completion script for commands, options and values.',
  settings: false,
  json: false,
  positionals: {
    shell: {
      required: true,
      choices: ['bash', 'zsh', 'fish', 'powershell', 'complete'],
      describe: 'The shell; `complete` is what the scripts ask.',
    },
    words: { variadic: true, describe: 'The words typed so far, after --.' },
  },
  examples: [
    ['source <(manage completion bash)', 'In ~/.bashrc; the same with zsh.'],
    ['manage completion fish > ~/.config/fish/completions/manage.fish', 'For fish.'],
  ],
  async run(context, { shell, words }) {
    const { terminal } = context;
    if (shell !== 'complete') {
      await terminal.write(completionScripts[shell as keyof typeof completionScripts]);
      return undefined;
    }
    // A shell shows nothing of what went wrong: then there is nothing to complete.
    const nothing = new Promise<Candidate[]>(
      (resolve) => void setTimeout(resolve, completionTimeoutMs(context), []).unref(),
    );
    const found = await Promise.race([completionCandidates(context, words), nothing]).catch((): Candidate[] => []);
    const current = words.at(-1) ?? '';
    const wanted = current === '=' ? '' : current;
    const lines = found
      .filter(({ value }) => value.startsWith(wanted) || /^--[\w-]+=/.test(wanted))
      .map(
        ({ value, describe }) =>
          `${value}${describe === undefined || describe === '' ? '' : `\t${describe.replaceAll(/[\t\n]/g, ' ')}`}\n`,
      );
    await terminal.write(lines.join(''));
    return undefined;
  },
});
