import type { Terminal } from '../../command.js';
import type { Connection } from '../../db/connect/connection.js';
import { CommandError } from '../../errors.js';
import { oneLine, printable } from '../../text.js';
import { allowProtected, dryRun, noInput } from './options.js';

/** Options of every command that destroys data. */
export const destructive = { ...noInput, ...dryRun, ...allowProtected } as const;

/** What a person is told about the database: its alias and where it is. */
export function placeOf({ alias, target }: Pick<Connection, 'alias' | 'target'>): string {
  return `'${alias}' (${target})`;
}

/**
 * Refuses to go on where the settings protect the database and nobody has allowed this by name.
 *
 * @throws CommandError that names `--allow-protected`.
 */
export function assertAllowed(
  connection: Pick<Connection, 'alias' | 'target' | 'protected'>,
  allowed: readonly string[],
): void {
  if (!connection.protected || allowed.includes(connection.alias)) return;
  throw new CommandError(`The database ${placeOf(connection)} is protected.`, {
    code: 'protected_database',
    hint: `To run this on it, add --allow-protected ${connection.alias}.`,
  });
}

/** Prints what a dry run has found, at every verbosity: that is what it was run for. */
export async function printPreview(terminal: Terminal, lines: readonly string[]): Promise<void> {
  await terminal.write(lines.map((line) => `${printable(oneLine(line))}\n`).join(''));
}

/**
 * Asks before something is destroyed: `lines` say what will be hit. With `--no-input` nobody is asked. A no is said on
 * stdout as `cancelled`.
 *
 * @throws UsageError where nobody can answer.
 */
export async function confirmDestruction(
  terminal: Terminal,
  {
    noInput,
    lines,
    cancelled,
  }: { readonly noInput: boolean; readonly lines: readonly string[]; readonly cancelled: string },
): Promise<boolean> {
  if (noInput) return true;
  const question = [
    ...lines,
    'Are you sure you want to do this?',
    '',
    "    Type 'yes' to continue, or 'no' to cancel: ",
  ];
  if (await terminal.confirm(question.map(oneLine).join('\n'))) return true;
  terminal.say(cancelled);
  return false;
}
