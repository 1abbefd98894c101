import type { Links } from '../auth/permissions/links.js';
import { type Context, defineCommand, type ModelArguments, type Options } from '../command.js';
import type { Connection } from '../db/connect/connection.js';
import type { Row } from '../db/write/rows.js';
import { UsageError } from '../errors.js';
import type { Registry } from '../registry/types.js';
import { counted } from '../text.js';
import { actorOptions, auditOf } from './shared/actor.js';
import { database, dryRun } from './shared/options.js';
import { byOption, findPerson, keyOf, nameOf, namesOf, usersPositional } from './shared/people.js';
import { withRemedies } from './shared/remedies.js';
import { collectGiven, givenValues, inputPlace, userOptions } from './user-form/values.js';

const staffField = 'is_staff';

/** Options for flags and links, as far as the user model has them. Fields of the same name come first. */
function optionsOf(registry: Registry): { readonly fields: Options; readonly flags: Options } {
  const { fields, auth } = registry.userModel;
  const named = userOptions(registry, 'the user', ['first_name', 'last_name', auth?.emailField ?? 'email']);
  const own = Object.fromEntries(Object.entries(named).filter(([name]) => name !== auth?.usernameField));
  const has = (name: string | undefined) => fields.some((field) => field.name === name);
  const flags: Record<string, Options[string]> = {};
  if (has(staffField)) {
    flags.staff = { type: 'boolean', describe: "Let the user into Django's admin." };
    flags['no-staff'] = { type: 'boolean', describe: "Do not let the user into Django's admin any more." };
  }
  if (Object.keys(auth?.superuserValues ?? {}).length > 0) {
    flags.superuser = { type: 'boolean', describe: 'Give the user all permissions.' };
    flags['no-superuser'] = { type: 'boolean', describe: 'Make the user no superuser any more.' };
  }
  if (auth?.activeField !== undefined) {
    flags.active = { type: 'boolean', describe: 'Let the user log in.' };
    flags.inactive = { type: 'boolean', describe: 'Keep the user from logging in.' };
  }
  if (auth?.groups !== undefined) {
    flags['add-group'] = { type: 'list', placeholder: 'NAME', describe: 'Add the user to this group.' };
    flags['remove-group'] = { type: 'list', placeholder: 'NAME', describe: 'Remove the user from this group.' };
  }
  if (auth?.permissions !== undefined) {
    flags['add-permission'] = { type: 'list', placeholder: 'PERM', describe: 'Give the user this permission.' };
    flags['remove-permission'] = { type: 'list', placeholder: 'PERM', describe: 'Take this permission from the user.' };
  }
  return {
    fields: own,
    flags: Object.fromEntries(Object.entries(flags).filter(([name]) => !Object.hasOwn(own, name))),
  };
}

/** What the flags come to. @throws UsageError where two contradict each other. */
function flagValues({ userModel: { auth } }: Registry, given: ModelArguments): Row {
  const either = (yes: string, no: string): boolean | undefined => {
    if (given[yes] === true && given[no] === true)
      throw new UsageError(`--${yes} and --${no} cannot be used together.`);
    return given[yes] === true ? true : given[no] === true ? false : undefined;
  };
  const values: Row = {};
  const superuser = either('superuser', 'no-superuser');
  if (superuser === true) Object.assign(values, auth?.superuserValues);
  // Who is no superuser any more may well stay staff.
  if (superuser === false) {
    for (const [name, value] of Object.entries(auth?.superuserValues ?? {})) {
      if (name !== staffField) values[name] = typeof value === 'boolean' ? !value : 0;
    }
  }
  const staff = either('staff', 'no-staff');
  if (staff !== undefined) values[staffField] = staff;
  const active = either('active', 'inactive');
  if (active !== undefined && auth?.activeField !== undefined) values[auth.activeField] = active;
  return values;
}

async function linksOf(connection: Connection, given: ModelArguments, verb: 'add' | 'remove'): Promise<Links> {
  const { auth } = connection.registry.userModel;
  const { findGroups, findPermissions } = await import('../auth/permissions/groups.js');
  const list = (name: string) => (Array.isArray(given[name]) ? (given[name] as string[]) : []);
  const [groups, permissions] = [list(`${verb}-group`), list(`${verb}-permission`)];
  return {
    ...(auth?.groups === undefined || groups.length === 0
      ? {}
      : { [auth.groups]: await findGroups(connection, groups) }),
    ...(auth?.permissions === undefined || permissions.length === 0
      ? {}
      : { [auth.permissions]: await findPermissions(connection, permissions) }),
  };
}

/** What ends with the change. */
function sayWhatEnds(
  { terminal }: Context,
  { auth }: Registry['userModel'],
  name: string,
  changed: readonly string[],
  values: Row,
) {
  if (auth?.emailField !== undefined && changed.includes(auth.emailField)) {
    terminal.note(`Links that user '${name}' was sent to choose a new password are not good any more.`);
  }
  if (auth?.activeField !== undefined && changed.includes(auth.activeField) && values[auth.activeField] === false) {
    terminal.note(`Sessions of user '${name}' end: Django lets no inactive user in.`);
  }
}

export default defineCommand({
  describe: 'Change fields, flags, groups and permissions of users.',
  positionals: usersPositional,
  options: {
    ...database,
    ...byOption,
    rename: { type: 'string', placeholder: 'NAME', describe: 'Give the user this name. Its sessions go on.' },
    field: { type: 'list', placeholder: 'NAME=VALUE', describe: 'Give a field this value.' },
    force: { type: 'boolean', describe: 'Allow that no active superuser is left.' },
    ...dryRun,
    ...actorOptions,
  },
  modelOptions(registry) {
    const { fields, flags } = optionsOf(registry);
    return { ...fields, ...flags };
  },
  examples: [
    ['manage edituser ada --email ada@example.org --add-group editors', 'Another address, and a group more.'],
    [
      'manage listusers --format csv --not-since 365 | tail -n +2 | cut -d, -f5 | manage edituser - --inactive',
      'Many.',
    ],
    ['manage edituser ada --rename ada.lovelace', 'Another name.'],
  ],
  async run(context, args) {
    const { terminal } = context;
    const { user, by, rename, field, force, dryRun: isDry, modelArguments } = args;
    const { editUser } = await import('../auth/accounts/edit-user.js');
    const connection = await context.connect(args.database, { writes: true });
    const { registry } = connection;
    const { userModel } = registry;
    const names = await namesOf(context, user);
    if (rename !== undefined && names.length > 1) throw new UsageError('--rename takes one user.');
    const collected = { values: {} as Row, links: {} };
    const { fields } = optionsOf(registry);
    const assigned = Object.fromEntries(Object.entries(modelArguments).filter(([name]) => Object.hasOwn(fields, name)));
    for (const [name, text] of givenValues(connection, assigned, field, [])) {
      await collectGiven(inputPlace(context, connection), collected, name, text, { taken: names.length > 0 });
    }
    if (rename !== undefined) {
      const people = await Promise.all(names.map((name) => findPerson(connection, name, by)));
      if (people.some((row) => nameOf(connection, row) !== rename)) {
        await collectGiven(inputPlace(context, connection), collected, userModel.auth?.usernameField ?? '', rename);
      }
    }
    const values = { ...collected.values, ...flagValues(registry, modelArguments) };
    const add = { ...collected.links, ...(await linksOf(connection, modelArguments, 'add')) };
    const remove = await linksOf(connection, modelArguments, 'remove');
    if (Object.keys(values).length + Object.keys(add).length + Object.keys(remove).length === 0) {
      throw new UsageError('Nothing to change was given.', { hint: 'Give a field, a flag, a group or a permission.' });
    }
    const audit = await auditOf(context, connection, 'edituser', args);
    const { transaction } = await import('../db/transactions/transaction.js');
    const edited: { username: string; pk: unknown; changed: readonly string[] }[] = [];
    const undone = new Error('dry run');
    await withRemedies({ last_superuser: 'Use --force to do it all the same.' }, () =>
      transaction(connection, async (bound) => {
        for (const name of names) {
          const row = await findPerson(bound, name, by);
          const { changed, address } = await editUser(
            bound,
            keyOf(bound, row),
            { values, add, remove },
            { ...audit, force },
          );
          const username = nameOf(bound, row);
          edited.push({ username, pk: keyOf(bound, row), changed });
          const would = isDry ? 'would be' : 'was';
          if (changed.length === 0) terminal.say(`User '${username}' is like that already.`);
          else terminal.say(`User '${username}' ${would} changed: ${changed.join(', ')}.`);
          if (address) terminal.note(`The address that allauth has of user '${username}' ${would} changed too.`);
          if (!isDry) sayWhatEnds(context, userModel, username, changed, values);
        }
        if (isDry) throw undone;
      }).catch((error: unknown) => {
        if (error !== undone) throw error;
      }),
    );
    if (names.length > 1)
      terminal.note(`${counted(edited.filter(({ changed }) => changed.length > 0).length, 'user')} changed.`);
    return { json: { dryRun: isDry, users: edited } };
  },
});
