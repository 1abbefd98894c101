import { endedGroups, offboard, planOffboarding } from '../apps/offboard.js';
import { defineCommand } from '../command.js';
import { counted } from '../text.js';
import { planLines, sayOffboarded } from './reports/offboard.js';
import { byOption, findRows, usersPositional } from './shared/accounts/people.js';
import { actorOptions, reasonOption } from './shared/actor.js';
import { leftAlone, noteUnknown } from './shared/credentials/credentials.js';
import { offboardChoices, offboardOptions } from './shared/credentials/offboarding.js';
import { assertAllowed, confirmDestruction, destructive, placeOf, printPreview } from './shared/destructive.js';
import { database, lastSuperuser } from './shared/options.js';

export default defineCommand({
  describe: 'End everything that lets users in: account, sessions, tokens and, on request, more.',
  positionals: usersPositional,
  options: {
    ...database,
    ...byOption,
    ...offboardChoices,
    ...lastSuperuser,
    ...destructive,
    ...actorOptions,
    ...reasonOption,
  },
  examples: [
    ['manage offboard alice --dry-run', 'Show what would end, and what would remain.'],
    ['manage offboard alice --second-factors --social --rights', 'Leave nothing but what alice wrote.'],
  ],
  async run(context, args) {
    const { terminal } = context;
    const connection = await context.connect(args.database, { writes: !args.dryRun });
    if (!args.dryRun) assertAllowed(connection, args.allowProtected);
    const users = await findRows(context, connection, args.user, args.by);
    const options = await offboardOptions(context, connection, users, args);
    const plan = await planOffboarding(connection, users, options);
    noteUnknown(terminal, plan.unknown);
    const lines = planLines(plan);
    if (args.dryRun) {
      await printPreview(terminal, lines);
      return { json: { dryRun: true, ...plan } };
    }
    const whom = `${counted(users.length, 'user')} in the database ${placeOf(connection)}`;
    const asked = [`This will offboard ${whom}:`, ...lines];
    const question = { noInput: args.noInput, cancelled: 'Nothing was changed.', lines: asked };
    if (!(await confirmDestruction(terminal, question))) return { json: { dryRun: false, ...plan, cancelled: true } };
    if (args.noInput) for (const line of lines) terminal.say(line);
    const done = await offboard(connection, users, options);
    sayOffboarded(done, (line) => terminal.say(line));
    const status = leftAlone(terminal, done.unknown, { groups: endedGroups(args) });
    return { json: { dryRun: false, ...plan, ...done }, ...status };
  },
});
