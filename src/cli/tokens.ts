import { UsageError } from '../errors.js';
import { closest, shortened, suggest, visible } from '../text.js';
import { insteadOf, nameOf, optionMeant, type Spelling } from './spellings.js';

/** A word of the command line with where it stood. */
export interface Word {
  readonly text: string;
  readonly at: number;
}

/** A command line taken apart: options with their values as they were written, and everything else. */
export interface Tokens {
  readonly options: readonly { readonly option: Spelling; readonly value: string | undefined }[];
  readonly words: readonly Word[];
  /** Options that nothing is known of, without the values that they may have had. */
  readonly unknown: readonly Word[];
  /** Where the first word stood at which it stopped, or the length of the command line. */
  readonly end: number;
}

const negativeNumber = /^-\d+$|^-\d*\.\d+$/;
const isOption = (text: string) => text.length > 1 && text.startsWith('-') && !negativeNumber.test(text);

/** `--config` decides which options there are, so it must be written out (as `--settings` in Django). */
const neverAbbreviated = new Set(['config']);

/** `shortens` says which options may be abbreviated. */
function findLong(
  name: string,
  spellings: readonly Spelling[],
  shortens: (option: Spelling) => boolean,
): Spelling | undefined {
  const exact = spellings.find(({ long }) => long.includes(name));
  if (exact !== undefined || name === '') return exact;
  const matches = spellings.flatMap((option) =>
    option.long
      .filter((long) => long.startsWith(name) && !neverAbbreviated.has(long))
      .map((long) => ({ option, long })),
  );
  if (new Set(matches.map(({ option }) => option)).size > 1) {
    const could = matches.map(({ long }) => `--${long}`).join(', ');
    throw new UsageError(`ambiguous option: --${name} could match ${could}`);
  }
  const [found] = matches;
  return found !== undefined && shortens(found.option) ? found.option : undefined;
}

/** A command line on the way, and what was taken from it. */
interface Reading {
  readonly argv: readonly string[];
  readonly spellings: readonly Spelling[];
  /** The word that is read. */
  at: number;
  readonly options: { option: Spelling; value: string | undefined }[];
  readonly words: Word[];
  readonly unknown: Word[];
}

/**
 * Takes a command line apart as Python's argparse does: `--name value`, `--name=value`, `-v2`, `-v 2`, `-ab`, unambiguous
 * abbreviations (of global options only before the command), `--` before words that are no options. With `stopAtWord` it ends before the first word that is neither
 * an option nor the value of one.
 *
 * @throws UsageError for a missing value, a value that an option does not take, and an ambiguous abbreviation.
 */
export function tokenize(argv: readonly string[], spellings: readonly Spelling[], { stopAtWord = false } = {}): Tokens {
  const reading: Reading = { argv, spellings, at: 0, options: [], words: [], unknown: [] };
  const { options, words, unknown } = reading;
  // Behind a command, `--force` must not be taken for `--force-color`.
  const shortens = ({ group }: Spelling) => stopAtWord || group !== 'global';
  for (; reading.at < argv.length; reading.at++) {
    const text = `${argv[reading.at]}`;
    const isWord = !isOption(text) || text === '--';
    if (isWord && stopAtWord) break;
    if (text === '--') {
      const rest = reading.at + 1;
      words.push(...argv.slice(rest).map((word, i) => ({ text: word, at: rest + i })));
      reading.at = argv.length;
      break;
    }
    if (isWord) {
      words.push({ text, at: reading.at });
    } else if (text.startsWith('--')) {
      takeLong(reading, text, shortens);
    } else {
      takeShort(reading, text);
    }
  }
  return { options, words, unknown, end: reading.at };
}

/** `--name` or `--name=value`. */
function takeLong(reading: Reading, text: string, shortens: (option: Spelling) => boolean): void {
  const equals = text.indexOf('=');
  const name = equals === -1 ? text.slice(2) : text.slice(2, equals);
  const option = findLong(name, reading.spellings, shortens);
  if (option === undefined) reading.unknown.push({ text: `--${name}`, at: reading.at });
  else take(reading, option, equals === -1 ? undefined : text.slice(equals + 1));
}

/** `-a`, `-ab`, `-v2`, `-v=2`. */
function takeShort(reading: Reading, text: string): void {
  for (let i = 1; i < text.length; i++) {
    const option = reading.spellings.find(({ short }) => short === text[i]);
    if (option === undefined) {
      reading.unknown.push({ text: `-${text[i]}`, at: reading.at });
      return;
    }
    const rest = text.slice(i + 1);
    if (option.spec.type !== 'boolean') {
      take(reading, option, rest === '' ? undefined : rest.replace(/^=/, ''));
      return;
    }
    take(reading, option, rest.startsWith('=') ? rest.slice(1) : undefined);
  }
}

/** An option, with the value that is attached to it or else the next word. */
function take(reading: Reading, option: Spelling, attached: string | undefined): void {
  const { argv, options } = reading;
  if (option.spec.type === 'boolean') {
    // The value is not repeated: it may be a password.
    if (attached !== undefined) throw new UsageError(`argument ${nameOf(option)}: takes no value`);
    options.push({ option, value: undefined });
    return;
  }
  if (attached !== undefined) {
    options.push({ option, value: attached });
    return;
  }
  const next = argv[reading.at + 1];
  if (next === undefined || isOption(next)) {
    throw new UsageError(
      `argument ${nameOf(option)}: expected one argument`,
      next === undefined || next === '--'
        ? {}
        : { hint: `Write --${option.long[0]}=VALUE for a value that begins with a dash.` },
    );
  }
  options.push({ option, value: next });
  reading.at++;
}

/**
 * The error for words that a command does not take, with a suggestion. A word behind an unknown option is most likely its
 * value, which may be a password, and is not repeated.
 */
export function unrecognized(
  unknown: readonly Word[],
  excess: readonly Word[],
  spellings: readonly Spelling[],
): UsageError {
  const values = new Set(unknown.map(({ at }) => at + 1));
  const shown = [...unknown, ...excess.filter(({ at }) => !values.has(at))].sort((a, b) => a.at - b.at);
  const known = (global: boolean) =>
    spellings
      .filter(({ spec, group }) => spec.hidden !== true && (group === 'global') === global)
      .flatMap(({ long }) => long);
  const first = unknown.find(({ text }) => /^--?[a-z]/i.test(text))?.text;
  const word = first?.replace(/^--?/, '').replace(/=.*$/s, '') ?? '';
  const meant = optionMeant(word, [...known(false), ...known(true)]);
  // Those of every command are hardly ever meant by what is not very much like them.
  const name =
    meant ??
    (first?.startsWith('--') ? suggest(word, [...known(false), ...closest(word, known(true), 0.75)]) : undefined);
  // What is not wanted is not what is meant.
  const asked = word === `no-${name}` ? `--${name} has no opposite here.` : `Did you mean --${name}?`;
  const hint = insteadOf(word) ?? (name === undefined ? undefined : asked);
  return new UsageError(
    `unrecognized arguments: ${(shown.length > 0 ? shown : excess).map(({ text }) => visible(shortened(text))).join(' ')}`,
    { hint },
  );
}
