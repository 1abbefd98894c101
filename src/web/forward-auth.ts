import type { User } from '../auth/backends/user.js';
import { groupNames } from '../auth/permissions/names.js';
import { isUnicode } from '../db/values/values.js';
import { type Guard, loginLocation, type Refusal } from './guards.js';
import type { RequestContext } from './request-context.js';

export interface ForwardAuthOptions {
  /** A right, or several, that the user must have. */
  readonly permission?: string | readonly string[];
  /** A group that the user must be in. */
  readonly group?: string;
  /** Lets staff through alone. */
  readonly staff?: boolean;
}

const answer = (status: number, headers: Readonly<Record<string, string>> = {}): Refusal => ({
  status,
  headers,
  body: '',
});

/**
 * Answers a proxy that asks whether a visitor may pass (nginx `auth_request`, Traefik ForwardAuth): 204 with `X-Remote-User`
 * and `X-Remote-Groups`, else 401 for who is not logged in, and 403. Names are percent-encoded where they are not ASCII. Where the
 * proxy says what was asked for (`X-Original-URI`, as nginx can), the 401 has a `Location` with the way to the login and back.
 */
export function forwardAuth({ permission, group, staff = false }: ForwardAuthOptions = {}): Guard {
  return async (context) => {
    const { user, server } = context;
    if (!user.isAuthenticated) return answer(401, wayToLogin(context));
    const groups = await groupNames(server.pool.read, user as User);
    const wanted = permission === undefined ? [] : typeof permission === 'string' ? [permission] : permission;
    const isAllowed =
      (!staff || (user.isActive && user.isStaff)) &&
      (group === undefined || groups.includes(group)) &&
      (await user.hasPerms(wanted));
    if (!isAllowed) return answer(403);
    return answer(204, {
      'X-Remote-User': headerText(user.toString()),
      'X-Remote-Groups': groups.map((name) => headerText(name, ',')).join(','),
    });
  };
}

/**
 * Who shows a token is a program, and is not sent anywhere. Traefik (`X-Forwarded-Uri`) would give visitors the `Location` with this
 * server's own address in it.
 */
function wayToLogin(context: RequestContext): Readonly<Record<string, string>> {
  const { facts, tokenProblem } = context;
  const asked = facts.header('x-original-uri');
  if (tokenProblem !== undefined || asked === undefined || !asked.startsWith('/')) return {};
  return { Location: loginLocation(context, asked) };
}

/** Text that a header can hold as it is; the rest, and the percent sign itself, is percent-encoded. */
function headerText(text: string, separator = ''): string {
  return Array.from(text, (unit) =>
    /^[\x21-\x24\x26-\x7e]$/.test(unit) && unit !== separator
      ? unit
      : encodeURIComponent(isUnicode(unit) ? unit : '\ufffd'),
  ).join('');
}
