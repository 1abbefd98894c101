import { randomBytes } from 'node:crypto';
import { type AuditOptions, writeLog } from '../audit/write.js';
import { listUsers, type UserFilter } from '../auth/accounts/list-users.js';
import { userModelOf } from '../auth/accounts/user-model.js';
import type { JsonObject } from '../crypto/signing/json-value.js';
import type { Connection } from '../db/connect/connection.js';
import type { Value } from '../db/dialect/dialect.js';
import { passOver } from '../db/read/pages.js';
import { repeatableTransaction } from '../db/transactions/transaction.js';
import { insertRow, type Row, selectRows } from '../db/write/rows.js';
import { CommandError } from '../errors.js';
import { findModel } from '../registry/define.js';
import { selectedSessions } from '../sessions/admin/revoke.js';
import { createSessionReader } from '../sessions/codec/codec.js';
import { deleteSessions } from '../sessions/store/store.js';
import { userIdText } from '../sessions/store/users.js';
import { type Credential, credentialOf, kindsOf } from './credentials.js';
import type { CredentialApp } from './define.js';
import { bindApps, type EndedCredentials, endCredentials } from './end.js';
import { type FoundApps, findApps } from './find.js';
import { readKind } from './rows.js';

/** A user with the second factors that there are. */
export interface UserFactors {
  readonly pk: Value;
  readonly id: string;
  readonly username: string;
  readonly active: boolean;
  /** Whether one of them is in force that does not only stand in for another. */
  readonly protected: boolean;
  readonly factors: readonly Credential[];
}

export interface FactorOptions extends Pick<UserFilter, 'staff' | 'active'> {
  /** Only users who have none that is in force. */
  readonly without?: boolean;
  readonly now?: Date;
  readonly apps?: readonly CredentialApp[];
}

/** Users with their second factors, page by page: those who have any row of one, or with `without` those who are not protected. */
export async function* listSecondFactors(
  connection: Connection,
  { without = false, now = new Date(), apps, ...filter }: FactorOptions = {},
): AsyncGenerator<readonly UserFactors[]> {
  const found = await findApps(connection, apps);
  const byUser = await factorsByUser(found, now);
  const { model, auth, username } = userModelOf(connection.registry);
  for await (const page of listUsers(connection, filter, { onBadValue: passOver })) {
    const users = page.map((row): UserFactors => {
      const pk = row[model.primaryKey.name] ?? null;
      const id = userIdText(pk);
      const held = byUser.get(id) ?? [];
      return {
        pk,
        id,
        username: String(row[username.name] ?? ''),
        active: auth.activeField === undefined || row[auth.activeField] === true,
        protected: held.some(({ credential, backup }) => credential.live && !backup),
        factors: held.map(({ credential }) => credential),
      };
    });
    const shown = users.filter((user) => (without ? !user.protected : user.factors.length > 0));
    if (shown.length > 0) yield shown;
  }
}

async function factorsByUser(found: FoundApps, now: Date) {
  const byUser = new Map<string, { readonly credential: Credential; readonly backup: boolean }[]>();
  for (const { app, kind } of kindsOf(found.apps, new Set(['second_factor']))) {
    for await (const page of readKind(app.tables, kind)) {
      for (const row of page) {
        const id = userIdText(row.user);
        const credential = credentialOf(app, kind, row, { now, active: true });
        byUser.set(id, [...(byUser.get(id) ?? []), { credential, backup: kind.backup === true }]);
      }
    }
  }
  return byUser;
}

export interface ResetOptions extends AuditOptions {
  /** Makes a code that is good for one login, and resolves with it. */
  readonly issueBackupCode?: boolean;
  readonly apps?: readonly CredentialApp[];
}

export interface ResetFactors {
  readonly removed: readonly EndedCredentials[];
  /** Sessions that were verified by a second factor. */
  readonly sessions: number;
  /** Good once; it is not shown again. */
  readonly backupCode: string | undefined;
}

/**
 * Removes all second factors of a user, a row of the user model, from every table, unconfirmed ones too, and ends the sessions
 * that were verified by one, in one transaction.
 *
 * @throws CommandError of code `missing_app` where a backup code is wanted and there is no table for it.
 */
export async function resetSecondFactors(
  connection: Connection,
  user: Row,
  { issueBackupCode = false, apps, actor, now = new Date() }: ResetOptions = {},
): Promise<ResetFactors> {
  const found = await findApps(connection, apps);
  const { model, username } = userModelOf(connection.registry);
  const pk = user[model.primaryKey.name] ?? null;
  if (issueBackupCode && !found.apps.some(({ label }) => label === 'otp_static')) {
    throw new CommandError('This database has no table for backup codes: otp_static of django-otp.', {
      code: 'missing_app',
      hint: 'Reset without one: the user sets a second factor up at the next login.',
    });
  }
  const keys = await verifiedSessions(found.connection, pk, now);
  return repeatableTransaction(found.connection, async (bound) => {
    const own = bindApps(found, bound);
    const removed = await endCredentials(own, [pk], new Set(['second_factor']), now);
    const sessions = keys.length === 0 ? 0 : await deleteSessions(bound, keys);
    const backupCode = issueBackupCode ? await makeBackupCode(own, pk, now) : undefined;
    const event = {
      action: 'change',
      model,
      pk,
      repr: String(user[username.name] ?? pk),
      messages: [{ changed: { fields: ['Second factors'] } }],
    } as const;
    await writeLog(bound, [event], { actor, now });
    return { removed, sessions, backupCode };
  });
}

/** Whether a second factor was asked for in this session: by django-otp, or by allauth. */
function isVerified(data: JsonObject): boolean {
  const methods = data.account_authentication_methods;
  const isMfa = (each: unknown) =>
    typeof each === 'object' && each !== null && 'method' in each && each.method === 'mfa';
  return data.otp_device_id !== undefined || (Array.isArray(methods) && methods.some(isMfa));
}

async function verifiedSessions(connection: Connection, pk: Value, now: Date): Promise<string[]> {
  const model = findModel(connection.registry, 'sessions.session');
  if (model === undefined || !(await connection.dialect.tableNames(connection.db)).includes(model.table)) return [];
  const read = createSessionReader();
  const keys: string[] = [];
  const selection = { users: new Set([userIdText(pk)]), unverified: true };
  for await (const page of selectedSessions(connection, selection, { now, cookieAge: 0 })) {
    for (const { key, text } of page) if (isVerified(read(text).data)) keys.push(key);
  }
  return keys;
}

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';

/** Eight letters and digits (django_otp/plugins/otp_static/models.py, StaticToken.random_token: base32 of five bytes). */
function randomCode(): string {
  const bits = [...randomBytes(5)].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return (bits.match(/.{5}/g) ?? []).map((five) => alphabet.charAt(Number.parseInt(five, 2))).join('');
}

async function makeBackupCode({ apps }: FoundApps, user: Value, now: Date): Promise<string> {
  const tables = apps.find(({ label }) => label === 'otp_static')?.tables;
  if (tables === undefined) throw new Error('There is no table for backup codes.');
  const { connection } = tables;
  const device = tables.model('StaticDevice');
  const name = 'Backup Code';
  const [existing] = await selectRows(connection, device, { user, name }, { fields: ['id'], limit: 1 });
  const id = existing?.id ?? (await insertRow(connection, device, { user, name, confirmed: true }, { now }));
  const token = randomCode();
  await insertRow(connection, tables.model('StaticToken'), { device: id, token }, { now });
  return token;
}
