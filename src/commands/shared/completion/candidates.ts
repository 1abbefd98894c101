import type { Context } from '../../../command.js';

/** A word that the shell may offer. */
export interface Candidate {
  readonly value: string;
  readonly describe?: string;
}

/** bash takes words apart at equals signs. */
function joined(words: readonly string[]): { readonly words: string[]; readonly split: boolean } {
  const whole: string[] = [];
  for (const word of words) {
    const before = whole.at(-1);
    if (before !== undefined && /^--[\w-]+$/.test(before) && word === '=') whole[whole.length - 1] = `${before}=`;
    else if (before !== undefined && /^--[\w-]+=$/.test(before)) whole[whole.length - 1] = before + word;
    else whole.push(word);
  }
  return { words: whole, split: whole.length !== words.length };
}

/** What may follow these words, of which the last is the one that is being typed. */
export async function completionCandidates(context: Context, given: readonly string[]): Promise<Candidate[]> {
  const { words, split } = joined(given);
  const current = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const { options: everywhere } = await context.outline('help');
  const takesValue = (word = '') =>
    word === '--database' || everywhere.some(({ names, type }) => type !== 'boolean' && names.includes(word));
  const at = before.findIndex((word, index) => !word.startsWith('-') && !takesValue(before[index - 1]));
  const name = before[at];
  const last = before.at(-1) ?? '';
  if (name === undefined && !current.startsWith('-') && !takesValue(last)) {
    return (await context.commands()).commands.map(({ name: value, describe }) => ({ value, describe }));
  }
  const { options, arguments: places } = await context.outline(name ?? 'help');
  const optionOf = (word: string) => options.find(({ names }) => names.includes(word));
  const databaseAt = words.findLastIndex((word) => word === '--database' || word.startsWith('--database='));
  const alias =
    (words[databaseAt]?.split('=')[1] ?? (databaseAt === -1 ? undefined : words[databaseAt + 1])) || 'default';
  const { kindOf, valuesOf } = await import('./values.js');
  const values = async (
    what: string,
    choices: readonly string[] | null,
    prefix: string,
    previous?: string,
  ): Promise<string[]> => {
    if (choices !== null && choices.length > 0) return [...choices];
    const kind = kindOf(what);
    if (kind === undefined || context.env.MANAGE_COMPLETE_VALUES === '0') return [];
    return valuesOf(context, { kind, prefix, alias, previous });
  };
  const assigned = /^(--[\w-]+)=([\s\S]*)$/.exec(current);
  if (assigned !== null) {
    const [, option = '', prefix = ''] = assigned;
    const found = await values(option, optionOf(option)?.choices ?? null, prefix);
    return found
      .filter((value) => value.startsWith(prefix))
      .map((value) => ({ value: split ? value : `${option}=${value}` }));
  }
  const previous = optionOf(last);
  if (takesValue(last) || (previous !== undefined && previous.type !== 'boolean')) {
    return (await values(last, previous?.choices ?? null, current)).map((value) => ({ value }));
  }
  if (current.startsWith('-')) {
    return options.flatMap(({ names, describe }) =>
      names.filter((each) => each.startsWith('--')).map((value) => ({ value, describe })),
    );
  }
  const positionals = before.slice(at + 1).filter((word, index, all) => {
    const owner = optionOf(all[index - 1] ?? '');
    return !word.startsWith('-') && (owner === undefined || owner.type === 'boolean');
  });
  const place = places[Math.min(positionals.length, places.length - 1)];
  if (place === undefined || (positionals.length >= places.length && !place.variadic)) return [];
  // `migrate app migration`: the first of two is an app.
  return (await values(name === 'help' ? 'command' : place.name, place.choices, current, positionals.at(-1))).map(
    (value) => ({ value }),
  );
}
