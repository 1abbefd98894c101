import type { Offboarded, OffboardPlan } from '../../apps/offboard.js';
import { counted } from '../../text.js';
import { countByKind, kindLine } from '../shared/credentials/credentials.js';

/** What would end and what would stay, by user. */
export function planLines({ users }: OffboardPlan): string[] {
  return users.flatMap(({ user, deactivate, ends, stays, moves, rights }) => {
    const taken = [
      ...(rights.groups > 0 ? [counted(rights.groups, 'group')] : []),
      ...(rights.permissions > 0 ? [counted(rights.permissions, 'permission')] : []),
      ...rights.flags,
    ];
    return [
      `${user.username}${deactivate ? ': becomes inactive' : user.active ? '' : ': is inactive already'}`,
      ...countByKind(ends).map((each) => `    ends   ${kindLine(each)}`),
      ...(taken.length > 0 ? [`    loses  ${taken.join(', ')}`] : []),
      ...countByKind(moves).map((each) => `    moves  ${kindLine(each)}`),
      ...countByKind(stays).map((each) => `    stays  ${kindLine(each)}`),
    ];
  });
}

/** Says what has ended. */
export function sayOffboarded(
  { deactivated, sessions, ended, applications, rights }: Offboarded,
  say: (line: string) => void,
): void {
  for (const name of deactivated) say(`User '${name}' is inactive now.`);
  say(`Ended ${counted(sessions, 'session')}.`);
  for (const each of ended) say(`Ended ${kindLine(each)}.`);
  if (applications > 0) say(`Gave ${counted(applications, 'OAuth application')} to another user.`);
  const { groups, permissions, users } = rights;
  if (users > 0) say(`Took staff or superuser status from ${counted(users, 'user')}.`);
  if (groups + permissions > 0) say(`Took ${counted(groups, 'group')} and ${counted(permissions, 'permission')} away.`);
}
