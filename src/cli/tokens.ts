import { UsageError } from '../errors.js';
import { didYouMean } from '../suggestion.js';
import { nameOf, type Spelling } from './spellings.js';

/** A command line taken apart: options with their values as they were written, and everything else. */
export interface Tokens {
  readonly options: readonly { readonly option: Spelling; readonly value: string | undefined }[];
  readonly positionals: readonly string[];
  /** Options that nothing is known of, as they were written. */
  readonly unknown: readonly string[];
}

const negativeNumber = /^-\d+$|^-\d*\.\d+$/;
const isOption = (word: string) => word.length > 1 && word.startsWith('-') && !negativeNumber.test(word);

/** `--config` decides which options there are, so it must be written out (as `--settings` in Django). */
const neverAbbreviated = new Set(['config']);

function findLong(name: string, spellings: readonly Spelling[]): Spelling | undefined {
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
  return matches[0]?.option;
}

/**
 * Takes a command line apart as Python's argparse does: `--name value`, `--name=value`, `-v2`, `-v 2`, `-ab`, unambiguous
 * abbreviations, `--` before words that are no options. With `stopAtWord` it ends before the first word that is neither
 * an option nor the value of one, and `rest` is where.
 *
 * @throws UsageError for a missing value, a value that an option does not take, and an ambiguous abbreviation.
 */
export function tokenize(
  argv: readonly string[],
  spellings: readonly Spelling[],
  { stopAtWord = false } = {},
): Tokens & { readonly rest: number } {
  const options: { option: Spelling; value: string | undefined }[] = [];
  const positionals: string[] = [];
  const unknown: string[] = [];
  let at = 0;

  const take = (option: Spelling, attached: string | undefined) => {
    if (option.spec.type === 'boolean') {
      if (attached !== undefined) {
        throw new UsageError(`argument ${nameOf(option)}: ignored explicit argument '${attached}'`);
      }
      options.push({ option, value: undefined });
      return;
    }
    let value = attached;
    if (value === undefined) {
      const next = argv[at];
      if (next === undefined || isOption(next)) {
        throw new UsageError(`argument ${nameOf(option)}: expected one argument`, {
          ...(next === undefined || next === '--'
            ? {}
            : { hint: `Write --${option.long[0]}=… for a value that begins with a dash.` }),
        });
      }
      value = next;
      at++;
    }
    options.push({ option, value });
  };

  const takeShort = (word: string) => {
    for (let i = 1; i < word.length; i++) {
      const option = spellings.find(({ short }) => short === word[i]);
      if (option === undefined) {
        unknown.push(i === 1 ? word : `-${word.slice(i)}`);
        return;
      }
      const rest = word.slice(i + 1);
      if (option.spec.type !== 'boolean') {
        take(option, rest === '' ? undefined : rest.replace(/^=/, ''));
        return;
      }
      take(option, rest.startsWith('=') ? rest.slice(1) : undefined);
    }
  };

  while (at < argv.length) {
    const word = `${argv[at]}`;
    if (word === '--') {
      positionals.push(...argv.slice(at + 1));
      at = argv.length;
      break;
    }
    if (!isOption(word)) {
      if (stopAtWord) break;
      positionals.push(word);
      at++;
      continue;
    }
    at++;
    if (!word.startsWith('--')) {
      takeShort(word);
      continue;
    }
    const equals = word.indexOf('=');
    const option = findLong(equals === -1 ? word.slice(2) : word.slice(2, equals), spellings);
    if (option === undefined) unknown.push(word);
    else take(option, equals === -1 ? undefined : word.slice(equals + 1));
  }
  return { options, positionals, unknown, rest: at };
}

/** The error for words that a command does not take, with a suggestion for the first one. */
export function unrecognized(words: readonly string[], spellings: readonly Spelling[]): UsageError {
  const first = words.find((word) => word.startsWith('--'))?.replace(/=[\s\S]*/, '');
  const known = spellings
    .filter(({ spec }) => spec.hidden !== true)
    .flatMap(({ long }) => long.map((name) => `--${name}`));
  const hint = first === undefined ? undefined : didYouMean(first, known);
  return new UsageError(`unrecognized arguments: ${words.join(' ')}`, hint === undefined ? {} : { hint });
}
