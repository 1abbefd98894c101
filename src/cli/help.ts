import type { Command, CommandUsage, OptionSpec, Options } from '../command.js';
import { wrap } from '../text.js';
import { usageLine } from './parse.js';
import { nameOf, type Spelling, spellingsOf } from './spellings.js';

const metavar = ({ spec, long }: Spelling): string => {
  if (spec.type === 'boolean') return '';
  if (spec.placeholder !== undefined) return spec.placeholder;
  if ('choices' in spec && Array.isArray(spec.choices)) return `{${spec.choices.join(',')}}`;
  return `${long[0]}`.replaceAll('-', '_').toUpperCase();
};

function entry(left: string, right: string, width: number): string {
  // Where there is little room beside the names, what they mean stands below them.
  const column = width < 60 ? 6 : 28;
  const indent = ' '.repeat(column);
  const text = wrap(right, width - column, indent);
  const head = `  ${left}`;
  return head.length + 2 > column ? `${head}\n${indent}${text}` : head.padEnd(column) + text;
}

function choicesOf(spec: OptionSpec, databases: readonly string[]): readonly string[] | undefined {
  if (spec.type !== 'string' && spec.type !== 'list') return undefined;
  return spec.choices === 'databases' ? databases : spec.choices;
}

function explain(option: Spelling, databases: readonly string[]): string {
  const { spec } = option;
  const parts = [spec.describe];
  if (spec.type === 'list') parts.push('May be given several times.');
  if (spec.type === 'integer' && spec.unit !== undefined) parts.push('Also as 10m, 2h or 30d.');
  const choices = choicesOf(spec, databases);
  if (choices?.length && metavar(option)[0] !== '{') parts.push(`One of: ${choices.join(', ')}.`);
  if ('default' in spec && spec.default !== undefined) parts.push(`Default: ${spec.default}.`);
  return parts.join(' ');
}

function optionLine(option: Spelling, width: number, databases: readonly string[]): string {
  const value = metavar(option);
  const names = nameOf(option).replaceAll('/', ', ');
  return entry(value === '' ? names : `${names} ${value}`, explain(option, databases), width);
}

/** A command line in lines of at most so many characters, as a shell takes it. */
const brokenLine = (line: string, width: number) =>
  wrap(line, width - 4)
    .split('\n')
    .join(' \\\n      ');

/** How one command is used: what `help <command>` and `<command> --help` show. */
export function commandUsage(
  name: string,
  command: Omit<Command, 'run'>,
  {
    modelOptions = {},
    databases = [],
    columns = 80,
  }: {
    readonly modelOptions?: Options | undefined;
    readonly databases?: readonly string[];
    readonly columns?: number;
  } = {},
): CommandUsage {
  const spellings = spellingsOf(command.options ?? {}, modelOptions).filter(
    ({ key, spec, group }) => spec.hidden !== true && !(command.json === false && group === 'global' && key === 'json'),
  );
  return {
    text: usageText(name, command, spellings, { databases, width: Math.min(columns, 110) }),
    json: usageDocument(name, command, spellings, databases),
  };
}

function usageText(
  name: string,
  command: Omit<Command, 'run'>,
  spellings: readonly Spelling[],
  { databases, width }: { readonly databases: readonly string[]; readonly width: number },
): string {
  const positionals = Object.entries(command.positionals ?? {});
  const block = (title: string, lines: readonly string[]) => (lines.length === 0 ? [] : ['', `${title}:`, ...lines]);
  const lines = (global: boolean) =>
    spellings
      .filter(({ group }) => (group === 'global') === global)
      .map((option) => optionLine(option, width, databases));
  return [
    wrap(usageLine(name, command), width, '    '),
    '',
    wrap(command.describe, width, ''),
    ...block(
      'Arguments',
      positionals.map(([key, spec]) =>
        entry(
          spec.placeholder ?? key,
          spec.describe + (spec.choices ? ` One of: ${spec.choices.join(', ')}.` : ''),
          width,
        ),
      ),
    ),
    ...block('Options', lines(false)),
    ...block(
      'Examples',
      (command.examples ?? []).flatMap(([line, what]) => [
        `  ${brokenLine(line, width - 4)}`,
        `      ${wrap(what, width - 6, '      ')}`,
      ]),
    ),
    ...block('Options of every command', lines(true)),
  ].join('\n');
}

function usageDocument(
  name: string,
  command: Omit<Command, 'run'>,
  spellings: readonly Spelling[],
  databases: readonly string[],
): CommandUsage['json'] {
  return {
    name,
    describe: command.describe,
    arguments: Object.entries(command.positionals ?? {}).map(
      ([key, { describe, required = false, variadic = false, choices }]) => ({
        name: key,
        describe,
        required,
        variadic,
        choices: choices ?? null,
      }),
    ),
    options: spellings.map(({ long, short, spec, group }) => ({
      names: [...(short === undefined ? [] : [`-${short}`]), ...long.map((word) => `--${word}`)],
      type: spec.type,
      describe: spec.describe,
      default: 'default' in spec ? (spec.default ?? null) : null,
      choices: choicesOf(spec, databases) ?? null,
      global: group === 'global',
    })),
    examples: (command.examples ?? []).map(([line, what]) => ({ line, what })),
  };
}
