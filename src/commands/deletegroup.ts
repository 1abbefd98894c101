import { requireGroup } from '../auth/permissions/groups.js';
import { deleteGroup } from '../auth/permissions/manage-groups.js';
import { previewGroupDeletion } from '../auth/permissions/preview-group.js';
import { defineCommand } from '../command.js';
import { counted } from '../text.js';
import { affectedTables } from './reports/deletion.js';
import { groupDeletionLines } from './reports/group.js';
import { actorOptions, auditOf } from './shared/actor.js';
import { withKnownApps } from './shared/credentials/known-apps.js';
import { assertAllowed, confirmDestruction, destructive, placeOf, printPreview } from './shared/destructive.js';
import { database } from './shared/options.js';
import { groupPositional } from './shared/rights/groups.js';

export default defineCommand({
  describe: 'Delete a group, after showing who loses what.',
  positionals: groupPositional,
  options: {
    ...database,
    ...destructive,
    cascade: { type: 'boolean', describe: 'Also delete rows of unknown tables that refer to it.' },
    ...actorOptions,
  },
  examples: [['manage deletegroup editors --dry-run', 'Show its members, and the permissions they would lose.']],
  async run(context, args) {
    const { terminal } = context;
    const opened = await context.connect(args.database, { writes: !args.dryRun });
    if (!args.dryRun) assertAllowed(opened, args.allowProtected);
    const { connection } = await withKnownApps(context, opened);
    const group = await requireGroup(connection, args.group);
    const preview = await previewGroupDeletion(connection, group);
    const { members, losing, tables } = preview;
    const document = { name: group.name, members, losing, tables: affectedTables(tables) };
    const lines = groupDeletionLines(preview);
    const what = `the group '${group.name}' of ${counted(members ?? 0, 'member')} in ${placeOf(opened)}`;
    if (args.dryRun) {
      await printPreview(terminal, [`This would delete ${what}:`, ...lines]);
      return { json: { ...document, dryRun: true, deleted: false } };
    }
    const noInput = args.noInput || !terminal.interactive;
    const question = { noInput, cancelled: 'Nothing was deleted.', lines: [`This will DELETE ${what}:`, ...lines] };
    if (!(await confirmDestruction(terminal, question))) {
      return { json: { ...document, deleted: false, cancelled: true } };
    }
    const audit = await auditOf(context, connection, 'deletegroup', args);
    await deleteGroup(connection, group, { ...audit, cascade: args.cascade });
    terminal.say(`Deleted ${what}.`);
    return { json: { ...document, dryRun: false, deleted: true } };
  },
});
