import { createHash } from 'node:crypto';
import type { JsonObject } from '../crypto/signing/json-value.js';
import type { Connection } from '../db/connect/connection.js';
import { timestampOf } from '../db/values/moments.js';
import { selectRows } from '../db/write/rows.js';
import { CommandError } from '../errors.js';
import { findSessionUser, type NamedUser, namedUser, type SessionUser, userIdText } from '../sessions/store/users.js';
import { decodeToken, endOfTime, findSigner, type VerifyTokenOptions, verifyToken } from '../tokens/token.js';
import { credentialOf, kindsOf } from './credentials.js';
import type { CredentialApp } from './define.js';
import { type FoundApps, findApps } from './find.js';
import { readKind } from './rows.js';

/** What a text that somebody presents as a token is. */
export interface RecognisedToken {
  /** `jwt`, or the kind of a credential; null for what nobody knows. */
  readonly kind: string | null;
  /** Whether the site would accept it; null where too little is known. */
  readonly accepted: boolean | null;
  /** Why it would not, or what is not known: full sentences. */
  readonly reasons: readonly string[];
  readonly user: NamedUser | null;
  /** ISO text; null for what has no end. */
  readonly expires: string | null;
  readonly app: string | null;
  readonly table: string | null;
  /** Of a JSON Web Token: what it says, and which of the keys signed it: 0 the first; null none. */
  readonly header?: JsonObject;
  readonly payload?: JsonObject;
  readonly keyIndex?: number | null;
}

export interface RecogniseOptions extends Partial<Omit<VerifyTokenOptions, 'type'>> {
  /** Whether simplejwt's CHECK_REVOKE_TOKEN is on at the site. */
  readonly checkPassword?: boolean;
  readonly apps?: readonly CredentialApp[];
}

/**
 * Says what a token is, whose, until when, and whether the site would accept it: a JSON Web Token, or one of those that have
 * rows in the database. Without a connection only the former is known, and its user is not.
 */
export async function recogniseToken(
  connection: Connection | undefined,
  token: string,
  options: RecogniseOptions = {},
): Promise<RecognisedToken> {
  const found = connection === undefined ? undefined : await findApps(connection, options.apps);
  if (/^[\w-]+\.[\w-]+\.[\w-]*$/.test(token) && token.startsWith('ey')) return recogniseJwt(found, token, options);
  return (
    (found && (await recogniseRow(found, token, options.now ?? new Date()))) ?? {
      kind: null,
      accepted: null,
      reasons: [found === undefined ? 'Only a database knows such a token.' : 'No table that is known has it.'],
      user: null,
      expires: null,
      app: null,
      table: null,
    }
  );
}

async function recogniseRow(found: FoundApps, token: string, now: Date): Promise<RecognisedToken | undefined> {
  // No token has it, and not every database can even be asked for such a text.
  if (token.includes('\0')) return undefined;
  for (const { app, kind } of kindsOf(found.apps)) {
    const where = kind.recognise?.(token, app.tables);
    if (where === undefined) continue;
    for await (const [row] of readKind(app.tables, kind, { where })) {
      if (row === undefined) continue;
      const id = row.user === null ? undefined : userIdText(row.user);
      const user = id === undefined ? undefined : await findSessionUser(found.connection, id);
      const active = id === undefined || user?.active === true;
      const { live, state, letsIn, expires, table } = credentialOf(app, kind, row, { now, active });
      const reasons = live
        ? letsIn
          ? []
          : [`Its user, ${user?.username ?? id}, is not active.`]
        : [state === 'expired' ? 'It has expired.' : `It is ${state}.`];
      return {
        kind: kind.kind,
        accepted: letsIn,
        reasons,
        user: id === undefined ? null : namedUser(id, user),
        expires,
        app: app.label,
        table,
      };
    }
  }
  return undefined;
}

async function recogniseJwt(
  found: FoundApps | undefined,
  token: string,
  { now = new Date(), algorithm, keys, checkPassword = false, ...options }: RecogniseOptions,
): Promise<RecognisedToken> {
  const { header, payload } = decodeToken(token);
  const faults: string[] = [];
  const unknown: string[] = [];
  let keyIndex: number | null = null;
  if (algorithm === undefined || keys === undefined) unknown.push('There is no key to verify it with.');
  else {
    keyIndex = await findSigner(token, { algorithm, keys });
    const problem = await faultOf(token, { algorithm, keys, now, ...options, type: null });
    if (problem !== undefined) faults.push(problem);
  }
  const id = payload.user_id === undefined || payload.user_id === null ? undefined : String(payload.user_id);
  const user = id === undefined || found === undefined ? undefined : await findSessionUser(found.connection, id);
  if (id !== undefined) {
    if (found === undefined) unknown.push('Whether its user may log in is known to the database alone.');
    else faults.push(...userFaults(id, user, payload, checkPassword));
  }
  if (found !== undefined && payload.token_type !== 'access') faults.push(...(await blacklistFaults(found, payload)));
  const exp = Number(payload.exp);
  return {
    kind: 'jwt',
    accepted: faults.length > 0 ? false : unknown.length > 0 ? null : true,
    reasons: faults.length > 0 ? faults : unknown,
    user: id === undefined ? null : namedUser(id, user),
    expires: exp > -60_000_000_000 && exp < endOfTime ? timestampOf(new Date(exp * 1000)) : null,
    app: null,
    table: null,
    header,
    payload,
    keyIndex,
  };
}

async function faultOf(token: string, options: VerifyTokenOptions): Promise<string | undefined> {
  try {
    await verifyToken(token, options);
    return undefined;
  } catch (error) {
    if (error instanceof CommandError && error.code.startsWith('token_')) return error.message;
    throw error;
  }
}

function userFaults(id: string, user: SessionUser | undefined, payload: JsonObject, checkPassword: boolean): string[] {
  if (user === undefined) return [`Its user, ${id}, does not exist.`];
  if (!user.active) return [`Its user, ${user.username}, is not active.`];
  const hash = createHash('md5').update(user.password).digest('hex').toUpperCase();
  return checkPassword && payload.hash_password !== hash ? ['The password has changed since it was made.'] : [];
}

async function blacklistFaults({ apps }: FoundApps, { jti }: JsonObject): Promise<string[]> {
  const tables = apps.find(({ label }) => label === 'token_blacklist')?.tables;
  if (tables === undefined) return [];
  const { connection } = tables;
  const [row] = await selectRows(
    connection,
    tables.model('OutstandingToken'),
    { jti: String(jti) },
    { fields: ['id'] },
  );
  if (row === undefined) return [];
  const blacklisted = await selectRows(
    connection,
    tables.model('BlacklistedToken'),
    { token: row.id ?? null },
    { fields: ['id'] },
  );
  return blacklisted.length > 0 ? ['It is on the blacklist.'] : [];
}
