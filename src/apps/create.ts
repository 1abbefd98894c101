import { randomBytes } from 'node:crypto';
import type { Connection } from '../db/connect/connection.js';
import type { Value } from '../db/dialect/dialect.js';
import { repeatableTransaction } from '../db/transactions/transaction.js';
import { timestampOf } from '../db/values/moments.js';
import { insertRow, selectRows } from '../db/write/rows.js';
import { CommandError } from '../errors.js';
import { findField } from '../registry/define.js';
import type { SessionUser } from '../sessions/store/users.js';
import { passwordClaim } from '../tokens/password-claim.js';
import { type Claims, createToken, decodeToken, defaultAges, type TokenKeys, type TokenType } from '../tokens/token.js';
import type { AppTables, CredentialApp } from './define.js';
import { type FoundApps, findApps } from './find.js';
import { knoxDigest } from './knox/index.js';
import { removeRows } from './remove.js';

/** A token that was made. It is a credential: whoever has it is let in. */
export interface CreatedToken {
  readonly token: string;
  /** ISO text; null for what has no end. */
  readonly expires: string | null;
  /** Of a JSON Web Token. */
  readonly jti?: string;
}

/** Whom a token is made for, as `findSessionUser` finds an account. */
export type TokenOwner = Pick<SessionUser, 'id' | 'pk' | 'username' | 'active' | 'password'>;

interface Options {
  readonly now?: Date | undefined;
  /** Seconds that it is good for. */
  readonly age?: number | undefined;
  /** Apps of the project's own. */
  readonly apps?: readonly CredentialApp[] | undefined;
  /** What `findApps` has found: servers do not look each time. */
  readonly found?: FoundApps | undefined;
}

function assertActive({ active, username }: TokenOwner): void {
  if (active) return;
  throw new CommandError(`The user '${username}' is not active, and Django accepts no token of such a user.`, {
    code: 'user_inactive',
    hint: 'Activate the account first.',
  });
}

/** The tables of an app that has to be there. */
async function tablesOf(
  connection: Connection,
  label: string,
  name: string,
  apps: Options['apps'],
): Promise<AppTables> {
  const found = await findApps(connection, apps);
  const app = found.apps.find((each) => each.label === label);
  if (app !== undefined) return app.tables;
  const unknown = found.unknown.find((each) => each.app === label);
  throw new CommandError(unknown?.reason ?? `This database has no table for tokens of ${name}.`, {
    code: 'missing_app',
    hint: `Run the migrations of the Django project, with ${name} among its apps.`,
  });
}

/**
 * Makes a JSON Web Token for a user, as simplejwt does; a refresh token is entered into the table of those that were handed
 * out, where there is one.
 *
 * @throws CommandError of code `user_inactive`, and `bad_key`.
 */
export async function createJwt(
  connection: Connection,
  owner: TokenOwner,
  options: TokenKeys &
    Options & {
      readonly type?: TokenType | undefined;
      readonly claims?: Claims | undefined;
      readonly issuer?: string | undefined;
      readonly audience?: string | undefined;
      /** Binds it to the password (simplejwt's CHECK_REVOKE_TOKEN). */
      readonly bindPassword?: boolean | undefined;
    },
): Promise<CreatedToken> {
  assertActive(owner);
  const {
    type = 'access',
    now = new Date(),
    age = defaultAges[type],
    claims = {},
    bindPassword = false,
    apps,
    found = type === 'access' ? undefined : await findApps(connection, apps),
  } = options;
  const bond: Claims = bindPassword ? { hash_password: passwordClaim(owner.password) } : {};
  const own = { user_id: owner.id, ...bond, ...claims };
  const token = await createToken(own, { ...options, type, now, age });
  const { exp, jti } = decodeToken(token).payload;
  const expires = timestampOf(new Date(Number(exp) * 1000));
  const tables = found?.apps.find(({ label }) => label === 'token_blacklist')?.tables;
  if (tables !== undefined && type !== 'access') {
    const row = { user: owner.pk, jti: String(jti), token, created_at: timestampOf(now), expires_at: expires };
    await repeatableTransaction(tables.connection, (bound) =>
      insertRow(bound, tables.model('OutstandingToken'), row, { now }),
    );
  }
  return { token, expires, jti: String(jti) };
}

/**
 * Makes the token that Django REST framework has for a user. There is one for each: with `replace` the one that is there
 * ends.
 *
 * @throws CommandError of code `token_exists`, `user_inactive`, and `missing_app` where there is no such table.
 */
export async function createAuthToken(
  connection: Connection,
  owner: TokenOwner,
  { now = new Date(), replace = false, apps }: Options & { readonly replace?: boolean } = {},
): Promise<CreatedToken> {
  assertActive(owner);
  const tables = await tablesOf(connection, 'authtoken', 'djangorestframework', apps);
  const model = tables.model('Token');
  const token = randomBytes(20).toString('hex');
  await repeatableTransaction(tables.connection, async (bound) => {
    const [existing] = await selectRows(bound, model, { user: owner.pk }, { fields: ['user'], limit: 1 });
    if (existing !== undefined && !replace) {
      throw new CommandError(`The user '${owner.username}' has a token already, and it is not shown.`, {
        code: 'token_exists',
        hint: 'Replace it, which ends the one that is there.',
      });
    }
    const user = findField(model, 'user')?.column ?? 'user_id';
    if (existing !== undefined) await removeRows(bound, model, (query) => query.where(user, owner.pk as never));
    await insertRow(bound, model, { key: token, user: owner.pk }, { now });
  });
  return { token, expires: null };
}

const tenHours = 10 * 60 * 60;

/**
 * Makes a token of knox, which may have several for a user; its own lifetime, ten hours, by default.
 *
 * @throws CommandError of code `user_inactive`, and `missing_app` where there is no such table.
 */
export async function createKnoxToken(
  connection: Connection,
  owner: TokenOwner,
  { now = new Date(), age = tenHours, apps }: Options = {},
): Promise<CreatedToken> {
  assertActive(owner);
  const tables = await tablesOf(connection, 'knox', 'django-rest-knox', apps);
  if (tables.has('AuthToken', 'salt')) {
    throw new CommandError('Tokens of knox 4.1 and older are salted, and are not made here.', {
      code: 'unknown_version',
      hint: 'Update django-rest-knox to 4.2 or later.',
    });
  }
  const token = randomBytes(32).toString('hex');
  const expires = timestampOf(new Date(now.getTime() + age * 1000));
  const row: Record<string, Value> = { ...knoxDigest(token, tables), user: owner.pk, expiry: expires };
  await repeatableTransaction(tables.connection, (bound) => insertRow(bound, tables.model('AuthToken'), row, { now }));
  return { token, expires };
}
