import { CommandError } from '../errors.js';

/** What to do on the command line; by the name of the command where it is not the same for all. */
type Remedy = string | Readonly<Record<string, string>>;

const anyway = 'Use --force to do it anyway.';

/** What to do about errors of the library that do not say it themselves, by their codes. */
const instead: Readonly<Record<string, Remedy>> = {
  ambiguous_user: 'Give the user name instead.',
  ambiguous_session_key: 'Give more of the key; `manage listsessions --show-keys` shows them whole.',
  bad_row: {
    importusers:
      'Correct it, or use --skip-errors to leave such rows out; --update and --if-not-exists are for names that are taken.',
  },
  database_in_use: 'Close them, or use --close-sessions.',
  group_exists: { creategroup: 'Use --if-not-exists to accept that.' },
  last_superuser: {
    deactivateuser: anyway,
    deleteuser: anyway,
    edituser: anyway,
    eraseuser: anyway,
    offboard: anyway,
    '*': 'Make another one first, with `manage createsuperuser`.',
  },
  log_entries: 'Use --reassign-to USER to give them to another account, or --delete-log to lose them.',
  lost_reference: '`manage check` names the key, and says how to fix it.',
  missing_column: 'Run `manage migrate`, and `manage check` to see what differs.',
  missing_database: 'Run `manage migrate` or `manage createsuperuser --migrate` to make it.',
  missing_table: 'Run `manage migrate` to make it.',
  missing_value: 'Give it with --field NAME=VALUE.',
  no_password: 'Give one with --password-stdin.',
  no_reset: { resetlink: 'Use --force to make one anyway.' },
  no_primary_key: 'Give it one, or use `--batch-size all`.',
  not_anonymous: 'Leave the model out with --exclude, or the field with --exclude-field.',
  permission_not_found: 'Run `manage migrate` if its model is new.',
  referring_tables: {
    deletegroup: 'Use --cascade to delete them too.',
    deleteuser:
      'Use --cascade to delete them too, --reassign-to USER to give them to another account, or name their app in `apps`.',
    clear_models: 'Use --cascade to delete them too.',
    '*': 'Use --cascade to empty these tables too, or name all apps to empty.',
    remove_stale_contenttypes: 'Delete the rows that refer to them first.',
    sqlclear: 'Name their apps or models too, or drop them first.',
  },
  squashed_migrations: 'Run `manage migrate` if they are not marked as applied, and remove `replaces` from them.',
  type_mismatch: 'Run `manage check`: it shows columns whose type is not that of their field.',
  unexpected_schema: 'Run `manage check` to see where the database differs.',
  unknown_apps: 'Use --cascade to leave the data of these apps as they are.',
  unknown_columns: {
    importusers:
      'The first line of CSV names the columns, such as username, email and password; --columns names them where it does not, and --map says what they are.',
  },
  unknown_format: 'Add --format json, jsonl, xml or yaml.',
  unknown_migration: '`manage showmigrations` lists the migrations.',
  unsupported_user_model: 'Name the users with --user instead.',
  user_inactive: 'Run `manage activateuser` first.',
};

/** What to do besides what the error says itself. */
const besides: Readonly<Record<string, Remedy>> = {
  collisions: { mergeusers: '--on-collision keep or newest chooses.' },
  database_locked: { flush: 'Or give it more time with --lock-timeout.' },
  irreversible: { migrate: '--fake records it.' },
  missing_right: { reset_db: '`manage flush` only empties the tables.' },
  not_json: '--exclude-field does.',
  moved_permissions: '--remap finds content types and permissions by what they are.',
  no_user_migration: '`manage makemigrations` does.',
  other_keys:
    'Dump content types too (`manage dumpdata auth contenttypes`) and load that with --remap, or dump with --natural-foreign or --portable.',
  protected_rows: { deleteuser: '--reassign-to USER gives them to that account.' },
  row_exists: 'Use --on-conflict skip to leave such rows, or update to change them.',
  seed_failed: '--traceback shows where it fails.',
  tables_exist: 'For tables that are there already use --fake-initial or --fake.',
  token_exists: { createtoken: '--replace does.' },
  unknown_override: '`manage inspectdb` shows what it has.',
  user_inactive: '`manage activateuser` does.',
  unknown_record_model: '--ignorenonexistent passes over it.',
};

const introspecting = '--introspect takes the models from the database.';

/** What to do besides where the models are those that are declared. */
const whereDeclared: Readonly<Record<string, Remedy>> = {
  referring_tables: { clear_models: introspecting, flush: introspecting, sqlflush: introspecting },
  unknown_app: {
    // It looks into no database.
    makemigrations: '',
    '*': '--introspect takes those that only the database knows from there.',
  },
  unknown_apps: introspecting,
};

function remedyIn(table: Readonly<Record<string, Remedy>>, code: string, command: string): string | undefined {
  const remedy = Object.hasOwn(table, code) ? table[code] : undefined;
  if (typeof remedy !== 'object') return remedy;
  return Object.hasOwn(remedy, command) ? remedy[command] : remedy['*'];
}

/** The hint for another database than the default one: its commands name that, where they are about a database. */
export const onDatabase = (hint: string, alias: string): string =>
  alias === 'default'
    ? hint
    : hint.replaceAll(/`manage (?!help|init|makemigrations|generate)[^`|]+(?=`)/g, (command) =>
        command.includes('--database') ? command : `${command} --database ${alias}`,
      );

/** Whether a command has said already what to do. */
const saysOption = ({ hint }: CommandError) => hint !== undefined && /(?:^|[\s`])--[a-z]/.test(hint);

/** The hint that the command line gives, by the error's code and the command. */
function remedyOf(error: CommandError, command: string): string | undefined {
  const { code, hint, cause } = error;
  if (saysOption(error)) return hint;
  const add = remedyIn(besides, code, command);
  const inner = cause instanceof CommandError ? remedyOf(cause, command) : undefined;
  if (hint === undefined) return remedyIn(instead, code, command) ?? add;
  if (add !== undefined) return `${hint} ${add}`;
  // What a migration has failed with says what to do as well.
  return code === 'migration_failed' && inner !== undefined && !hint.includes(inner) ? `${hint} ${inner}` : hint;
}

/**
 * The error with what can be done about it on the command line, by its code: the library knows no options and no commands.
 * `command` is the one that has failed, `alias` the database that it worked on, and `introspects` says whether its models
 * were taken from there.
 */
export function remedied(error: CommandError, command = '', alias = 'default', introspects = false): CommandError {
  const more = introspects || saysOption(error) ? undefined : remedyIn(whereDeclared, error.code, command);
  const remedy = [remedyOf(error, command), more].filter((each) => each).join(' ') || undefined;
  const hint = remedy === undefined ? undefined : onDatabase(remedy, alias);
  if (hint === error.hint) return error;
  const { code, message, cause, name, exitCode, stack } = error;
  return Object.assign(new CommandError(message, { code, hint, cause }), { name, exitCode, stack });
}
