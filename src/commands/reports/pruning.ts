import type { PruneResult } from '../../apps/prune.js';
import type { Context } from '../../command.js';
import { counted } from '../../text.js';
import { noteUnknown } from '../shared/credentials/credentials.js';

/** Rows of all tables. */
export const prunedRows = (parts: PruneResult['parts']) => parts.reduce((sum, { rows }) => sum + rows, 0);

/** Says what was deleted, with the document of that. */
export function sayPruned({ terminal }: Context, { parts, stopped, unknown }: PruneResult) {
  noteUnknown(terminal, unknown);
  for (const { part, table, rows } of parts) {
    if (rows > 0) terminal.say(`${part.padEnd(20)} Deleted ${counted(rows, 'row')} of ${table}.`);
  }
  const more = stopped === undefined ? '' : ' There may be more: run it again to continue.';
  terminal.say(`Deleted ${counted(prunedRows(parts), 'row')}.${more}`);
  return { json: { dryRun: false, parts, rows: prunedRows(parts), stopped: stopped ?? null, running: false, unknown } };
}
