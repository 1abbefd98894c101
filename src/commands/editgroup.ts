import { matchPermissions, readPermissions } from '../auth/permissions/catalogue.js';
import { changeMembers, changePermissions, renameGroup } from '../auth/permissions/manage-groups.js';
import { defineCommand } from '../command.js';
import { repeatableTransaction } from '../db/transactions/transaction.js';
import { UsageError } from '../errors.js';
import { counted } from '../text.js';
import { findPerson, keyOf, nameOf, namesOf } from './shared/accounts/people.js';
import { actorOptions, auditOf } from './shared/actor.js';
import { database } from './shared/options.js';
import { groupPositional, permissionHint, requireGroup } from './shared/rights/groups.js';

export default defineCommand({
  describe: 'Change the name, the permissions and the members of a group.',
  positionals: groupPositional,
  options: {
    ...database,
    rename: { type: 'string', placeholder: 'NAME', describe: 'Give the group this name.' },
    addPermission: { type: 'list', placeholder: 'PERM', describe: `Give it this permission: ${permissionHint}` },
    removePermission: { type: 'list', placeholder: 'PERM', describe: 'Take this permission from it.' },
    addUser: { type: 'list', placeholder: 'USER', describe: 'Add this user; - reads names from standard input.' },
    removeUser: { type: 'list', placeholder: 'USER', describe: 'Remove this user.' },
    ...actorOptions,
  },
  examples: [["manage editgroup editors --rename writers --add-permission 'blog.*' --add-user ada", 'All or nothing.']],
  async run(context, args) {
    const { terminal } = context;
    const { rename, addPermission, removePermission, addUser, removeUser } = args;
    if (
      rename === undefined &&
      [addPermission, removePermission, addUser, removeUser].every(({ length }) => length === 0)
    ) {
      throw new UsageError('Nothing to change was given.', { hint: 'Give a name, a permission or a user.' });
    }
    const connection = await context.connect(args.database, { writes: true });
    const group = await requireGroup(connection, args.group);
    const audit = await auditOf(context, connection, 'editgroup', args);
    const all = addPermission.length + removePermission.length === 0 ? [] : await readPermissions(connection);
    const people = async (names: readonly string[]) => {
      const found = [];
      for (const name of names) found.push(await findPerson(connection, name));
      return found.map((row) => ({ pk: keyOf(connection, row), name: nameOf(connection, row) }));
    };
    const [added, removed] = [await people(await namesOf(context, addUser)), await people(removeUser)];
    const holder = { kind: 'group', pk: group.pk, name: rename ?? group.name } as const;
    const keys = (names: readonly string[]) =>
      names.length === 0 ? [] : matchPermissions(all, names).map(({ pk }) => pk);
    const result = await repeatableTransaction(connection, async (bound) => {
      if (rename !== undefined) await renameGroup(bound, group, rename, audit);
      const granted = await changePermissions(bound, [holder], keys(addPermission), 'grant', audit);
      const revoked = await changePermissions(bound, [holder], keys(removePermission), 'revoke', audit);
      return {
        granted: granted.flatMap(({ permissions }) => permissions),
        revoked: revoked.flatMap(({ permissions }) => permissions),
        added: await changeMembers(bound, group, added, 'add', audit),
        removed: await changeMembers(bound, group, removed, 'remove', audit),
      };
    });
    const labelOf = new Map(all.map(({ pk, label }) => [String(pk), label]));
    const labels = (pks: typeof result.granted) => pks.map((pk) => labelOf.get(String(pk)) ?? String(pk));
    if (rename !== undefined) terminal.say(`The group '${group.name}' is called '${rename}' now.`);
    if (addPermission.length > 0) terminal.say(`Gave it ${counted(result.granted.length, 'permission')} more.`);
    if (removePermission.length > 0) terminal.say(`Took ${counted(result.revoked.length, 'permission')} from it.`);
    if (addUser.length > 0) terminal.say(`Added ${counted(result.added.length, 'user')}.`);
    if (removeUser.length > 0) terminal.say(`Removed ${counted(result.removed.length, 'user')}.`);
    return {
      json: {
        pk: group.pk,
        name: rename ?? group.name,
        granted: labels(result.granted),
        revoked: labels(result.revoked),
        added: result.added.map(({ name }) => name),
        removed: result.removed.map(({ name }) => name),
      },
    };
  },
});
