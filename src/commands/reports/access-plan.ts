import { type AccessChange, changeLine, isRemoval } from '../../auth/permissions/apply.js';
import type { Terminal } from '../../command.js';
import { counted } from '../../text.js';
import { printPreview } from '../shared/destructive.js';

/** Prints what would be done to make a database what a file says; resolves with that. A check tells what differs besides. */
export async function showPlan(
  terminal: Terminal,
  all: readonly AccessChange[],
  { check, prune }: { readonly check: boolean; readonly prune: boolean },
): Promise<readonly AccessChange[]> {
  // Groups that the file does not name may be somebody else's; without --prune they are no drift.
  const plan = all.filter((change) => prune || change.action !== 'delete');
  const changes = check ? plan : plan.filter((change) => prune || !isRemoval(change));
  await printPreview(terminal, changes.map(changeLine));
  const left = plan.length - changes.length;
  if (left > 0)
    terminal.note(
      `${counted(left, 'right')} of the database that the file does not name would stay: --prune takes them away.`,
    );
  if (changes.length === 0) terminal.say('The database is what the file says.');
  return changes;
}
