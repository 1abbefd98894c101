import { eraseUser } from '../apps/erase-user.js';
import { defineCommand } from '../command.js';
import { tryOut } from '../db/transactions/dry-run.js';
import { sayErased } from './reports/erasure.js';
import { byOption, findPerson, keyOf, nameOf, userPositional } from './shared/accounts/people.js';
import { actorOptions, auditOf, reasonOption } from './shared/actor.js';
import { withKnownApps } from './shared/credentials/known-apps.js';
import { assertAllowed, confirmDestruction, destructive, placeOf } from './shared/destructive.js';
import { database, lastSuperuser } from './shared/options.js';
import { assertRevocable, endSessionsOf, revokeOption, sayEnded } from './shared/sessions/revoke.js';

export default defineCommand({
  describe:
    'Anonymize an account: remove names, addresses and credentials, and keep its key and the rows that refer to it.',
  positionals: userPositional,
  options: {
    ...database,
    ...byOption,
    ...destructive,
    ...lastSuperuser,
    ...revokeOption,
    ...actorOptions,
    ...reasonOption,
  },
  examples: [['manage eraseuser ada --dry-run', 'Show what would be removed, and what cannot be judged.']],
  async run(context, args) {
    const { terminal } = context;
    assertRevocable(context, args.revokeSessions);
    const opened = await context.connect(args.database, { writes: true });
    if (!args.dryRun) assertAllowed(opened, args.allowProtected);
    const { connection } = await withKnownApps(context, opened);
    const row = await findPerson(connection, args.user, args.by);
    const name = nameOf(connection, row);
    const pk = keyOf(connection, row);
    const whom = `user '${name}' in ${placeOf(opened)}`;
    const audit = await auditOf(context, connection, 'eraseuser', args);
    if (!args.dryRun && !args.noInput && terminal.interactive) {
      const lines = [`This will ERASE the person behind ${whom}. It cannot be undone.`];
      if (!(await confirmDestruction(terminal, { noInput: false, cancelled: 'No user was erased.', lines }))) {
        return { json: { username: name, erased: false, cancelled: true } };
      }
    }
    const { result, ended } = await tryOut(connection, args, async (bound) => ({
      // Before the name, by which they are found, is another one.
      ended: args.revokeSessions && !args.dryRun ? await endSessionsOf(context, bound, [name]) : undefined,
      result: await eraseUser(bound, pk, { ...audit, apps: context.settings.credentialApps, force: args.force }),
    }));
    const revoked = ended === undefined ? {} : { revokedSessions: sayEnded(context, ended) };
    sayErased(terminal, `${args.dryRun ? 'Would erase' : 'Erased'} ${whom}`, result);
    if (!args.revokeSessions && !args.dryRun) terminal.note('Sessions of the account end: it is not active.');
    return { json: { pk, erased: !args.dryRun, dryRun: args.dryRun, ...result, ...revoked } };
  },
});
