import { parseAccess } from '../auth/permissions/access-file.js';
import { type AccessChange, applyAccess, changeLine, planAccess } from '../auth/permissions/apply.js';
import { defineCommand } from '../command.js';
import { UsageError } from '../errors.js';
import { counted } from '../text.js';
import { showPlan } from './reports/access-plan.js';
import { actorOptions, auditOf } from './shared/actor.js';
import { database, dryRun } from './shared/options.js';
import { readAccessText } from './shared/rights/access-file.js';

export default defineCommand({
  describe: 'Make groups and their permissions match a file.',
  positionals: {
    file: { required: true, describe: 'A file as dumpaccess writes it; - for standard input.' },
  },
  options: {
    ...database,
    ...dryRun,
    check: { type: 'boolean', describe: 'Exit with 1 if anything differs, and change nothing.' },
    prune: {
      type: 'boolean',
      describe: 'Also remove permissions, members and groups that the file does not name.',
    },
    ...actorOptions,
  },
  examples: [
    ['manage applyaccess access.yaml --dry-run', 'Show what would be done, as a diff.'],
    ['manage applyaccess access.yaml --check', 'For CI: fails if rights were changed by hand.'],
  ],
  async run(context, args) {
    const { terminal } = context;
    const { check, prune, dryRun: isDry } = args;
    if (check && isDry) throw new UsageError('--check and --dry-run cannot be used together.');
    const file = await parseAccess(await readAccessText(context, args.file));
    const connection = await context.connect(args.database, { writes: !check && !isDry });
    const document = (changes: readonly AccessChange[], applied: boolean) => ({
      json: { drift: changes.length > 0, applied, dryRun: isDry, changes },
    });
    if (check || isDry) {
      const changes = await showPlan(terminal, await planAccess(connection, file), { check, prune });
      return { ...document(changes, false), exitCode: check && changes.length > 0 ? 1 : 0 };
    }
    const audit = await auditOf(context, connection, 'applyaccess', args);
    const changes = await applyAccess(connection, file, { prune, ...audit });
    for (const change of changes) terminal.say(changeLine(change));
    terminal.say(changes.length === 0 ? 'Nothing to do.' : `${counted(changes.length, 'change')}.`);
    return document(changes, true);
  },
});
