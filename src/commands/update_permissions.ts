import { type RenamedModel, updatePermissions } from '../auth/permissions/rename-models.js';
import { defineCommand } from '../command.js';
import { UsageError } from '../errors.js';
import { counted } from '../text.js';
import { actorOptions, auditOf } from './shared/actor.js';
import { database, dryRun } from './shared/options.js';

function parseRenamed(text: string): RenamedModel {
  const [, app, from, to] = /^([^.=]+)\.([^.=]+)=(?:\1\.)?([^.=]+)$/.exec(text) ?? [];
  if (app !== undefined && from !== undefined && to !== undefined)
    return { app, from: from.toLowerCase(), to: to.toLowerCase() };
  throw new UsageError(`argument --renamed: '${text}' does not have the form app.old=new`);
}

export default defineCommand({
  describe: 'Create missing permissions, and move rights from the old names of renamed models.',
  options: {
    ...database,
    ...dryRun,
    ...actorOptions,
    renamed: {
      type: 'list',
      placeholder: 'APP.OLD=NEW',
      describe: 'Move rights on a renamed model to its new name.',
    },
  },
  examples: [
    ['manage update_permissions --dry-run', 'Show what would be made.'],
    ['manage update_permissions --renamed shop.cow=cattle', 'Who could change cows can change cattle.'],
  ],
  async run(context, args) {
    const { terminal } = context;
    const { dryRun: isDry } = args;
    const renamed = args.renamed.map(parseRenamed);
    const connection = await context.connect(args.database, { writes: true });
    const audit = await auditOf(context, connection, 'update_permissions', args);
    const result = await updatePermissions(connection, { renamed, dryRun: isDry, ...audit });
    const [made, again, moved] = isDry
      ? (['Would make', 'rename', 'Would move'] as const)
      : (['Made', 'renamed', 'Moved'] as const);
    terminal.say(`${made} ${counted(result.permissions.length, 'permission')}, ${again} ${result.renamed.length}.`);
    for (const { from, to, grants } of result.moved)
      terminal.say(`${moved} ${from} to ${to}: ${counted(grants, 'right')}.`);
    return { json: { dryRun: isDry, ...result } };
  },
});
