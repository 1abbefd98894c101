import { credentialsOf } from '../apps/credentials.js';
import { findApps, mayHold } from '../apps/find.js';
import { resetSecondFactors } from '../apps/second-factors.js';
import { defineCommand } from '../command.js';
import { counted } from '../text.js';
import { byOption, findPerson, nameOf, userPositional } from './shared/accounts/people.js';
import { actorOptions, auditOf, reasonOption } from './shared/actor.js';
import { countByKind, kindLine, leftAlone, noteUnknown } from './shared/credentials/credentials.js';
import { printPreview } from './shared/destructive.js';
import { database, dryRun } from './shared/options.js';

export default defineCommand({
  describe: 'Remove all second factors of a user, and end the sessions that they verified.',
  positionals: userPositional,
  options: {
    ...database,
    ...byOption,
    issueBackupCode: { type: 'boolean', describe: 'Create a code that is good for one login, and print it.' },
    ...dryRun,
    ...actorOptions,
    ...reasonOption,
  },
  examples: [['manage reset2fa alice --issue-backup-code', 'alice has lost her telephone.']],
  async run(context, args) {
    const { terminal, settings } = context;
    const connection = await context.connect(args.database, { writes: !args.dryRun });
    const user = await findPerson(connection, args.user, args.by);
    const username = nameOf(connection, user);
    const found = await findApps(connection, settings.credentialApps);
    const meant = { groups: new Set(['second_factor'] as const) };
    const unknown = mayHold(found.unknown, meant);
    noteUnknown(terminal, unknown);
    if (args.dryRun) {
      const { credentials } = await credentialsOf(found, user, { now: context.now() });
      const removed = countByKind(credentials.filter(({ group }) => group === 'second_factor'));
      await printPreview(terminal, [
        `User '${username}' would lose:`,
        ...removed.map((each) => `    ${kindLine(each)}`),
      ]);
      return { json: { dryRun: true, username, removed, unknown } };
    }
    const audit = await auditOf(context, connection, 'reset2fa', args);
    const { removed, sessions, backupCode } = await resetSecondFactors(connection, user, {
      ...audit,
      issueBackupCode: args.issueBackupCode,
      apps: settings.credentialApps,
    });
    // stdout is for the code alone where one is made.
    const say = backupCode === undefined ? terminal.say : terminal.note;
    for (const each of removed) say(`Removed ${kindLine(each)}.`);
    if (removed.length + unknown.length === 0) say(`User '${username}' had no second factor.`);
    if (sessions > 0) say(`Ended ${counted(sessions, 'session')}.`);
    if (backupCode !== undefined) await terminal.write(`${backupCode}\n`);
    const json = { dryRun: false, username, removed, sessions, backupCode: backupCode ?? null, unknown };
    return { json, ...leftAlone(terminal, unknown) };
  },
});
