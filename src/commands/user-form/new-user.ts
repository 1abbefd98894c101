import { newHashes } from '../../auth/accounts/new-hashes.js';
import { type SavedUser, saveUser, type WantedUser } from '../../auth/accounts/save-user.js';
import { userModelOf } from '../../auth/accounts/user-model.js';
import type { Context, ModelArguments } from '../../command.js';
import type { Connection } from '../../db/connect/connection.js';
import type { Row } from '../../db/write/rows.js';
import { CommandError, UsageError } from '../../errors.js';
import { actorOptions, auditOf } from '../shared/actor.js';
import { database, noInput, passwordSource } from '../shared/options.js';
import { gatherUser } from './gather.js';
import {
  assertComplete,
  assertValid,
  environmentPassword,
  type Given,
  givenName,
  isTaken,
  withEnvironment,
} from './given.js';
import { readPasswordSource } from './password-source.js';
import { askUser } from './prompt.js';
import { givenValues } from './values.js';

/** Options of the commands that make an account. */
export const newUserOptions = {
  ...database,
  ...noInput,
  ...passwordSource,
  ...actorOptions,
  field: {
    type: 'list',
    placeholder: 'NAME=VALUE',
    describe: 'Value of any other field.',
  },
  ifNotExists: {
    type: 'boolean',
    describe: 'Leave an existing user unchanged, and succeed.',
  },
} as const;

interface Arguments {
  readonly noInput: boolean;
  readonly passwordStdin: boolean;
  readonly passwordFile: string | undefined;
  readonly ifNotExists: boolean;
  readonly update: boolean;
  readonly database: string;
  readonly actor?: string | undefined;
}

/** Where the password comes from, and whether anything is asked. */
export interface Sources {
  readonly password: string | undefined;
  readonly asks: boolean;
  /** Whether DJANGO_SUPERUSER_* count. */
  readonly fromEnvironment: boolean;
}

/**
 * Reads the password of `--password-stdin` or `--password-file`, and finds out whether somebody is to be asked. With
 * `environment` the variables that Django's createsuperuser reads count where nobody is.
 *
 * @throws UsageError where nobody can be asked and `--no-input` is not given.
 */
export async function readSources(
  context: Context,
  args: Arguments,
  { environment = false }: { readonly environment?: boolean } = {},
): Promise<Sources> {
  if (args.ifNotExists && args.update) {
    throw new UsageError('--if-not-exists and --update cannot be used together.');
  }
  const password = await readPasswordSource(context, args);
  const asks = !args.noInput && password === undefined;
  if (asks && !context.terminal.interactive) {
    const { name } = userModelOf(context.registry).username;
    throw new UsageError('Cannot prompt: stdin is not a terminal.', {
      code: 'not_interactive',
      hint:
        `Use --no-input with --${name} and the other required options, and ` +
        (environment ? 'DJANGO_SUPERUSER_PASSWORD.' : '--password-stdin or --password-file for a password.'),
    });
  }
  const fromEnvironment = environment && !asks;
  return { password: fromEnvironment ? environmentPassword(context, password) : password, asks, fromEnvironment };
}

/** What is wanted besides what a person types. */
export interface UserRequest {
  /** Who asks: for the log. */
  readonly command: string;
  /** Values of options that are named after fields. */
  readonly modelArguments: ModelArguments;
  /** Assignments of `--field`. */
  readonly fields: readonly string[];
  /** Values that make the account what it is to be. */
  readonly fixed: Row;
  readonly links?: WantedUser['links'];
  /** Makes an unusable password, and asks for none. */
  readonly unusable?: boolean;
  /** Asks for the password of an account that is to be made, and for no other. */
  readonly keepsPassword?: boolean;
}

const whereTaken = (args: Arguments) => (args.update ? 'update' : args.ifNotExists ? 'keep' : 'refuse');

function allGiven(
  context: Pick<Context, 'env'>,
  place: Pick<Connection, 'registry'>,
  { modelArguments, fields, fixed }: UserRequest,
  fromEnvironment: boolean,
): Given {
  const given = givenValues(place, modelArguments, fields, Object.keys(fixed));
  return fromEnvironment ? withEnvironment(context, place, given) : given;
}

/**
 * Refuses a request that cannot succeed whatever is in the database, for commands that change it first. The result is for
 * what depends on the accounts that are there: call it with the connection, or without one where there are none.
 *
 * @throws CommandError for a field that there is not, and for values that are wrong, or missing where nobody is asked.
 */
export function assertRequest(
  context: Context,
  args: Arguments,
  { asks, fromEnvironment }: Sources,
  request: UserRequest,
): (connection: Connection | undefined) => Promise<void> {
  const given = allGiven(context, context, request, fromEnvironment);
  if (!asks) givenName(context, given, fromEnvironment);
  assertValid(context, given, { asks });
  if (asks) return async () => {};
  const existing = whereTaken(args);
  if (existing === 'refuse') assertComplete(context, given, fromEnvironment);
  return async (connection) => {
    if (connection === undefined || !(await isTaken(context, connection, given)))
      assertComplete(context, given, fromEnvironment);
  };
}

/** Makes or changes an account with what was asked for and given. */
export async function makeUser(
  context: Context,
  connection: Connection,
  args: Arguments,
  { password, asks, fromEnvironment }: Sources,
  request: UserRequest,
): Promise<{ readonly wanted: WantedUser; readonly saved: SavedUser }> {
  const { fixed, links = {}, unusable = false, keepsPassword = false } = request;
  const given = allGiven(context, connection, request, fromEnvironment);
  const existing = whereTaken(args);
  const collected = asks
    ? await askUser(context, connection, given, { existing, password: !unusable && (keepsPassword ? 'new' : true) })
    : await gatherUser(context, connection, given, { password, existing, fromEnvironment });
  if (unusable && collected.password !== undefined) {
    throw new UsageError('--unusable-password is given, and a password too.', { hint: 'Give one of them.' });
  }
  const wanted: WantedUser = {
    ...collected,
    links: { ...collected.links, ...links },
    ...(unusable ? { password: null } : {}),
  };
  const hashes = await newHashes(connection, context.settings);
  const audit = await newUserAudit(context, connection, request.command, args.actor);
  return {
    wanted,
    saved: await saveUser(connection, wanted, fixed, { ...audit, now: context.now(), existing, ...hashes }),
  };
}

/** Says what was done. `sentences` are for what differs between commands. */
export function reportUser(
  { terminal }: Context,
  connection: Connection,
  { wanted, saved }: { readonly wanted: WantedUser; readonly saved: SavedUser },
  sentences: { created(name: string): string; updated(name: string): string },
) {
  const { auth, username } = userModelOf(connection.registry);
  const name = String(wanted.values[username.name]);
  const { action, pk, usablePassword, before } = saved;
  if (action === 'created') terminal.say(sentences.created(name));
  if (action === 'updated') terminal.say(sentences.updated(name));
  if (action === 'kept') terminal.say(`User '${name}' already exists: nothing was changed.`);
  if (action === 'updated' && wanted.password !== undefined) {
    terminal.note(`The password was changed: sessions of user '${name}' end.`);
  }
  if (action !== 'created' && auth.activeField !== undefined && before?.[auth.activeField] === false) {
    terminal.warn(`User '${name}' is not active and cannot log in. Run \`manage activateuser\` to change that.`);
  }
  if (action !== 'kept' && !usablePassword) {
    terminal.note(`User '${name}' has an unusable password. Set one with \`manage changepassword\`.`);
  }
  return { json: { action, pk, username: name, usablePassword } };
}

/** The first account of a database cannot have been made by one that is there: then an actor of the settings counts for nothing. */
async function newUserAudit(context: Context, connection: Connection, command: string, actor: string | undefined) {
  try {
    return await auditOf(context, connection, command, { actor });
  } catch (error) {
    const isMissing = error instanceof CommandError && error.code === 'actor_not_found';
    if (!isMissing || actor !== undefined) throw error;
    context.terminal.warn(`${error.message} Nothing is written into the log.`);
    return {};
  }
}
