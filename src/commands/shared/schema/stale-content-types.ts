import type { Context } from '../../../command.js';
import type { Connection } from '../../../db/connect/connection.js';
import type { ClearedRows } from '../../../rows/clear.js';
import type { StaleContentTypes } from '../../../schema/stale-content-types.js';
import { staleLines } from '../../reports/stale-content-types.js';
import { confirmDestruction, printPreview } from '../destructive.js';

/** Removes stale content types app by app, each after asking; a dry run prints what would go. */
export async function removeByApp(
  { terminal }: Context,
  connection: Connection,
  stale: StaleContentTypes['stale'],
  { noInput, dryRun }: { readonly noInput: boolean; readonly dryRun: boolean },
) {
  const { previewRemoval, removeContentTypes } = await import('../../../schema/stale-content-types.js');
  const removed: { app: string; model: string }[] = [];
  const tables: ClearedRows[] = [];
  let cancelled = false;
  for (const app of new Set(stale.map((each) => each.app))) {
    const ofApp = stale.filter((each) => each.app === app);
    const preview = (await previewRemoval(connection, ofApp)).filter(({ rows }) => rows > 0);
    const lines = staleLines(connection, ofApp, preview);
    if (dryRun) {
      await printPreview(terminal, lines);
      tables.push(...preview);
      continue;
    }
    const kept = `Stale content types of '${app}' remain.`;
    if (!(await confirmDestruction(terminal, { noInput, lines, cancelled: kept }))) {
      cancelled = true;
      continue;
    }
    tables.push(...(await removeContentTypes(connection, ofApp)).filter(({ rows }) => rows > 0));
    for (const { model } of ofApp) {
      removed.push({ app, model });
      terminal.say(`Deleting stale content type '${app} | ${model}'`, 2);
    }
  }
  return { removed, tables, cancelled };
}
