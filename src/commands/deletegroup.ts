import { listGroups } from '../auth/permissions/list-groups.js';
import { deleteGroup, previewGroupDeletion } from '../auth/permissions/manage-groups.js';
import { whoLoses } from '../auth/permissions/who-can.js';
import { defineCommand } from '../command.js';
import { counted } from '../text.js';
import { actorOptions, auditOf } from './shared/actor.js';
import { withKnownApps } from './shared/credentials/known-apps.js';
import { assertAllowed, confirmDestruction, destructive, placeOf, printPreview } from './shared/destructive.js';
import { database } from './shared/options.js';
import { groupPositional, requireGroup } from './shared/rights/groups.js';

export default defineCommand({
  describe: 'Delete a group, and show first who loses what.',
  positionals: groupPositional,
  options: {
    ...database,
    ...destructive,
    cascade: { type: 'boolean', describe: 'Also delete rows of tables of no known model that refer to it.' },
    ...actorOptions,
  },
  examples: [['manage deletegroup editors --dry-run', 'Show its members, and what they would not have any more.']],
  async run(context, args) {
    const { terminal } = context;
    const opened = await context.connect(args.database, { writes: !args.dryRun });
    if (!args.dryRun) assertAllowed(opened, args.allowProtected);
    const { connection } = await withKnownApps(opened);
    const group = await requireGroup(connection, args.group);
    const [{ members }, losing, tables] = [
      (await listGroups(connection)).find(({ name }) => name === group.name) ?? { members: 0 },
      await whoLoses(connection, group),
      await previewGroupDeletion(connection, group),
    ];
    const document = {
      name: group.name,
      members,
      losing,
      tables: tables.map((each) => ({ name: each.table, ...each })),
    };
    const lines = [
      ...tables.map(
        ({ table, rows, action }) =>
          `    ${table}  ${counted(rows, 'row')}  ${action === 'delete' ? 'deleted' : action.replaceAll('_', ' ')}`,
      ),
      ...losing
        .slice(0, 20)
        .map(({ username, permissions }) => `    User '${username}' loses ${permissions.join(', ')}.`),
      ...(losing.length > 20 ? [`    … and ${losing.length - 20} more users lose permissions.`] : []),
    ];
    const what = `the group '${group.name}' of ${counted(members ?? 0, 'member')} in ${placeOf(opened)}`;
    if (args.dryRun) {
      await printPreview(terminal, [`This would delete ${what}:`, ...lines]);
      return { json: { ...document, dryRun: true, deleted: false } };
    }
    if (!args.noInput && terminal.interactive) {
      const question = {
        noInput: false,
        cancelled: 'Nothing was deleted.',
        lines: [`This will DELETE ${what}:`, ...lines],
      };
      if (!(await confirmDestruction(terminal, question)))
        return { json: { ...document, deleted: false, cancelled: true } };
    }
    const audit = await auditOf(context, connection, 'deletegroup', args);
    await deleteGroup(connection, group, { ...audit, cascade: args.cascade });
    terminal.say(`Deleted ${what}.`);
    return { json: { ...document, dryRun: false, deleted: true } };
  },
});
