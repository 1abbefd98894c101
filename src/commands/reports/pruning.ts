import type { PruneResult } from '../../apps/prune.js';
import type { Context } from '../../command.js';
import { counted } from '../../text.js';

/** Says of which apps nobody knows what is over in them. */
function noteUnknown(terminal: Context['terminal'], unknown: PruneResult['unknown']): void {
  for (const { app, reason } of unknown) {
    terminal.warn(`The app '${app}' was left alone: it may have expired rows. ${reason}`);
  }
}

/** Rows of all tables. */
const prunedRows = (parts: PruneResult['parts']) => parts.reduce((sum, { rows }) => sum + rows, 0);

/** Prints what would be deleted, with the document of that. */
export async function showPrunable({ terminal }: Context, { parts, unknown }: Pick<PruneResult, 'parts' | 'unknown'>) {
  noteUnknown(terminal, unknown);
  for (const { part, table, rows } of parts) {
    await terminal.write(`${part.padEnd(20)} ${counted(rows, 'row')} of ${table} would be deleted.\n`);
  }
  if (parts.length > 1) await terminal.write(`${counted(prunedRows(parts), 'row')} in all.\n`);
  return { json: { dryRun: true, parts, rows: prunedRows(parts), stopped: null, running: false, unknown } };
}

/** Says that another run does it, with the document of that. */
export function sayNotPruned({ terminal }: Context) {
  terminal.say('Another run is cleaning up; nothing was done.');
  return { json: { dryRun: false, parts: [], rows: 0, stopped: null, running: true, unknown: [] } };
}

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
