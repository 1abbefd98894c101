import type { AuditOptions } from '../../audit/write.js';
import type { Connection } from '../../db/connect/connection.js';
import type { Value } from '../../db/dialect/dialect.js';
import { repeatableTransaction } from '../../db/transactions/transaction.js';
import { matchPermissions, readPermissions } from './catalogue.js';
import type { Group } from './groups.js';
import { changeMembers, changePermissions, renameGroup } from './manage-groups.js';

/** What is to become of a group. Permissions are named as {@link matchPermissions} takes them. */
export interface GroupEdit {
  readonly rename?: string | undefined;
  readonly grant?: readonly string[];
  readonly revoke?: readonly string[];
  /** Users, by key and name. */
  readonly add?: readonly Group[];
  readonly remove?: readonly Group[];
}

/** A group as it is now, and what has changed of it: what it had already is not in the lists. */
export interface EditedGroup {
  readonly pk: Value;
  readonly name: string;
  readonly granted: readonly string[];
  readonly revoked: readonly string[];
  /** Names of users. */
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/**
 * Changes the name, the permissions and the members of a group, in one transaction.
 *
 * @throws CommandError of code `permission_not_found`, `group_exists` where the name is taken, and `group_not_found` where the
 * group is gone.
 */
export async function editGroup(
  connection: Connection,
  group: Group,
  { rename, grant = [], revoke = [], add = [], remove = [] }: GroupEdit,
  audit: AuditOptions = {},
): Promise<EditedGroup> {
  const all = grant.length + revoke.length === 0 ? [] : await readPermissions(connection);
  const labels = new Map(all.map(({ pk, label }) => [String(pk), label]));
  const name = rename ?? group.name;
  const holder = { kind: 'group', pk: group.pk, name } as const;
  const keys = (names: readonly string[]) =>
    names.length === 0 ? [] : matchPermissions(all, names).map(({ pk }) => pk);
  return repeatableTransaction(connection, async (bound) => {
    if (rename !== undefined) await renameGroup(bound, group, rename, audit);
    const change = async (names: readonly string[], verb: 'grant' | 'revoke') => {
      const changes = await changePermissions(bound, [holder], keys(names), verb, audit);
      return changes.flatMap(({ permissions }) => permissions.map((pk) => labels.get(String(pk)) ?? String(pk)));
    };
    return {
      pk: group.pk,
      name,
      granted: await change(grant, 'grant'),
      revoked: await change(revoke, 'revoke'),
      added: (await changeMembers(bound, group, add, 'add', audit)).map((member) => member.name),
      removed: (await changeMembers(bound, group, remove, 'remove', audit)).map((member) => member.name),
    };
  });
}
