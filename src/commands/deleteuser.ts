import type { AffectedRows, DeletionOptions } from '../auth/accounts/delete-user.js';
import { type Context, defineCommand } from '../command.js';
import { CommandError } from '../errors.js';
import { counted } from '../text.js';
import { actorOptions, auditOf } from './shared/actor.js';
import { withKnownApps } from './shared/apps.js';
import { assertAllowed, confirmDestruction, destructive, placeOf, printPreview } from './shared/destructive.js';
import { database } from './shared/options.js';
import { byOption, findPerson, keyOf, nameOf, namesOf, usersPositional } from './shared/people.js';
import { type Remedies, withRemedies } from './shared/remedies.js';
import { assertRevocable, revokeOption, revokeSessionsOf } from './shared/revoke-sessions.js';

const remedies: Remedies = {
  last_superuser: 'Use --force to do it all the same.',
  log_entries: 'Use --reassign-to USER to give them to another account, or --delete-log to lose them.',
  protected_rows: 'Use --reassign-to USER to give them to another account, or delete them first.',
  referring_tables:
    'Use --cascade to delete them too, --reassign-to USER to give them to another account, or name their app in `apps`.',
};

const words = {
  delete: 'deleted',
  set_null: 'set to null',
  set_default: 'set to its default',
  reassign: 'given to the other account',
  refuse: 'refuses',
  unknown: 'nobody says what becomes of them',
  nothing: 'left as they are',
} as const;

const lineOf = ({ table, rows, action, column }: AffectedRows) =>
  `    ${column === undefined ? table : `${table}.${column}`}  ${counted(rows, 'row')}  ${words[action]}`;

/** Tables for programs: what a table is called stands under both names. */
const documentOf = (tables: readonly AffectedRows[]) => tables.map((each) => ({ name: each.table, ...each }));

function sum(tables: readonly AffectedRows[]): AffectedRows[] {
  const sums = new Map<string, AffectedRows>();
  for (const each of tables) {
    const key = `${each.table} ${each.action} ${each.column ?? ''}`;
    sums.set(key, { ...each, rows: each.rows + (sums.get(key)?.rows ?? 0) });
  }
  return [...sums.values()];
}

/** Removes the sessions first: afterwards nobody can tell whose they were. */
async function endSessions(context: Context, alias: string, names: readonly string[], wanted: boolean) {
  return wanted ? { revokedSessions: await revokeSessionsOf(context, await context.connect(alias), names) } : {};
}

export default defineCommand({
  describe: 'Delete users, and show first what goes with them.',
  positionals: usersPositional,
  options: {
    ...database,
    ...byOption,
    ...destructive,
    reassignTo: {
      type: 'string',
      placeholder: 'USER',
      describe:
        'Give this user the rows and log entries of those who go; credentials, groups and permissions are deleted.',
    },
    deleteLog: { type: 'boolean', describe: "Delete what they did from the admin's log too, as Django does." },
    cascade: { type: 'boolean', describe: 'Also delete rows of tables of no known model that refer to what goes.' },
    force: { type: 'boolean', describe: 'Allow that no active superuser is left.' },
    ...revokeOption,
    ...actorOptions,
    reason: { type: 'string', placeholder: 'TEXT', describe: 'Why, for the log.' },
  },
  examples: [
    ['manage deleteuser ada --dry-run', 'Show what goes with an account, what is set to null and what refuses.'],
    ['manage deleteuser ada --reassign-to ghost', 'Keep what she wrote.'],
    ['manage deleteuser - --no-input < names.txt', 'Many, each in a transaction of its own.'],
  ],
  async run(context, args) {
    const { terminal, signal } = context;
    const { database: alias, dryRun, noInput, by } = args;
    assertRevocable(context, args.revokeSessions);
    const { deleteUser, previewDeletion } = await import('../auth/accounts/delete-user.js');
    const { readReferences } = await import('../db/references/graph.js');
    const opened = await context.connect(alias, { writes: !dryRun });
    if (!dryRun) assertAllowed(opened, args.allowProtected);
    const { connection, credentialTables } = await withKnownApps(opened);
    const people = [];
    for (const name of await namesOf(context, args.user)) people.push(await findPerson(connection, name, by));
    const keys = people.map((row) => keyOf(connection, row));
    const names = people.map((row) => nameOf(connection, row));
    const heir =
      args.reassignTo === undefined ? undefined : keyOf(connection, await findPerson(connection, args.reassignTo));
    if (heir !== undefined && keys.includes(heir)) {
      throw new CommandError('An account that is deleted cannot take the rows of another.', { code: 'bad_value' });
    }
    const audit = await auditOf(context, connection, 'deleteuser', args);
    if (audit.actor !== undefined && keys.some((key) => String(key) === String(audit.actor?.pk))) {
      throw new CommandError('The account that the log is to name cannot be deleted by this run.', {
        code: 'bad_actor',
        hint: 'Name another actor.',
      });
    }
    const options: DeletionOptions = {
      ...audit,
      reassignTo: heir,
      notReassigned: credentialTables,
      deleteLog: args.deleteLog,
      cascade: args.cascade,
      force: args.force,
      graph: await readReferences(connection),
    };
    const asks = !noInput && terminal.interactive;
    const preview = dryRun || asks ? await previewDeletion(connection, keys, options) : undefined;
    const lines = (preview?.tables ?? []).map(lineOf);
    for (const { table, column, rows } of preview?.missingIndexes ?? []) {
      lines.push(`    ${table}.${column} has no index: each user costs a look at ${counted(rows, 'row')}.`);
    }
    const document = (deleted: readonly string[], tables: readonly AffectedRows[]) => ({
      database: alias,
      target: opened.target,
      dryRun,
      users: names,
      deleted,
      tables: documentOf(tables),
      missingIndexes: preview?.missingIndexes ?? [],
    });
    const whom = `${counted(people.length, 'user')} in ${placeOf(opened)}`;
    if (dryRun) {
      await printPreview(terminal, [`This would delete ${whom}:`, ...lines]);
      return { json: document([], preview?.tables ?? []) };
    }
    if (asks) {
      const question = { noInput, cancelled: 'Nobody was deleted.', lines: [`This will DELETE ${whom}:`, ...lines] };
      if (!(await confirmDestruction(terminal, question))) return { json: { ...document([], []), cancelled: true } };
    }
    const revoked = await endSessions(context, alias, names, args.revokeSessions);
    const progress = terminal.progress('Deleting users');
    const done: AffectedRows[] = [];
    const deleted: string[] = [];
    try {
      for (const [at, key] of keys.entries()) {
        signal.throwIfAborted();
        done.push(...(await withRemedies(remedies, () => deleteUser(connection, key, options))));
        deleted.push(names[at] ?? '');
        progress.update(deleted.length, keys.length);
      }
    } catch (error) {
      if (deleted.length > 0) terminal.warn(`${counted(deleted.length, 'user')} had been deleted before that.`);
      throw error;
    } finally {
      progress.stop();
    }
    const tables = sum(done);
    terminal.say(
      deleted.length === 1 ? `Deleted user '${deleted[0]}':` : `Deleted ${counted(deleted.length, 'user')}:`,
    );
    for (const each of tables) terminal.say(lineOf(each));
    return { json: { ...document(deleted, tables), ...revoked } };
  },
});
