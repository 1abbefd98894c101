import type { Connection, InterruptibleRun } from '../db/connect/connection.js';
import { CommandError, UsageError } from '../errors.js';
import type { Registry } from '../registry/types.js';
import type { Declared } from '../settings/parse.js';
import type { ParsedSettings } from '../settings/settings.js';
import { knownNames } from '../text.js';

/** Opens one of the databases that the settings name, with the models that are declared. */
export async function openConnection(
  { settings, registry }: Declared,
  alias: string,
  options: {
    readonly create: boolean;
    readonly signal: AbortSignal;
    readonly run?: InterruptibleRun;
    readonly lockTimeoutMs?: number;
    readonly poolSize?: number;
  },
): Promise<Connection> {
  const database = settings.databases[alias];
  if (database === undefined) {
    throw new UsageError(`There is no database '${alias}' in the settings.`, {
      code: 'unknown_database',
      hint: knownNames(alias, Object.keys(settings.databases)),
    });
  }
  const { connect } = await import('../db/connect/connect.js');
  const { sqliteDriver, useTz, timeZone } = settings;
  const driver = sqliteDriver === undefined ? {} : { driver: sqliteDriver };
  return connect(database, registry, { ...options, useTz, timeZone, ...driver });
}

/** The same connection, with the models that are found in the database and what the settings say about them. */
export async function withFoundModels(
  connection: Connection,
  { introspect, overrides, userModel }: Pick<ParsedSettings, 'introspect' | 'overrides' | 'userModel'>,
): Promise<Connection> {
  const { introspectRegistry } = await import('../db/introspection/registry.js');
  return {
    ...connection,
    registry: await introspectRegistry(connection, overrides, introspect ? userModel : undefined),
  };
}

/** The same connection, with the models of the third-party apps whose tables are there and that nobody has declared. */
export async function withThirdParty(
  connection: Connection,
  { credentialApps }: Pick<ParsedSettings, 'credentialApps'>,
): Promise<Connection> {
  const { registerApps } = await import('../apps/find.js');
  return registerApps(connection, credentialApps);
}

/**
 * The error, or where a table is missing, and the accounts are in another one than the settings say, one whose hint says
 * that: no migration would make the table. So it is for every table that no migration makes.
 */
export async function withMissingTableHint(
  error: unknown,
  open: readonly Promise<Connection>[],
  settings: ParsedSettings,
): Promise<unknown> {
  if (!(error instanceof CommandError)) return error;
  if (error.code !== 'missing_table') return withMisfit(error, open);
  const { findOtherUserModel, userModelHint } = await import('../db/introspection/other-user-model.js');
  for (const opening of open) {
    // The error that there is says more than one of looking for its reason.
    const found = await opening.then(findOtherUserModel).catch(() => undefined);
    if (found === undefined) continue;
    return new CommandError(error.message, {
      code: error.code,
      hint: found.isKnown
        ? `${userModelHint(found)} \`manage inspectdb\` prints both; or use --introspect.`
        : `${userModelHint(found)} The command that docs/manage_config.py gives a Django site writes one.`,
      cause: error,
    });
  }
  // The command can do that itself.
  if (error.hint?.includes('--migrate')) return error;
  for (const opening of open) {
    const hint = await opening
      .then(async (connection) => (await emptyHint(connection)) ?? unmadeTableHint(error, connection, settings))
      .catch(() => undefined);
    if (hint !== undefined) return new CommandError(error.message, { code: error.code, hint, cause: error });
  }
  return error;
}

/** What to do about a database without any table: a command may have met `reset_db`. Undefined where there is one. */
async function emptyHint({ db, dialect }: Connection): Promise<string | undefined> {
  const names = await dialect.tableNames(db);
  return names.length === 0
    ? 'Run `manage migrate` to make it: the database is empty, since it is new or is being reset.'
    : undefined;
}

/** What to do about a table that no migration would make; undefined where one would. */
async function unmadeTableHint(
  { message, hint }: CommandError,
  connection: Connection,
  { root, configFile, packages, apps }: ParsedSettings,
): Promise<string | undefined> {
  const { registry, alias } = connection;
  const [, table] = /'([^']+)'/.exec(message) ?? [];
  if (table === undefined || hint?.includes('manage migrate') === false) return undefined;
  const { loadMigrations, migrationSources } = await import('../db/migrations/load.js');
  const migrated = await loadMigrations(migrationSources({ root, configFile, packages, apps }));
  const model = registry.models.find(
    (each) => each.table === table || each.manyToMany.some((relation) => relation.table === table),
  );
  if (table === 'django_migrations') return undefined;
  const own = migrated.filter(({ app }) => app === model?.app);
  const { readApplied } = await import('../db/migrations/recorder.js');
  const applied = own.length === 0 ? new Map() : await readApplied(connection, connection.db);
  if (own.some(({ key }) => !applied.has(key))) return undefined;
  if (model === undefined) return 'No migration makes it: `manage check` shows what the database lacks.';
  const on = alias === 'default' ? '' : ` --database ${alias}`;
  if (own.length > 0) {
    return `All migrations of '${model.app}' are recorded as applied: restore it, or make it empty with \`manage sqlall ${model.app}.${model.name}${on} | manage dbshell${on}\`.`;
  }
  return `No migration makes it: make it where it comes from, or with \`manage sqlall ${model.app}.${model.name}${on} | manage dbshell${on}\`.`;
}

/** The error, or where it is the database's columns that are to blame for it, one that names them. */
async function withMisfit(error: CommandError, open: readonly Promise<Connection>[]): Promise<CommandError> {
  const { explainMisfit } = await import('../db/schema/misfits.js');
  for (const opening of open) {
    const found = await opening.then((connection) => explainMisfit(error, connection)).catch(() => undefined);
    if (found === undefined) continue;
    const hint = 'Run `manage check` to see all differences, then change the columns.';
    return new CommandError(found.message, { code: found.code, hint, cause: found.cause });
  }
  return error;
}

/** Where a program finds the project that it works on; by default what this process is in. */
export interface ProjectOptions {
  /** Folder from which the config file is looked for. */
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The config file itself. */
  readonly config?: string;
}

/** A project's settings and databases, for programs. */
export interface OpenProject {
  readonly settings: ParsedSettings;
  /** What the settings declare. */
  readonly registry: Registry;
  /**
   * Opens a database; whoever opens it closes it. `create` makes a missing SQLite file; with
   * `thirdParty` the models are also those of the third-party apps whose tables are there.
   *
   * @throws UsageError for an unknown alias, CommandError where the database cannot be reached.
   */
  connect(
    alias?: string,
    options?: {
      readonly create?: boolean;
      readonly thirdParty?: boolean;
      readonly signal?: AbortSignal;
      /** How many connections may be open at once: for servers. */
      readonly poolSize?: number;
    },
  ): Promise<Connection>;
}

/**
 * Reads a project's settings as `manage` does, so that a program can use the functions behind the commands.
 *
 * @throws CommandError that lists everything that is wrong with the settings.
 */
export async function openProject({ cwd, env, config }: ProjectOptions = {}): Promise<OpenProject> {
  const [{ loadProject }, { parseSettings }] = await Promise.all([
    import('../settings/project.js'),
    import('../settings/parse.js'),
  ]);
  const host = { env: env ?? process.env, cwd: () => cwd ?? process.cwd() };
  const declared = await parseSettings(await loadProject(host, config));
  return {
    ...declared,
    async connect(
      alias = 'default',
      { create = false, thirdParty = false, signal = new AbortController().signal, poolSize } = {},
    ) {
      const { settings } = declared;
      const connection = await openConnection(declared, alias, {
        create,
        signal,
        ...(poolSize === undefined ? {} : { poolSize }),
      });
      try {
        const models = settings.introspect ? await withFoundModels(connection, settings) : connection;
        return thirdParty ? await withThirdParty(models, settings) : models;
      } catch (error) {
        await connection.close();
        throw error;
      }
    },
  };
}
