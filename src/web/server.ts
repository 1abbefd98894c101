import { openProject, type ProjectOptions } from '../app/project.js';
import { findUserByEmail } from '../auth/accounts/find-user.js';
import { type NewHashes, newHashes } from '../auth/accounts/new-hashes.js';
import { createSessionAuthHasher } from '../auth/accounts/tokens.js';
import { userModelOf } from '../auth/accounts/user-model.js';
import type { Backend, BackendContext } from '../auth/backends/backend.js';
import { djangoBackends } from '../auth/backends/model-backend.js';
import { createUserObject, type Rights } from '../auth/backends/user.js';
import type { Connection } from '../db/connect/connection.js';
import { openPool, type Pool } from '../db/connect/pool.js';
import { answers } from '../db/read/expressions.js';
import { prepareRowBy } from '../db/read/prepared.js';
import type { Row } from '../db/write/rows.js';
import { CommandError } from '../errors.js';
import { storedField } from '../registry/define.js';
import { createSessionTextCodec } from '../sessions/codec/codec.js';
import { createSessionReader, createSessionWriter } from '../sessions/store/session-rows.js';
import { deleteSession } from '../sessions/store/stored-session.js';
import { isKey } from '../sessions/store/users.js';
import type { ParsedSettings } from '../settings/settings.js';
import type { CookieAttributes } from './cookies.js';
import { RequestError } from './errors.js';
import { createEmitter, type Emitter } from './events.js';
import { trustedProxies } from './facts.js';
import { createSessionLoader } from './load-session.js';
import { createPasswords, type PasswordOptions } from './passwords.js';
import type { SessionHouse } from './session.js';

export interface OpenAuthOptions extends ProjectOptions {
  /** Alias of the database with users and sessions; `default` by default. */
  readonly database?: string;
  /** How many connections may be open at once, or read at once where only one can write; by default 10. */
  readonly poolSize?: number;
  /** Makes a missing SQLite file. */
  readonly create?: boolean;
  /** How many passwords are hashed at once, and how many wait. */
  readonly passwords?: Pick<PasswordOptions, 'concurrency' | 'waiting'>;
  readonly now?: () => Date;
  /** Told what a request could not be answered for; by default it is written to standard error. */
  readonly onError?: (error: unknown) => void;
}

/** What a server needs to know who its visitors are: opened once, and closed with it. */
export interface AuthServer extends Pick<Emitter, 'on'> {
  readonly settings: ParsedSettings;
  readonly secretKey: string;
  /** What binds a session to a password, with the current key. */
  readonly authHash: (password: string) => string;
  readonly pool: Pool;
  readonly rights: Rights;
  /** A session that is still good; undefined for a key that none has. */
  readonly loadSession: ReturnType<typeof createSessionLoader>;
  readonly sessions: SessionHouse;
  readonly emit: Emitter['emit'];
  readonly isTrustedProxy: (address: string | undefined) => boolean;
  /** Attributes of the two cookies, without their age. */
  readonly sessionCookie: CookieAttributes;
  readonly csrfCookie: CookieAttributes;
  readonly report: (error: unknown) => void;
  /** Whether the database answers. */
  isHealthy(): Promise<boolean>;
  /** Gives the connections back. What is under way fails. */
  close(): Promise<void>;
}

/**
 * Opens settings and database for the life of a server. Reads the same settings as `manage`.
 * It is long because it puts together what requests share, in the order in which that needs each other.
 *
 * @throws CommandError for wrong settings, without a secret key, and where the database cannot be reached.
 */
export async function openAuth({
  database = 'default',
  poolSize = 10,
  create = false,
  passwords: passwordOptions = {},
  now = () => new Date(),
  onError = writeError,
  ...projectOptions
}: OpenAuthOptions = {}): Promise<AuthServer> {
  const project = await openProject(projectOptions);
  const { settings } = project;
  const { secretKey } = settings;
  if (secretKey === undefined) {
    throw new CommandError('There is no secret key: sessions cannot be created or verified.', {
      code: 'no_secret_key',
      hint: 'Set SECRET_KEY to that of the Django site.',
    });
  }
  const isTrustedProxy = trustedProxies(settings.trustedProxies);
  const backends = settings.authenticationBackends.map(asBackend);
  const open = (options: { readonly poolSize: number }) => project.connect(database, { create, ...options });
  const pool = await openPool(open, poolSize).catch((error: unknown) => {
    throw create ? error : withoutDatabase(error);
  });
  const { on, emit } = createEmitter();
  const hashes = await hashesOf(pool.read, settings).catch(async (error: unknown) => {
    await pool.close();
    throw error;
  });
  const passwords = createPasswords({ ...passwordOptions, ...hashes });
  const { model, auth, username } = userModelOf(pool.read.registry);
  const toUser = (row: Row | undefined) => row && createUserObject(row, model, auth, rights);
  const readByName = prepareRowBy(pool.read, model, username);
  const readByKey = prepareRowBy(pool.read, model, model.primaryKey);
  const keyField = storedField(pool.read.registry, model.primaryKey);
  const context: BackendContext = {
    pool,
    passwords,
    now,
    findUser: async (name) => toUser(await readByName(name)),
    findUserByKey: async (key) =>
      typeof key === 'string' && !isKey(pool.read, keyField, key) ? undefined : toUser(await readByKey(key)),
    findUserByEmail: async (email) => toUser(await findUserByEmail(pool.read, email)),
  };
  const rights: Rights = { backends, context };
  const codec = createSessionTextCodec({ secretKey, secretKeyFallbacks: settings.secretKeyFallbacks });
  return {
    settings,
    secretKey,
    authHash: createSessionAuthHasher({ secretKey }),
    pool,
    rights,
    loadSession: createSessionLoader(
      createSessionReader(pool.read),
      codec,
      (row) => createUserObject(row, model, auth, rights),
      (text) => isKey(pool.read, keyField, text, { declared: true }),
    ),
    sessions: {
      rows: { ...createSessionWriter(pool.write), remove: (key) => deleteSession(pool.write, key) },
      codec,
      cookieAge: settings.session.cookieAge,
      expireAtBrowserClose: settings.session.expireAtBrowserClose,
      timeZone: settings.useTz ? 'UTC' : settings.timeZone,
      now,
    },
    on,
    emit,
    report: onError,
    isTrustedProxy,
    sessionCookie: cookieAttributes(settings.session),
    csrfCookie: cookieAttributes(settings.csrf),
    isHealthy: () => answers(pool.read.db),
    close: () => pool.close(),
  };
}

/** Says what a program does about a database that is not there. */
function withoutDatabase(error: unknown): unknown {
  if (!(error instanceof CommandError) || error.code !== 'missing_database' || error.hint !== undefined) return error;
  const { code, message } = error;
  const hint = 'Correct DATABASE_URL, or give `create: true` and make the tables with `migrate`.';
  return new CommandError(message, { code, hint, cause: error });
}

/** What new hashes are made with: none is weaker than those that are there, where the tables are there yet. */
async function hashesOf(connection: Connection, settings: ParsedSettings): Promise<Partial<NewHashes>> {
  try {
    return await newHashes(connection, settings);
  } catch (error) {
    if (!(error instanceof CommandError) || error.code !== 'missing_table') throw error;
    return { hasher: settings.passwordHashers[0] };
  }
}

/** One line for what was foreseen, and all that is known of anything else. */
function writeError(error: unknown): void {
  const isForeseen = error instanceof RequestError;
  const cause = isForeseen && error.cause instanceof Error ? ` (${error.cause.message})` : '';
  console.error(isForeseen ? `${error.status}: ${error.message}${cause}` : error);
}

function cookieAttributes(settings: ParsedSettings['session'] | ParsedSettings['csrf']): CookieAttributes {
  const { cookieDomain, cookiePath, cookieSecure, cookieHttpOnly, cookieSameSite } = settings;
  return {
    domain: cookieDomain,
    path: cookiePath,
    secure: cookieSecure,
    httpOnly: cookieHttpOnly,
    sameSite: cookieSameSite === false ? undefined : cookieSameSite,
  };
}

function asBackend(setting: string | { readonly name: string }): Backend {
  if (typeof setting !== 'string') return setting;
  const found = djangoBackends.find(({ name }) => name === setting);
  if (found !== undefined) return found;
  throw new CommandError(`There is no authentication backend '${setting}'.`, {
    code: 'bad_settings',
    hint: `Give an object made with defineBackend; known by name are ${djangoBackends.map(({ name }) => name).join(', ')}.`,
  });
}
