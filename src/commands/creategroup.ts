import { matchPermissions, readPermissions } from '../auth/permissions/catalogue.js';
import { findGroup } from '../auth/permissions/groups.js';
import { createGroup } from '../auth/permissions/manage-groups.js';
import { defineCommand } from '../command.js';
import { counted } from '../text.js';
import { actorOptions, auditOf } from './shared/actor.js';
import { database } from './shared/options.js';
import { groupPositional, permissionHint } from './shared/rights/groups.js';

export default defineCommand({
  describe: 'Create a group.',
  positionals: groupPositional,
  options: {
    ...database,
    permission: { type: 'list', placeholder: 'PERM', describe: `Give the group this permission: ${permissionHint}` },
    ifNotExists: { type: 'boolean', describe: 'Leave an existing group unchanged, and succeed.' },
    ...actorOptions,
  },
  examples: [["manage creategroup editors --permission 'blog.*'", 'With all permissions of an app.']],
  async run(context, args) {
    const { terminal } = context;
    const connection = await context.connect(args.database, { writes: true });
    const existing = args.ifNotExists ? await findGroup(connection, args.group) : undefined;
    if (existing !== undefined) {
      terminal.say(`The group '${existing.name}' already exists: nothing was changed.`);
      return { json: { action: 'kept', pk: existing.pk, name: existing.name } };
    }
    const permissions =
      args.permission.length === 0 ? [] : matchPermissions(await readPermissions(connection), args.permission);
    const audit = await auditOf(context, connection, 'creategroup', args);
    const { pk, name } = await createGroup(connection, args.group, {
      ...audit,
      permissions: permissions.map((each) => each.pk),
    });
    terminal.say(`Created the group '${name}' with ${counted(permissions.length, 'permission')}.`);
    return { json: { action: 'created', pk, name, permissions: permissions.map(({ label }) => label) } };
  },
});
