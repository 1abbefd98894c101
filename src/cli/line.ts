import type { Command, Options } from '../command.js';
import { UsageError } from '../errors.js';
import { didYouMean } from '../text.js';
import { globalOptions, spellingsOf } from './spellings.js';
import { tokenize, unrecognized } from './tokens.js';

/** A command to run, with words of a command line or arguments by name. */
export interface Line {
  readonly name: string | undefined;
  readonly words: readonly string[] | Readonly<Record<string, unknown>>;
  /** What `--config` names. */
  readonly config: string | undefined;
}

export const isWords = (words: Line['words']): words is readonly string[] => Array.isArray(words);

/**
 * The command's name, and all words without it: global options may stand before it.
 *
 * @throws UsageError for other options before it.
 */
export function splitLine(argv: readonly string[]): Line {
  const before = spellingsOf({}, {}, { database: { type: 'string', describe: '' }, ...globalOptions });
  const { end, unknown } = tokenize(argv, before, { stopAtWord: true });
  if (unknown.length > 0) throw unrecognized(unknown, [], before);
  const at = argv[end] === '--' ? end + 1 : end;
  const { config } = earlyOptions(argv);
  return { name: argv[at], words: [...argv.slice(0, end), ...argv.slice(at + 1)], config };
}

/** What must be known before the command is: where its config is, and how to report an error. */
export interface EarlyOptions {
  readonly config: string | undefined;
  readonly json: boolean;
  readonly noColor: boolean;
  readonly forceColor: boolean;
  readonly traceback: boolean;
  readonly introspect: boolean;
  readonly database: string | undefined;
}

/** Global options as far as they can be told from a command line that may turn out to be wrong. */
export function earlyOptions(argv: readonly string[]): EarlyOptions {
  const end = argv.indexOf('--');
  const words = end === -1 ? argv : argv.slice(0, end);
  const givenFor = (option: string) => {
    const at = words.findLastIndex((word) => word === option || word.startsWith(`${option}=`));
    const value = words[at]?.includes('=') ? words[at]?.slice(option.length + 1) : words[at + 1];
    return at === -1 || value?.startsWith('-') ? undefined : value;
  };
  return {
    config: givenFor('--config'),
    introspect: words.includes('--introspect'),
    database: givenFor('--database'),
    json: words.includes('--json'),
    noColor: words.includes('--no-color'),
    forceColor: words.includes('--force-color'),
    traceback: words.includes('--traceback'),
  };
}

/** Whether `words` ask how the command is used, or for the version: for that no settings are needed. */
export function asksForHelp(words: readonly string[], command: Pick<Command, 'options'>): boolean {
  try {
    const { options } = tokenize(words, spellingsOf(command.options ?? {}, {}));
    return options.some(({ option: { group, key } }) => group === 'global' && (key === 'help' || key === 'version'));
  } catch {
    return false;
  }
}

/**
 * The words that stand for `given`, whose keys are names of options and arguments as the command declares them.
 *
 * @throws UsageError for a name or a value that cannot be one.
 */
export function wordsOf(
  given: Readonly<Record<string, unknown>>,
  command: Pick<Command, 'options' | 'positionals'>,
  modelOptions: Options,
): string[] {
  const spellings = spellingsOf(command.options ?? {}, modelOptions);
  const positionals = Object.keys(command.positionals ?? {});
  const textOf = (name: string, value: unknown): string => {
    if (typeof value === 'string' || typeof value === 'number') return `${value}`;
    throw new UsageError(`argument ${name}: expected text, a number, true, false or an array of texts`);
  };
  const listOf = (name: string, value: unknown) =>
    (Array.isArray(value) ? value : [value]).map((item) => textOf(name, item));
  const options = Object.entries(given).flatMap(([name, value]) => {
    if (value === undefined || value === null || value === false || positionals.includes(name)) return [];
    const option = spellings.find(({ key }) => key === name);
    if (option === undefined) {
      const hint = didYouMean(name, [...spellings.map(({ key }) => key), ...positionals]);
      throw new UsageError(`unrecognized arguments: ${name}`, hint === undefined ? {} : { hint });
    }
    if (option.spec.type === 'boolean' && value === true) return [`--${option.long[0]}`];
    return listOf(name, value).map((text) => `--${option.long[0]}=${text}`);
  });
  const words = positionals.flatMap((name) => (given[name] === undefined ? [] : listOf(name, given[name])));
  return [...options, '--', ...words];
}
