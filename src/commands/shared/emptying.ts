import type { FlushPreview } from '../../rows/flush.js';
import { counted } from '../../text.js';

/** Arguments and options that commands which empty tables have. */
export const emptyLabels = {
  label: { variadic: true, describe: 'An app or a model (auth, auth.User); without one, all of them.' },
} as const;

export const cascade = {
  cascade: {
    type: 'boolean',
    describe: 'Go on where tables that are not meant refer to what goes, and empty those too.',
  },
} as const;

/** What would be emptied, one line for each table, and what stays. */
export function emptiedLines({ emptied, cascaded, unknownApps, tables }: FlushPreview): string[] {
  const width = Math.max(0, ...emptied.map(({ table }) => table.length));
  const notes = (table: string) => [
    ...(cascaded.includes(table) ? ['only because it refers to others'] : []),
    ...(tables.some((each) => each.table === table && each.where !== undefined) ? ['not all of its rows'] : []),
  ];
  return [
    ...emptied.map(({ table, rows }) => {
      const note = notes(table).join(', ');
      return `    ${table.padEnd(width)}  ${counted(rows, 'row')}${note === '' ? '' : ` (${note})`}`;
    }),
    ...(unknownApps.length === 0
      ? []
      : [`Content types and permissions of apps that the settings do not declare stay: ${unknownApps.join(', ')}.`]),
  ];
}
