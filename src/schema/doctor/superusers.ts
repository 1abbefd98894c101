import { userModelOf } from '../../auth/accounts/user-model.js';
import { readAccess } from '../../auth/permissions/access.js';
import type { Connection } from '../../db/connect/connection.js';
import type { Value } from '../../db/dialect/dialect.js';
import { findField } from '../../registry/define.js';
import { type Finding, finding } from '../checks/finding.js';
import { dayMs, type Look, some } from './look.js';

const dormantDays = 90;

/** Names of active accounts by what is odd about them. */
interface Oddities {
  superusers: number;
  readonly never: string[];
  readonly factor: string[];
  readonly unusable: string[];
  readonly dormant: string[];
}

/** Superusers who should not be, and staff who no longer come. */
export const superusers: Look = async (connection, { now }) => {
  const { model, auth } = userModelOf(connection.registry);
  const staff = findField(model, 'is_staff') === undefined ? [] : [['is_staff', true] as const];
  const flags = [...Object.entries(auth.superuserValues), ...staff];
  if (flags.length === 0) return [];
  const { superusers: count, never, factor, unusable, dormant } = await readOddities(connection, flags, now);
  const findings: Finding[] = [];
  const add = (id: `W${number}`, what: string, hint: string) => findings.push(finding(id, model.table, what, hint));
  if (count === 0) add('W071', 'There is no active superuser.', 'Make one.');
  if (count > 5) {
    add('W072', `There are ${count} active superusers.`, 'Take the rights away from those who need none.');
  }
  const report = (id: `W${number}`, list: readonly string[], what: string, hint: string) => {
    if (list.length > 0) add(id, `${what}: ${some(list)}.`, hint);
  };
  report('W073', never, 'Superusers who have never logged in', 'Deactivate unused ones.');
  report('W074', factor, 'Superusers without a second factor', 'Have them set one up.');
  report('W075', unusable, 'Superusers with an unusable password', 'They log in by other means, or not at all.');
  report('W076', dormant, `Staff who have not logged in for ${dormantDays} days`, 'Deactivate unused ones.');
  return findings;
};

/** Looks at the accounts that have one of these flags. */
async function readOddities(
  connection: Connection,
  flags: readonly (readonly [string, Value])[],
  now: Date,
): Promise<Oddities> {
  const { dialect, db, registry } = connection;
  const { model, auth } = userModelOf(registry);
  const narrow = (query: ReturnType<Connection['db']['queryBuilder']>): void =>
    void query.where((either) => {
      for (const [name, value] of flags) {
        const field = findField(model, name);
        if (field !== undefined) either.orWhere(`${model.table}.${field.column}`, dialect.bind(db, field, value));
      }
    });
  const isDormant = (lastLogin: string | null) =>
    lastLogin !== null && Date.parse(lastLogin) < now.getTime() - dormantDays * dayMs;
  const found: Oddities = { superusers: 0, never: [], factor: [], unusable: [], dormant: [] };
  for await (const page of readAccess(connection, { narrow })) {
    for (const user of page.filter(({ active }) => active)) {
      if (user.superuser) {
        found.superusers++;
        if (user.lastLogin === null && auth.lastLoginField !== undefined) found.never.push(user.username);
        if (user.secondFactor === false) found.factor.push(user.username);
        if (!user.usablePassword) found.unusable.push(user.username);
      } else if (user.staff && isDormant(user.lastLogin)) {
        found.dormant.push(user.username);
      }
    }
  }
  return found;
}
