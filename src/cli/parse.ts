import type { Command, ModelArguments, Options, PositionalSpec } from '../command.js';
import { UsageError } from '../errors.js';
import { globalOptions, nameOf, type Spelling, spellingsOf } from './spellings.js';
import { tokenize, unrecognized } from './tokens.js';

export interface GlobalArguments {
  readonly verbosity: 0 | 1 | 2 | 3;
  readonly json: boolean;
  readonly config: string | undefined;
  readonly noColor: boolean;
  readonly forceColor: boolean;
  readonly traceback: boolean;
  readonly version: boolean;
  readonly help: boolean;
}

type Given = string | number | boolean | readonly string[];

const quoted = (values: readonly (string | number)[]) =>
  values.map((value) => (typeof value === 'number' ? `${value}` : `'${value}'`)).join(', ');

function checkChoice(name: string, value: string, choices: readonly string[] | undefined): void {
  if (choices === undefined || choices.includes(value)) return;
  throw new UsageError(`argument ${name}: invalid choice: '${value}' (choose from ${quoted(choices)})`);
}

function checkInteger(option: Spelling, text: string): number {
  const { spec } = option;
  const value = Number(text);
  if (!/^[+-]?\d+$/.test(text) || !Number.isSafeInteger(value)) {
    throw new UsageError(`argument ${nameOf(option)}: invalid int value: '${text}'`);
  }
  if (spec.type !== 'integer') return value;
  const { min = -Infinity, max = Infinity } = spec;
  if (value < min || value > max) {
    const range = Number.isFinite(min) && Number.isFinite(max) && max - min < 10;
    const all = range ? Array.from({ length: max - min + 1 }, (_, i) => min + i) : [];
    throw new UsageError(
      range
        ? `argument ${nameOf(option)}: invalid choice: ${value} (choose from ${quoted(all)})`
        : `argument ${nameOf(option)}: ${value} is ${value < min ? `less than ${min}` : `more than ${max}`}`,
    );
  }
  return value;
}

/** Checks what was given for one option, and turns it into what `run` gets. */
function given(option: Spelling, raw: unknown, databases: readonly string[]): Given | undefined {
  const { spec } = option;
  if (spec.type === 'boolean') return raw === true;
  if (spec.type === 'integer') return raw === undefined ? spec.default : checkInteger(option, String(raw));
  const choices = spec.choices === 'databases' ? databases : spec.choices;
  if (spec.type === 'list') {
    const values = Array.isArray(raw) ? raw.map(String) : [];
    for (const value of values) checkChoice(nameOf(option), value, choices);
    return values;
  }
  if (raw === undefined) return spec.default;
  checkChoice(nameOf(option), String(raw), choices);
  return String(raw);
}

function parsePositionals(
  specs: readonly (readonly [string, PositionalSpec])[],
  words: readonly string[],
): { readonly values: Record<string, string | string[] | undefined>; readonly excess: readonly string[] } {
  const values: Record<string, string | string[] | undefined> = {};
  let at = 0;
  for (const [name, spec] of specs) {
    const taken = spec.variadic ? words.slice(at) : words.slice(at, at + 1);
    for (const value of taken) checkChoice(name, value, spec.choices);
    at += taken.length;
    values[name] = spec.variadic ? taken : taken[0];
  }
  return { values, excess: words.slice(at) };
}

/** The global options alone, wherever they stand; nothing else is checked. */
export function globalsOf(given: Readonly<Record<string, Given | undefined>>): GlobalArguments {
  const verbosity = Number(given.verbosity ?? 1);
  return {
    verbosity: verbosity === 0 || verbosity === 2 || verbosity === 3 ? verbosity : 1,
    json: given.json === true,
    config: typeof given.config === 'string' ? given.config : undefined,
    noColor: given.noColor === true,
    forceColor: given.forceColor === true,
    traceback: given.traceback === true,
    version: given.version === true,
    help: given.help === true,
  };
}

export interface ParsedLine {
  readonly globals: GlobalArguments;
  /** What `run` gets. */
  readonly args: Record<string, unknown> & { readonly modelArguments: ModelArguments };
}

/**
 * Parses the words behind a command's name (and the global options before it).
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
  const { options, positionals: words, unknown } = tokenize(argv, spellings);

  // Every word is spelt out by now, so that yargs has nothing to guess.
  const id = (option: Spelling) => `${option.group}-${option.key}`;
  const ids = (type: string) =>
    spellings.filter(({ spec }) => (spec.type === 'boolean') === (type === 'boolean')).map(id);
  const yargs = options.length === 0 ? () => ({}) : (await import('yargs-parser')).default;
  const raw: Record<string, unknown> = yargs(
    options.map(({ option, value }) => (value === undefined ? `--${id(option)}` : `--${id(option)}=${value}`)),
    {
      boolean: ids('boolean'),
      string: ids('string'),
      array: spellings.filter(({ spec }) => spec.type === 'list').map(id),
      configuration: {
        'boolean-negation': false,
        'camel-case-expansion': false,
        'dot-notation': false,
        'duplicate-arguments-array': false,
        'greedy-arrays': false,
        'parse-numbers': false,
        'parse-positional-numbers': false,
      },
    },
  );

  const groups: Record<Spelling['group'], Record<string, Given | undefined>> = { own: {}, model: {}, global: {} };
  for (const option of spellings) {
    const value = raw[id(option)];
    if (option.group === 'model' && value === undefined) continue;
    groups[option.group][option.key] = given(option, value, databases);
  }
  const globals = globalsOf(groups.global);
  const specs = Object.entries(command.positionals ?? {});
  const modelArguments = Object.fromEntries(
    Object.entries(groups.model).filter((entry): entry is [string, Given] => entry[1] !== undefined),
  );
  if (globals.help || globals.version) {
    return { globals, args: { ...groups.own, modelArguments } };
  }

  const { values, excess } = parsePositionals(specs, words);
  const missing = specs.filter(
    ([name, spec]) => spec.required && (values[name] === undefined || (values[name].length === 0 && spec.variadic)),
  );
  if (unknown.length > 0 || excess.length > 0) {
    const refused = new Set<string>([...unknown, ...excess]);
    throw unrecognized(
      argv.filter((word) => refused.has(word)),
      spellings,
    );
  }
  if (missing.length > 0) {
    throw new UsageError(`the following arguments are required: ${missing.map(([name]) => name).join(', ')}`);
  }
  if (globals.json && command.json === false) {
    throw new UsageError('argument --json: the result of this command is text for another program');
  }
  return { globals, args: { ...groups.own, ...values, modelArguments } };
}

/** Whether `--json` stands on a command line that could not be parsed. */
export function asksForJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return (end === -1 ? argv : argv.slice(0, end)).includes('--json');
}

export { globalOptions };
