import type { HeldPermission, Reason } from './access.js';

/** A permission that two users have for other reasons, or that only one of them has. */
export interface AccessDifference {
  readonly name: string;
  readonly a: readonly Reason[];
  readonly b: readonly Reason[];
}

/** What of their permissions differs: those that only one of them has, and with `reasons` also those had for other reasons. */
export function diffAccess(
  a: readonly HeldPermission[],
  b: readonly HeldPermission[],
  { reasons = false }: { readonly reasons?: boolean } = {},
): AccessDifference[] {
  const [left, right] = [a, b].map((held) => new Map(held.map((each) => [each.name, each.reasons])));
  const names = new Set([...(left?.keys() ?? []), ...(right?.keys() ?? [])]);
  return [...names].sort().flatMap((name) => {
    const [own, other] = [left?.get(name) ?? [], right?.get(name) ?? []];
    const differs =
      own.length === 0 || other.length === 0 || (reasons && JSON.stringify(own) !== JSON.stringify(other));
    return differs ? [{ name, a: own, b: other }] : [];
  });
}
