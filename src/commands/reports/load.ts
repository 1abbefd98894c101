import type { Terminal } from '../../command.js';
import type { Connection } from '../../db/connect/connection.js';
import type { Difference } from '../../fixtures/load/comparison.js';
import type { LoadOptions, LoadResult } from '../../fixtures/load/load-fixtures.js';
import type { DeletedRow } from '../../fixtures/load/sync-deletions.js';
import { counted, printable, several } from '../../text.js';

/** What `--diff` shows, which is kept until the load is over: no row is locked while its reader is slow. */
export interface Differences {
  readonly fields: readonly Difference[];
  readonly rows: readonly DeletedRow[];
  readonly listeners: Required<Pick<LoadOptions, 'onDifference' | 'onDeleted' | 'onRestart'>>;
  /** Shows them. */
  finish(): Promise<void>;
  discard(): Promise<void>;
}

/** With `--json` they are kept in `fields` and `rows`, and nothing is shown. */
export async function createDifferences(terminal: Terminal): Promise<Differences> {
  const { createSpool } = await import('../../fixtures/dump/output.js');
  const shown = createSpool((text) => terminal.write(text));
  const [fields, rows]: [Difference[], DeletedRow[]] = [[], []];
  return {
    fields,
    rows,
    listeners: {
      onDifference(each) {
        if (!terminal.json) return shown.write(printable(differenceText(each)));
        fields.push(each);
        return undefined;
      },
      onDeleted(row) {
        if (!terminal.json) return shown.write(printable(`${row.model} ${keyText(row.pk)}: (deleted)\n`));
        rows.push(row);
        return undefined;
      },
      onRestart() {
        fields.length = 0;
        rows.length = 0;
        return shown.discard();
      },
    },
    finish: () => shown.finish(),
    discard: () => shown.discard(),
  };
}

/** Says what a load has done, or would do. */
export function sayLoaded(
  terminal: Terminal,
  result: LoadResult,
  { dryRun, timeZone }: { readonly dryRun: boolean; readonly timeZone: string },
) {
  const { objects, read, fixtures, counts, deleted, empty, skipped, localTimes } = result;
  if (localTimes.length > 0) {
    terminal.warn(`Times without an offset were taken in the zone ${timeZone}: ${localTimes.join(', ')}.`);
  }
  if (skipped.length > 0) {
    terminal.warn(`Skipped permissions and other records that refer to undeclared models: ${several(skipped)}.`);
  }
  for (const name of empty) {
    terminal.warn(`No fixture data found for '${name}'. (The file format may be invalid.)`);
  }
  if (counts !== undefined) {
    const [insert, change, leave] = dryRun ? ['Would insert', 'change', 'leave'] : ['Inserted', 'changed', 'left'];
    terminal.say(`${insert} ${counts.inserted}, ${change} ${counts.changed} and ${leave} ${counts.left} object(s).`);
  }
  for (const { model, rows } of deleted) {
    terminal.say(`${dryRun ? 'Would delete' : 'Deleted'} ${counted(rows, 'row')} of ${model}.`);
  }
  terminal.say(`Processed ${counted(read, 'object')}.`, 3);
  const of = read === objects ? '' : ` (of ${read})`;
  if (!dryRun) terminal.say(`Installed ${objects} object(s)${of} from ${fixtures} fixture(s)`);
}

/** What a load has done, for programs. */
export function loadDocument(
  { objects, read, fixtures, counts, deleted }: LoadResult,
  { fields, rows }: Pick<Differences, 'fields' | 'rows'>,
  { dryRun, sync, diff }: { readonly dryRun: boolean; readonly sync: boolean; readonly diff: boolean },
) {
  return {
    objects,
    read,
    fixtures,
    dryRun,
    ...(counts === undefined ? {} : { counts }),
    ...(sync ? { deleted } : {}),
    ...(diff ? { differences: fields } : {}),
    ...(diff && sync ? { deletedRows: rows } : {}),
  };
}

/** Says so where rows of accounts went with `sync`, and nobody who may do everything is left. */
export async function warnWithoutSuperuser(terminal: Terminal, connection: Connection, { deleted }: LoadResult) {
  if (!deleted.some(({ model }) => model === connection.registry.userModel.label)) return;
  const { hasActiveSuperuser } = await import('../../auth/accounts/last-superuser.js');
  if (await hasActiveSuperuser(connection)) return;
  terminal.warn('No active superuser is left. Make one with `manage createsuperuser`.');
}

/** A key of several columns as a list. */
const keyText = (pk: Difference['pk']) => (Array.isArray(pk) ? `[${pk.join(', ')}]` : String(pk));

function differenceText({ model, pk, field, before, after }: Difference): string {
  const shown = (value: Difference['after']) =>
    value instanceof Uint8Array ? `${value.length} bytes` : JSON.stringify(value);
  const old = before === undefined ? '(new)' : shown(before);
  return `${model} ${keyText(pk)} ${field}: ${old} -> ${shown(after)}\n`;
}
