import type { PasswordGroup } from '../../auth/passwords/audit.js';
import type { ListColumn } from '../shared/listing.js';

const words = {
  current: 'as new ones are made',
  outdated: 'older cost',
  other: 'other hasher of the settings',
  unverifiable: 'NOT VERIFIED',
  unusable: 'unusable',
  empty: 'EMPTY',
  unknown: 'NO KNOWN FORMAT',
  broken: 'BROKEN',
  too_long: 'LONGER THAN THE COLUMN',
} as const;

export const passwordColumns: readonly ListColumn<PasswordGroup>[] = [
  { heading: 'state', flexible: true, cell: ({ kind }) => words[kind] },
  { heading: 'algorithm', cell: ({ algorithm }) => algorithm },
  { heading: 'cost', cell: ({ cost }) => cost },
  { heading: 'accounts', cell: ({ accounts }) => accounts },
  { heading: 'active', cell: ({ active }) => active },
  { heading: 'staff', cell: ({ staff }) => staff },
  { heading: 'superusers', cell: ({ superusers }) => superusers },
  { heading: 'never logged in', cell: ({ neverLoggedIn }) => neverLoggedIn },
];
