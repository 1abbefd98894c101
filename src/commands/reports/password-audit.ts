import type { PasswordAudit, PasswordGroup } from '../../auth/passwords/audit.js';
import type { Result, Terminal } from '../../command.js';
import { counted } from '../../text.js';
import { type ListColumn, onePage, writeListing } from '../shared/listing.js';

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

const passwordColumns: readonly ListColumn<PasswordGroup>[] = [
  { heading: 'state', flexible: true, cell: ({ kind }) => words[kind] },
  { heading: 'algorithm', cell: ({ algorithm }) => algorithm },
  { heading: 'cost', cell: ({ cost }) => cost },
  { heading: 'accounts', cell: ({ accounts }) => accounts },
  { heading: 'active', cell: ({ active }) => active },
  { heading: 'staff', cell: ({ staff }) => staff },
  { heading: 'superusers', cell: ({ superusers }) => superusers },
  { heading: 'never logged in', cell: ({ neverLoggedIn }) => neverLoggedIn },
];

/** Lists the groups as `--format` says, with how many accounts cannot log in. */
export async function writeAudit(
  terminal: Terminal,
  format: string | undefined,
  { accounts, cannotLogIn, groups }: PasswordAudit,
  targetDjango: string | undefined,
): Promise<Result> {
  const { result, count } = await writeListing(terminal, format, {
    key: 'groups',
    more: { accounts, cannotLogIn, targetDjango: targetDjango ?? null },
    pages: onePage(groups),
    columns: passwordColumns,
  });
  if (count !== undefined) {
    const where = targetDjango === undefined ? 'with these settings' : `with Django ${targetDjango}`;
    const ones = cannotLogIn === 1 ? 'one' : 'ones';
    terminal.note(`${counted(accounts, 'account')}; ${cannotLogIn} active ${ones} cannot log in ${where}.`);
  }
  return result;
}
