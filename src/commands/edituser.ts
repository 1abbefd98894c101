import { defineCommand } from '../command.js';
import { counted } from '../text.js';
import { sayEdited, sayWhatEnds } from './reports/edit.js';
import { byOption, findPerson, keyOf, nameOf, namesOf, usersPositional } from './shared/accounts/people.js';
import { actorOptions, auditOf } from './shared/actor.js';
import { database, dryRun, lastSuperuser } from './shared/options.js';
import { editOptions, gatherEdit } from './user-form/edit.js';

export default defineCommand({
  describe: 'Change fields, flags, groups and permissions of users.',
  positionals: usersPositional,
  options: {
    ...database,
    ...byOption,
    rename: { type: 'string', placeholder: 'NAME', describe: 'Rename the user; sessions continue.' },
    field: { type: 'list', placeholder: 'NAME=VALUE', describe: 'Set a field to this value.' },
    ...lastSuperuser,
    ...dryRun,
    ...actorOptions,
  },
  modelOptions: editOptions,
  examples: [
    ['manage edituser ada --email ada@example.org --add-group editors', 'Change the address, and add a group.'],
    [
      'manage listusers --format csv --not-since 365 | tail -n +2 | cut -d, -f5 | manage edituser - --inactive',
      'Deactivate everybody who has not logged in for a year.',
    ],
    ['manage edituser ada --rename ada.lovelace', 'Rename a user.'],
  ],
  async run(context, args) {
    const { terminal } = context;
    const { by, force, dryRun: isDry } = args;
    const [{ editUser }, { tryOut }] = await Promise.all([
      import('../auth/accounts/edit-user.js'),
      import('../db/transactions/dry-run.js'),
    ]);
    const connection = await context.connect(args.database, { writes: true });
    const names = await namesOf(context, args.user);
    const edit = await gatherEdit(context, connection, names, args);
    const audit = await auditOf(context, connection, 'edituser', args);
    const done = await tryOut(connection, args, async (bound) => {
      const edits = [];
      for (const name of names) {
        const row = await findPerson(bound, name, by);
        const [pk, username] = [keyOf(bound, row), nameOf(bound, row)];
        edits.push({ pk, username, edited: await editUser(bound, pk, edit, { ...audit, force }) });
      }
      return edits;
    });
    for (const { username, edited } of done) {
      sayEdited(context, username, edited, isDry);
      if (!isDry) sayWhatEnds(context, connection.registry, username, edited.changed, edit.values);
    }
    const users = done.map(({ username, pk, edited }) => ({ username, pk, changed: edited.changed }));
    if (names.length > 1) {
      terminal.note(`${counted(users.filter(({ changed }) => changed.length > 0).length, 'user')} changed.`);
    }
    return { json: { dryRun: isDry, users } };
  },
});
