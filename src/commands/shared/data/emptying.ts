import type { EmptiedRows, FlushPreview, FlushResult } from '../../../rows/flush.js';
import { counted, several, visible } from '../../../text.js';
import { displayWidth, padded } from '../../../ui/table.js';

/** Arguments and options that commands which empty tables have. */
export const emptyLabels = {
  label: { variadic: true, describe: 'An app or a model (auth, auth.User); without one, all of them.' },
} as const;

export const cascade = {
  cascade: {
    type: 'boolean',
    describe: 'Also empty other tables that refer to these.',
  },
} as const;

/** What is not emptied though it may look like it. */
export function virtualLines(virtual: readonly string[]): string[] {
  if (virtual.length === 0) return [];
  return [`Virtual tables stay as they are, with what they hold: ${several(virtual)}.`];
}

/** What a flush leaves though it may look meant, and what it takes for good. */
export function keptLines({ virtual, lost }: Pick<FlushPreview, 'virtual' | 'lost'>): string[] {
  return [
    ...(lost.length === 0
      ? []
      : [`${counted(lost.length, 'permission')} that no model declares will not be made again: ${several(lost)}.`]),
    ...virtualLines(virtual),
  ];
}

/** What would be emptied, one line for each table, and what stays. */
export function emptiedLines({
  emptied,
  cascaded,
  unknownApps,
  virtual,
  untouched,
  lost,
  tables,
}: FlushPreview): string[] {
  const width = Math.max(0, ...emptied.map(({ table }) => displayWidth(visible(table))));
  const notes = (table: string) => [
    ...(untouched.includes(table) ? ['they stay: only the database knows those of its models'] : []),
    ...(cascaded.includes(table) ? ['only because it refers to others'] : []),
    ...(tables.some((each) => each.table === table && each.where !== undefined) ? ['not all of its rows'] : []),
  ];
  return [
    ...emptied.map(({ table, rows }) => {
      const note = notes(table).join(', ');
      return `    ${padded(visible(table), width)}  ${counted(rows, 'row')}${note === '' ? '' : ` (${note})`}`;
    }),
    ...(unknownApps.length === 0
      ? []
      : [`Content types and permissions of apps that the settings do not declare stay: ${several(unknownApps)}.`]),
    ...keptLines({ virtual, lost }),
  ];
}

/** Rows of all tables. */
export const rowsOf = (emptied: readonly EmptiedRows[]): number => emptied.reduce((sum, { rows }) => sum + rows, 0);

/** The tables that were emptied, and what became of content types and permissions. */
export function flushedText({ tables, created, kept }: FlushResult, place: string): string {
  const contentTypes = created.contentTypes.length + kept.contentTypes;
  const permissions = created.permissions.length + kept.permissions;
  const emptied = `${counted(tables.length, 'table')} of ${place}`;
  if (contentTypes + permissions === 0) return emptied;
  const types = `${counted(contentTypes, 'content type')} and ${counted(permissions, 'permission')}`;
  return `${emptied}, and ${kept.contentTypes > 0 ? `kept ${types}` : `made ${types} again`}`;
}
