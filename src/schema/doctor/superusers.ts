import { userModelOf } from '../../auth/accounts/user-model.js';
import { readAccess } from '../../auth/permissions/access.js';
import type { Connection } from '../../db/connect/connection.js';
import { findField } from '../../registry/define.js';
import { type Finding, finding } from '../checks/finding.js';
import { dayMs, type Look, some } from './look.js';

const dormantDays = 90;

/** Superusers who should not be, and staff who no longer come. */
export const superusers: Look = async (connection, { now }) => {
  const { dialect, db, registry } = connection;
  const { model, auth } = userModelOf(registry);
  const findings: Finding[] = [];
  const flags = Object.entries(auth.superuserValues).concat(
    findField(model, 'is_staff') === undefined ? [] : [['is_staff', true]],
  );
  if (flags.length === 0) return [];
  const narrow = (query: ReturnType<Connection['db']['queryBuilder']>): void =>
    void query.where((either) => {
      for (const [name, value] of flags) {
        const field = findField(model, name);
        if (field !== undefined) either.orWhere(`${model.table}.${field.column}`, dialect.bind(db, field, value));
      }
    });
  const names = { never: [] as string[], factor: [] as string[], unusable: [] as string[], dormant: [] as string[] };
  let count = 0;
  for await (const page of readAccess(connection, { narrow })) {
    for (const user of page.filter(({ active }) => active)) {
      if (user.superuser) {
        count++;
        if (user.lastLogin === null && auth.lastLoginField !== undefined) names.never.push(user.username);
        if (user.secondFactor === false) names.factor.push(user.username);
        if (!user.usablePassword) names.unusable.push(user.username);
      } else if (
        user.staff &&
        user.lastLogin !== null &&
        Date.parse(user.lastLogin) < now.getTime() - dormantDays * dayMs
      ) {
        names.dormant.push(user.username);
      }
    }
  }
  if (count === 0)
    findings.push(
      finding('W071', model.table, 'There is no active superuser.', 'Make one with `manage createsuperuser`.'),
    );
  if (count > 5)
    findings.push(
      finding(
        'W072',
        model.table,
        `There are ${count} active superusers.`,
        'See them with `manage listusers --superusers`.',
      ),
    );
  const report = (id: `W${number}`, list: readonly string[], what: string, hint: string) => {
    if (list.length > 0) findings.push(finding(id, model.table, `${what}: ${some(list)}.`, hint));
  };
  report(
    'W073',
    names.never,
    'Superusers who have never logged in',
    'Deactivate those that nobody needs: `manage deactivateuser`.',
  );
  report('W074', names.factor, 'Superusers without a second factor', 'Have them set one up.');
  report('W075', names.unusable, 'Superusers with an unusable password', 'They log in by other means, or not at all.');
  report(
    'W076',
    names.dormant,
    `Staff who have not logged in for ${dormantDays} days`,
    'Deactivate those that nobody needs.',
  );
  return findings;
};
