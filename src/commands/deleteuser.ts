import type { AffectedRows } from '../apps/delete-user.js';
import { defineCommand } from '../command.js';
import { counted } from '../text.js';
import { affectedTables, deletionLines, sayDeleted, sumAffected } from './reports/deletion.js';
import { deleteEach, deletionChoices, deletionOptions, noPreview, previewUsers } from './shared/accounts/deletion.js';
import { byOption, findPeople, usersPositional } from './shared/accounts/people.js';
import { actorOptions, reasonOption } from './shared/actor.js';
import { withKnownApps } from './shared/credentials/known-apps.js';
import { assertAllowed, confirmDestruction, destructive, placeOf, printPreview } from './shared/destructive.js';
import { database } from './shared/options.js';
import { assertRevocable, ownersOf, revokeOption, revokeSessionsOf } from './shared/sessions/revoke.js';

export default defineCommand({
  describe: 'Delete users, after showing what would be deleted with them.',
  positionals: usersPositional,
  options: {
    ...database,
    ...byOption,
    ...destructive,
    ...deletionChoices,
    ...revokeOption,
    ...actorOptions,
    ...reasonOption,
  },
  examples: [
    ['manage deleteuser ada --dry-run', 'Show what would be deleted, set to null or refused.'],
    ['manage deleteuser ada --reassign-to ghost', 'Keep what she wrote.'],
    ['manage deleteuser - --no-input < names.txt', 'Delete many, each in a transaction of its own.'],
  ],
  async run(context, args) {
    const { terminal } = context;
    const { database: alias, dryRun, by } = args;
    assertRevocable(context, args.revokeSessions);
    const opened = await context.connect(alias, { writes: !dryRun });
    if (!dryRun) assertAllowed(opened, args.allowProtected);
    const { connection, found } = await withKnownApps(context, opened);
    const users = await findPeople(context, connection, args.user, by);
    const options = await deletionOptions(context, connection, users, args, found);
    const noInput = args.noInput || !terminal.interactive;
    const preview = dryRun || !noInput ? await previewUsers(connection, users, options) : noPreview;
    const names = users.map(({ username }) => username);
    const all = { database: alias, target: opened.target, dryRun, users: names };
    const document = (deleted: readonly string[], tables: readonly AffectedRows[]) => ({
      json: { ...all, deleted, tables: affectedTables(tables), missingIndexes: preview.missingIndexes },
    });
    const lines = deletionLines(preview);
    const whom = `${counted(users.length, 'user')} in ${placeOf(opened)}`;
    if (dryRun) {
      await printPreview(terminal, [`This would delete ${whom}:`, ...lines]);
      return document([], preview.tables);
    }
    const question = { noInput, cancelled: 'No user was deleted.', lines: [`This will DELETE ${whom}:`, ...lines] };
    if (!(await confirmDestruction(terminal, question))) return { json: { ...document([], []).json, cancelled: true } };
    const owners = args.revokeSessions ? await ownersOf(opened, names) : undefined;
    const tables = sumAffected(await deleteEach(context, connection, users, options));
    sayDeleted(terminal, names, tables);
    const revoked = args.revokeSessions ? { revokedSessions: await revokeSessionsOf(context, opened, owners) } : {};
    return { json: { ...document(names, tables).json, ...revoked } };
  },
});
