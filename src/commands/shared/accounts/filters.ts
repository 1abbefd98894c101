import type { UserFilter } from '../../../auth/accounts/list-users.js';
import { UsageError } from '../../../errors.js';

const states = ['usable', 'unusable', 'unknown', 'broken'] as const;
const dayMs = 24 * 60 * 60 * 1000;

/** Which users are listed. */
export const userFilters = {
  active: { type: 'boolean', describe: 'Only active users.' },
  inactive: { type: 'boolean', describe: 'Only inactive users.' },
  staff: { type: 'boolean', describe: 'Only staff.' },
  superusers: { type: 'boolean', describe: 'Only superusers.' },
  group: { type: 'string', placeholder: 'NAME', describe: 'Only members of this group.' },
  neverLoggedIn: { type: 'boolean', describe: 'Only users who have never logged in.' },
  notSince: {
    type: 'integer',
    unit: 'days',
    min: 0,
    max: 100_000,
    placeholder: 'DAYS',
    describe: 'Only users who have not logged in for this many days, or never.',
  },
  password: {
    type: 'string',
    choices: states,
    describe: 'Only users whose password is in this state; `unknown` is plain text, or a hash of another system.',
  },
  search: {
    type: 'string',
    placeholder: 'TEXT',
    describe: 'Only users with this text in a text field.',
  },
} as const;

interface FilterArguments {
  readonly active: boolean;
  readonly inactive: boolean;
  readonly staff: boolean;
  readonly superusers: boolean;
  readonly group: string | undefined;
  readonly neverLoggedIn: boolean;
  readonly notSince: number | undefined;
  readonly password: string | undefined;
  readonly search: string | undefined;
}

/** What the options above come to. @throws UsageError where they contradict each other. */
export function filterOf(args: FilterArguments, now: Date): UserFilter {
  const { active, inactive, staff, superusers, group, neverLoggedIn, notSince, password, search } = args;
  if (active && inactive) throw new UsageError('--active and --inactive cannot be used together.');
  return {
    group,
    neverLoggedIn,
    search,
    password: states.find((state) => state === password),
    active: active || inactive ? active : undefined,
    staff: staff || undefined,
    superuser: superusers,
    notSince: notSince === undefined ? undefined : new Date(now.getTime() - notSince * dayMs),
  };
}
