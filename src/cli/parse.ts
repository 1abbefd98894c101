import type { Command, ModelArguments, Options, PositionalSpec } from '../command.js';
import { UsageError } from '../errors.js';
import { didYouMean, durationSeconds, shortened } from '../text.js';
import { nameOf, type Spelling, spellingsOf } from './spellings.js';
import { type Tokens, tokenize, unrecognized, type Word } from './tokens.js';

export interface GlobalArguments {
  readonly verbosity: 0 | 1 | 2 | 3;
  readonly json: boolean;
  readonly introspect: boolean;
  readonly noColor: boolean;
  readonly forceColor: boolean;
  readonly traceback: boolean;
  readonly version: boolean;
  /** Options of Django that mean nothing here, as they were given. */
  readonly ignored: readonly string[];
  readonly help: boolean;
}

export interface ParsedLine {
  readonly globals: GlobalArguments;
  /** What `run` gets. */
  readonly args: Readonly<Record<string, unknown>> & { readonly modelArguments: ModelArguments };
}

type Given = string | number | boolean | readonly string[];

const quoted = (values: readonly string[]) => values.map((value) => `'${value}'`).join(', ');

function checkChoice(
  name: string,
  value: string,
  choices: readonly string[] | undefined,
  remedyOf: (value: string) => string | undefined = () => undefined,
): void {
  if (choices === undefined || choices.includes(value)) return;
  const hint = didYouMean(value, choices) ?? remedyOf(value);
  throw new UsageError(
    `argument ${name}: invalid choice: '${shortened(value)}' (choose from ${quoted(choices)})`,
    hint === undefined ? {} : { hint },
  );
}

/** `10m` in the unit that the option counts in, or undefined for what is no duration. */
function parseDuration(text: string, unit: 'seconds' | 'days'): number | undefined {
  const seconds = durationSeconds(text);
  return seconds === undefined ? undefined : seconds / (unit === 'days' ? 86_400 : 1);
}

function parseInteger(option: Spelling, text: string): number {
  const { spec } = option;
  const unit = spec.type === 'integer' ? spec.unit : undefined;
  const duration = unit === undefined ? undefined : parseDuration(text, unit);
  const value = duration ?? Number(text);
  if (duration === undefined && (!/^[+-]?\d+$/.test(text) || !Number.isSafeInteger(value))) {
    throw new UsageError(
      `argument ${nameOf(option)}: invalid int value: '${shortened(text)}'`,
      unit === undefined ? {} : { hint: `Give a number of ${unit}, or a duration such as 10m, 2h or 30d.` },
    );
  }
  const { min = -Infinity, max = Infinity } = spec.type === 'integer' ? spec : {};
  if (value >= min && value <= max) return value;
  const all = max - min < 10 ? Array.from({ length: max - min + 1 }, (_, i) => min + i) : undefined;
  throw new UsageError(
    all === undefined
      ? `argument ${nameOf(option)}: ${value} is ${value < min ? `less than ${min}` : `more than ${max}`}`
      : `argument ${nameOf(option)}: invalid choice: ${value} (choose from ${all.join(', ')})`,
  );
}

/** How the settings get a database of this alias. */
function howToAdd(alias: string): string | undefined {
  if (!/^[A-Za-z][\w-]*$/.test(alias)) return undefined;
  const variable = `DATABASE_URL_${alias.toUpperCase().replaceAll('-', '_')}`;
  return `Set ${variable}, or give \`databases.${alias}\` a \`url\` in the settings.`;
}

/** What scripts written for Django pass. */
const ignoredOptions = { settings: true, pythonpath: true, skipChecks: true };

/** Checks what was given for one option, and turns it into what `run` gets. */
function parseOption(option: Spelling, raw: unknown, databases: readonly string[]): Given | undefined {
  const { spec } = option;
  if (spec.type === 'boolean') return raw === true;
  const given = (Array.isArray(raw) ? raw : raw === undefined ? [] : [raw]).map((value) => String(value).slice(1));
  const last = given.at(-1);
  if (spec.type === 'integer') return last === undefined ? spec.default : parseInteger(option, last);
  const choices = spec.choices === 'databases' ? databases : spec.choices;
  const remedyOf = spec.choices === 'databases' ? howToAdd : undefined;
  for (const value of given) checkChoice(nameOf(option), value, choices, remedyOf);
  return spec.type === 'list' ? given : (last ?? spec.default);
}

function parsePositionals(specs: readonly (readonly [string, PositionalSpec])[], words: readonly Word[]) {
  const values: Record<string, string | string[] | undefined> = {};
  let at = 0;
  for (const [name, spec] of specs) {
    const taken = words.slice(at, spec.variadic ? undefined : at + 1).map(({ text }) => text);
    for (const value of taken) checkChoice(name, value, spec.choices);
    at += taken.length;
    values[name] = spec.variadic ? taken : taken[0];
  }
  const missing = specs.filter(
    ([name, spec]) => spec.required && (values[name]?.length ?? -1) < (spec.variadic ? 1 : 0),
  );
  return { values, missing: missing.map(([name, { placeholder = name }]) => placeholder), excess: words.slice(at) };
}

const idOf = (option: Spelling) => `${option.group}-${option.key}`;

/**
 * Values by option. Every word is spelt out by now, so that yargs has nothing to guess; the `=` before each value keeps
 * yargs from taking quotes off it.
 */
async function parseOptions(
  options: Tokens['options'],
  spellings: readonly Spelling[],
): Promise<Record<string, unknown>> {
  if (options.length === 0) return {};
  const { Parser } = await import('./words.js');
  const ids = (boolean: boolean) => spellings.filter(({ spec }) => (spec.type === 'boolean') === boolean).map(idOf);
  return Parser(
    options.map(({ option, value }) => (value === undefined ? `--${idOf(option)}` : `--${idOf(option)}==${value}`)),
    {
      boolean: ids(true),
      string: ids(false),
      configuration: {
        'boolean-negation': false,
        'camel-case-expansion': false,
        'dot-notation': false,
        'greedy-arrays': false,
        'parse-numbers': false,
      },
    },
  );
}

/**
 * Parses the words behind a command's name, and the global options before it.
 *
 * @throws UsageError for whatever the command does not take or lacks. With `--help` and `--version` nothing is missing.
 */
export async function parse(
  argv: readonly string[],
  command: Pick<Command, 'options' | 'positionals' | 'json'>,
  {
    modelOptions = {},
    databases = [],
  }: { readonly modelOptions?: Options; readonly databases?: readonly string[] } = {},
): Promise<ParsedLine> {
  const spellings = spellingsOf(command.options ?? {}, modelOptions);
  const { options, words, unknown } = tokenize(argv, spellings);
  const raw = await parseOptions(options, spellings);
  const asked = (key: string) => raw[`global-${key}`] === true;
  const help = asked('help');
  const version = asked('version');

  const given = {
    own: new Map<string, unknown>(),
    model: new Map<string, Given>(),
    global: new Map<string, unknown>(),
  };
  for (const option of spellings) {
    const value = parseOption(option, raw[idOf(option)], databases);
    if (option.group !== 'model') given[option.group].set(option.key, value);
    else if (value !== undefined && raw[idOf(option)] !== undefined) given.model.set(option.key, value);
  }
  const { values, missing, excess } = parsePositionals(Object.entries(command.positionals ?? {}), words);
  if (!help && !version) {
    if (unknown.length > 0 || excess.length > 0) throw unrecognized(unknown, excess, spellings);
    if (missing.length > 0) throw new UsageError(`the following arguments are required: ${missing.join(', ')}`);
    if (asked('json') && command.json === false) {
      throw new UsageError('argument --json: what this command writes is text for another program, and never JSON');
    }
  }
  const verbosity = given.global.get('verbosity');
  return {
    globals: {
      verbosity: verbosity === 0 || verbosity === 2 || verbosity === 3 ? verbosity : 1,
      json: asked('json'),
      introspect: asked('introspect'),
      noColor: asked('noColor'),
      forceColor: asked('forceColor'),
      traceback: asked('traceback'),
      version,
      ignored: spellings
        .filter(({ group, key }) => group === 'global' && key in ignoredOptions && raw[`global-${key}`] !== undefined)
        .map(({ long }) => `--${long[0]}`),
      help,
    },
    args: { ...Object.fromEntries(given.own), ...values, modelArguments: Object.fromEntries(given.model) },
  };
}

const placeOf = (key: string, spec: PositionalSpec) => {
  const { placeholder: name = key } = spec;
  const word = spec.variadic ? `${name} ...` : name;
  return spec.required ? word : `[${word}]`;
};

/** `usage: manage flush [options]`: one line. */
export function usageLine(name: string, command: Pick<Command, 'positionals'>): string {
  const places = Object.entries(command.positionals ?? {}).map(([key, spec]) => placeOf(key, spec));
  return ['usage: manage', name, '[options]', ...places].join(' ');
}
