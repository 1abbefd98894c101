import type { Terminal } from '../../../command.js';
import type { FlushPreview } from '../../../rows/flush.js';
import { counted } from '../../../text.js';
import { confirmDestruction, printPreview } from '../destructive.js';
import { emptiedLines, rowsOf } from './emptying.js';

/** Prints what a flush of `place` would remove. */
export async function showFlush(terminal: Terminal, preview: FlushPreview, place: string): Promise<void> {
  const { emptied } = preview;
  if (emptied.length === 0) return terminal.note('No tables found.');
  const first = `A flush of ${place} would remove ${counted(rowsOf(emptied), 'row')}:`;
  await printPreview(terminal, [first, ...emptiedLines(preview)]);
}

/** Asks before the tables of `place` are emptied; nobody is asked where there are none. */
export async function confirmFlush(terminal: Terminal, preview: FlushPreview, place: string): Promise<boolean> {
  const { emptied } = preview;
  if (emptied.length === 0) return true;
  const lines = [
    'You have requested a flush of the database.',
    `This will IRREVERSIBLY DESTROY ${counted(rowsOf(emptied), 'row')} in ${place},`,
    'and return each of these tables to an empty state:',
    ...emptiedLines(preview),
  ];
  return confirmDestruction(terminal, { noInput: false, cancelled: 'Flush cancelled.', lines });
}
