import { describeCommands, discover, type FoundCommand, loadCommand } from './cli/discover.js';
import type { CommandList, CommandUsage } from './command.js';
import { UsageError } from './errors.js';
import type { Registry } from './registry/types.js';
import type { Project } from './settings/project.js';
import type { ParsedSettings } from './settings.js';
import { didYouMean } from './text.js';

/** What the settings say, read when it is needed. */
export interface Declared {
  readonly settings: ParsedSettings;
  readonly registry: Registry;
}

/** The commands of one project, and what they need from it. */
export function openProject(project: Project) {
  const found = discover({
    packages: project.packages,
    root: project.configFile === undefined ? undefined : project.root,
  });
  const find = (name: string): FoundCommand => {
    const command = found.get(name);
    if (command !== undefined) return command;
    const suggestion = didYouMean(name, found.keys());
    throw new UsageError(`Unknown command: '${name}'.${suggestion === undefined ? '' : ` ${suggestion}`}`, {
      code: 'unknown_command',
      hint: [...project.problems.slice(0, 1), "Type 'manage help' for usage."].join('\n'),
    });
  };
  let declared: Promise<Declared> | undefined;
  const declare = () => {
    declared ??= import('./settings/parse.js').then(({ parseSettings }) => parseSettings(project));
    return declared;
  };
  return {
    find,
    declare,
    async commands(): Promise<CommandList> {
      const commands = await describeCommands([...found.values()]);
      const order = ['manage-auth', ...project.packages.map(({ name }) => name), 'project'];
      commands.sort((a, b) => order.indexOf(a.source) - order.indexOf(b.source) || (a.name < b.name ? -1 : 1));
      return { commands, problem: project.problems[0] };
    },
    async usage(name: string, columns: number): Promise<CommandUsage> {
      const info = find(name);
      const [command, { commandUsage }, { createRegistry }, { coreApps }] = await Promise.all([
        loadCommand(info),
        import('./cli/help.js'),
        import('./registry/define.js'),
        import('./registry/core.js'),
      ]);
      const known = await declare().catch(() => undefined);
      const modelOptions = command.modelOptions?.(known?.registry ?? createRegistry(coreApps));
      const databases = Object.keys(known?.settings.databases ?? {});
      return commandUsage(name, command, { modelOptions, databases, columns });
    },
  };
}
