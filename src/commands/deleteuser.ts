import type { AffectedRows, DeletionPreview } from '../auth/accounts/delete-user.js';
import { defineCommand } from '../command.js';
import { counted } from '../text.js';
import { affectedTables, deletionLine, deletionLines, sumAffected } from './reports/deletion.js';
import { type DeletedUser, deleteEach, deletionOptions } from './shared/accounts/deletion.js';
import { byOption, findPerson, keyOf, nameOf, namesOf, usersPositional } from './shared/accounts/people.js';
import { actorOptions } from './shared/actor.js';
import { withKnownApps } from './shared/credentials/known-apps.js';
import { assertAllowed, confirmDestruction, destructive, placeOf, printPreview } from './shared/destructive.js';
import { database } from './shared/options.js';
import { assertRevocable, revokeOption, revokeSessionsOf } from './shared/sessions/revoke.js';

export default defineCommand({
  describe: 'Delete users, after showing what would be deleted with them.',
  positionals: usersPositional,
  options: {
    ...database,
    ...byOption,
    ...destructive,
    reassignTo: {
      type: 'string',
      placeholder: 'USER',
      describe: 'Reassign rows and log entries to this user; credentials, groups and permissions are deleted.',
    },
    deleteLog: { type: 'boolean', describe: "Delete what they did from the admin's log too, as Django does." },
    cascade: { type: 'boolean', describe: 'Also delete rows of unknown tables that refer to these.' },
    force: { type: 'boolean', describe: 'Allow that no active superuser is left.' },
    ...revokeOption,
    ...actorOptions,
    reason: { type: 'string', placeholder: 'TEXT', describe: 'Why, for the log.' },
  },
  examples: [
    ['manage deleteuser ada --dry-run', 'Show what would be deleted, set to null or refused.'],
    ['manage deleteuser ada --reassign-to ghost', 'Keep what she wrote.'],
    ['manage deleteuser - --no-input < names.txt', 'Many, one transaction each.'],
  ],
  async run(context, args) {
    const { terminal } = context;
    const { database: alias, dryRun, by } = args;
    assertRevocable(context, args.revokeSessions);
    const { previewDeletion } = await import('../auth/accounts/delete-user.js');
    const opened = await context.connect(alias, { writes: !dryRun });
    if (!dryRun) assertAllowed(opened, args.allowProtected);
    const { connection, credentialTables } = await withKnownApps(opened);
    const users: DeletedUser[] = [];
    for (const name of await namesOf(context, args.user)) {
      const row = await findPerson(connection, name, by);
      users.push({ pk: keyOf(connection, row), username: nameOf(connection, row) });
    }
    const options = await deletionOptions(context, connection, users, args, credentialTables);
    const noInput = args.noInput || !terminal.interactive;
    const preview =
      dryRun || !noInput
        ? await previewDeletion(
            connection,
            users.map(({ pk }) => pk),
            options,
          )
        : nothing;
    const names = users.map(({ username }) => username);
    const document = (deleted: readonly string[], tables: readonly AffectedRows[]) => ({
      database: alias,
      target: opened.target,
      dryRun,
      users: names,
      deleted,
      tables: affectedTables(tables),
      missingIndexes: preview.missingIndexes,
    });
    const lines = deletionLines(preview);
    const whom = `${counted(users.length, 'user')} in ${placeOf(opened)}`;
    if (dryRun) {
      await printPreview(terminal, [`This would delete ${whom}:`, ...lines]);
      return { json: document([], preview.tables) };
    }
    const question = { noInput, cancelled: 'No user was deleted.', lines: [`This will DELETE ${whom}:`, ...lines] };
    if (!(await confirmDestruction(terminal, question))) return { json: { ...document([], []), cancelled: true } };
    // Before the users: afterwards nobody can tell whose the sessions were.
    const revoked = args.revokeSessions
      ? { revokedSessions: await revokeSessionsOf(context, await context.connect(alias), names) }
      : {};
    const tables = sumAffected(await deleteEach(context, connection, users, options));
    terminal.say(names.length === 1 ? `Deleted user '${names[0]}':` : `Deleted ${counted(names.length, 'user')}:`);
    for (const each of tables) terminal.say(deletionLine(each));
    return { json: { ...document(names, tables), ...revoked } };
  },
});

const nothing: DeletionPreview = { tables: [], missingIndexes: [] };
