import { CommandError } from '../../errors.js';

/** The error for a table or column that something else still needs. */
export function stillNeeded(what: string, dependents: readonly { type: string; name: string }[]): CommandError {
  const names = dependents.map(({ type, name }) => `the ${type} "${name}"`);
  const all = names.length > 1 ? `${names.slice(0, -1).join(', ')} and ${names.at(-1)}` : names.join('');
  const verb = names.length > 1 ? 'depend' : 'depends';
  return new CommandError(`${what} cannot be dropped: ${all} ${verb} on it.`, {
    code: 'still_needed',
    hint: `Drop ${names.length > 1 ? 'them' : 'it'} first, if unused.`,
  });
}
