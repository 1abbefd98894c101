import { type OffboardOptions, offboard, planOffboarding } from '../apps/offboard.js';
import { defineCommand } from '../command.js';
import type { Row } from '../db/write/rows.js';
import { UsageError } from '../errors.js';
import { counted } from '../text.js';
import { planLines, sayOffboarded } from './reports/offboard.js';
import { byOption, findPerson, keyOf, namesOf, usersPositional } from './shared/accounts/people.js';
import { actorOptions, auditOf, reasonOption } from './shared/actor.js';
import { noteUnknown } from './shared/credentials/credentials.js';
import { assertAllowed, confirmDestruction, destructive, placeOf, printPreview } from './shared/destructive.js';
import { database, lastSuperuser } from './shared/options.js';
import { selectionContext } from './shared/sessions/selectors.js';

export default defineCommand({
  describe: 'End everything that lets users in: the account, sessions, tokens, and more on request.',
  positionals: usersPositional,
  options: {
    ...database,
    ...byOption,
    secondFactors: { type: 'boolean', describe: 'Also remove their second factors.' },
    social: { type: 'boolean', describe: 'Also remove their logins through other sites.' },
    rights: {
      type: 'boolean',
      describe: 'Also take them out of groups, take their permissions, and make them neither staff nor superusers.',
    },
    applicationsTo: {
      type: 'string',
      placeholder: 'USER',
      describe: 'Give the OAuth applications that they registered to this user.',
    },
    ...lastSuperuser,
    ...destructive,
    ...actorOptions,
    ...reasonOption,
  },
  examples: [
    ['manage offboard alice --dry-run', 'Show what would end, and what would stay.'],
    ['manage offboard alice --second-factors --social --rights', 'Leave nothing but what alice wrote.'],
  ],
  async run(context, args) {
    const { terminal, settings, signal } = context;
    const connection = await context.connect(args.database, { writes: !args.dryRun });
    if (!args.dryRun) assertAllowed(connection, args.allowProtected);
    const users: Row[] = [];
    for (const name of await namesOf(context, args.user)) users.push(await findPerson(connection, name, args.by));
    const heir =
      args.applicationsTo === undefined
        ? undefined
        : keyOf(connection, await findPerson(connection, args.applicationsTo));
    if (heir !== undefined && users.some((user) => String(keyOf(connection, user)) === String(heir))) {
      throw new UsageError('A user who is offboarded cannot be given applications.');
    }
    const audit = await auditOf(context, connection, 'offboard', args);
    const options: OffboardOptions = {
      ...selectionContext(context),
      ...audit,
      now: context.now(),
      apps: settings.credentialApps,
      secondFactors: args.secondFactors,
      social: args.social,
      rights: args.rights,
      applicationsTo: heir,
      force: args.force,
      signal,
    };
    const plan = await planOffboarding(connection, users, options);
    noteUnknown(terminal, plan.unknown);
    const lines = planLines(plan);
    if (args.dryRun) {
      await printPreview(terminal, lines);
      return { json: { dryRun: true, ...plan } };
    }
    const whom = `${counted(users.length, 'user')} in the database ${placeOf(connection)}`;
    const question = {
      noInput: args.noInput,
      cancelled: 'Nothing was changed.',
      lines: [`This will offboard ${whom}:`, ...lines],
    };
    if (!(await confirmDestruction(terminal, question))) return { json: { dryRun: false, ...plan, cancelled: true } };
    if (args.noInput) for (const line of lines) terminal.say(line);
    const done = await offboard(connection, users, options);
    sayOffboarded(done, (line) => terminal.say(line));
    return { json: { dryRun: false, ...plan, ...done } };
  },
});
