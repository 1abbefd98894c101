import type { CommandList, CommandOutline, CommandUsage } from '../command.js';
import { UsageError } from '../errors.js';
import type { Declared } from '../settings/parse.js';
import type { Project } from '../settings/project.js';
import { askedAbout, closest, shortened } from '../text.js';
import { builtIn, describeCommands, discover, type FoundCommand, loadCommand, notedOutline } from './discover.js';
import { placeOfTopic } from './topics.js';

/** The commands that can be run in one project. */
export interface Catalogue {
  /** @throws UsageError for an unknown name. */
  find(name: string): Promise<FoundCommand>;
  list(): Promise<CommandList>;
  usage(name: string, columns: number): Promise<CommandUsage>;
  outline(name: string): Promise<CommandOutline>;
}

/** Finds the commands of `project`. `declare` gives its settings, and may fail: `usage` then shows what it can. */
export function openCatalogue(project: Project, declare: () => Promise<Declared>): Catalogue {
  const root = project.configFile === undefined ? undefined : project.root;
  const found = discover({ packages: project.packages, root });
  const find = async (name: string): Promise<FoundCommand> => {
    const command = found.get(name);
    if (command !== undefined) return command;
    const { suggestCommands } = await import('./synonyms.js');
    const { names, reason } = suggestCommands(name, [...found.keys()], closest);
    const suggestion = [reason, askedAbout(names)].filter((text) => text !== undefined).join(' ');
    throw new UsageError(`Unknown command: '${shortened(name)}'.${suggestion === '' ? '' : ` ${suggestion}`}`, {
      code: 'unknown_command',
      hint: [...project.problems.slice(0, 1), "Type 'manage help' for usage."].join('\n'),
    });
  };
  const usage = async (name: string, columns: number): Promise<CommandUsage> => {
    const info = await find(name);
    const [command, { commandUsage }] = await Promise.all([loadCommand(info), import('./help.js')]);
    const declared = await declare().catch(() => undefined);
    const modelOptions = command.modelOptions?.(declared?.registry ?? (await defaultRegistry()));
    const databases = Object.keys(declared?.settings.databases ?? {});
    return commandUsage(name, command, { modelOptions, databases, columns });
  };
  return {
    find,
    usage,
    async list() {
      const commands = describeCommands([...found.values()]);
      const order = [builtIn, ...project.packages.map(({ name }) => name), 'project'];
      commands.sort(
        (a, b) =>
          order.indexOf(a.source) - order.indexOf(b.source) ||
          placeOfTopic(a.topic) - placeOfTopic(b.topic) ||
          (a.name < b.name ? -1 : 1),
      );
      return { commands, problem: project.problems[0] };
    },
    async outline(name) {
      return notedOutline(await find(name)) ?? ((await usage(name, 80)).json as CommandOutline);
    },
  };
}

async function defaultRegistry() {
  const [{ createRegistry }, { coreApps }] = await Promise.all([
    import('../registry/define.js'),
    import('../registry/core.js'),
  ]);
  return createRegistry(coreApps);
}
