import { editGroup } from '../auth/permissions/edit-group.js';
import { requireGroup } from '../auth/permissions/groups.js';
import { defineCommand } from '../command.js';
import { sayEditedGroup } from './reports/group.js';
import { actorOptions, auditOf } from './shared/actor.js';
import { database } from './shared/options.js';
import { assertEdits, gatherGroupEdit, groupEdits } from './shared/rights/group-edit.js';
import { groupPositional } from './shared/rights/groups.js';

export default defineCommand({
  describe: 'Change the name, the permissions and the members of a group.',
  positionals: groupPositional,
  options: {
    ...database,
    ...groupEdits,
    ...actorOptions,
  },
  examples: [["manage editgroup editors --rename writers --add-permission 'blog.*' --add-user ada", 'All or nothing.']],
  async run(context, args) {
    const { terminal } = context;
    assertEdits(args);
    const connection = await context.connect(args.database, { writes: true });
    const group = await requireGroup(connection, args.group);
    const audit = await auditOf(context, connection, 'editgroup', args);
    const edited = await editGroup(connection, group, await gatherGroupEdit(context, connection, args), audit);
    sayEditedGroup(terminal, group, args, edited);
    return { json: edited };
  },
});
