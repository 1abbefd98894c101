import type { Context } from '../../../command.js';
import { CommandError } from '../../../errors.js';
import { type CheckedDatabase, finding } from '../../../schema/checks/finding.js';
import { knownNames } from '../../../text.js';
import { remedied } from '../../../ui/remedies.js';

/** @throws CommandError for the first name that is none, with what it may have been. */
export function assertKnown(
  given: readonly string[],
  known: readonly string[],
  sentence: (name: string) => string,
): void {
  const unknown = given.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const hint = knownNames(unknown, known, { both: true });
  throw new CommandError(sentence(unknown), { code: 'unknown_name', hint });
}

/** Opens databases; one that cannot be opened is a finding. */
export async function openAll({ connect }: Context, aliases: readonly string[]): Promise<CheckedDatabase[]> {
  const opened: CheckedDatabase[] = [];
  for (const alias of aliases) {
    try {
      opened.push({ alias, connection: await connect(alias), finding: undefined });
    } catch (error) {
      if (!(error instanceof CommandError) || error.exitCode !== 1) throw error;
      const found = finding('E001', `databases.${alias}`, error.message, remedied(error, 'check', alias).hint);
      opened.push({ alias, connection: undefined, finding: found });
    }
  }
  return opened;
}
