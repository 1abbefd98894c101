import { sessionAuthHash } from '../../src/auth/accounts/tokens.js';
import type { JsonObject } from '../../src/crypto/signing/json-value.js';
import { encodeSession } from '../../src/sessions/codec/codec.js';
import { createDatabase, type Engine, type TestDatabase } from '../helpers/databases.js';

/** The secret key of the Django project that made the sample database. */
export const secretKey = 'oracle-secret-key-0123456789abcdefghijklmnopqrstuvwxyz';
/** What tests take for today. */
export const now = new Date('2026-11-21T12:00:00Z');

export interface NewSession {
  readonly key: string;
  readonly data?: JsonObject;
  /** What is stored, where that is not `data` as Django would store it. */
  readonly text?: string;
  readonly signedWith?: string;
  readonly signed?: Date;
  readonly expires?: Date;
}

/** Days from {@link now} on. */
export function days(count: number): Date {
  return new Date(now.getTime() + count * 86_400_000);
}

/** The database that Django made, with these sessions and no others. */
export async function createSite(engine: Engine, sessions: readonly NewSession[] = []): Promise<TestDatabase> {
  const database = await createDatabase(engine, { from: 'sample' });
  await database.query('DELETE FROM django_session');
  await addSessions(database, sessions);
  return database;
}

export async function addSessions(database: TestDatabase, sessions: readonly NewSession[]): Promise<void> {
  for (const { key, data = {}, text, signedWith = secretKey, signed = days(-1), expires = days(13) } of sessions) {
    await database.query('INSERT INTO django_session (session_key, session_data, expire_date) VALUES (?, ?, ?)', [
      key,
      text ?? encodeSession(data, { secretKey: signedWith, now: signed }),
      databaseTime(database, expires),
    ]);
  }
}

/** A moment as Django stores it. */
export function databaseTime({ engine }: Pick<TestDatabase, 'engine'>, time: Date): string {
  const text = time.toISOString();
  return engine === 'postgres'
    ? text
    : text
        .replace('T', ' ')
        .replace(/(\.000)?Z$/, '')
        .replace('Z', '');
}

/** Keys of the sessions that are there. */
export async function keysOf(database: TestDatabase): Promise<string[]> {
  const rows = await database.query('SELECT session_key FROM django_session ORDER BY session_key');
  return rows.map((row) => String(row.session_key));
}

/** What Django keeps of a login. */
export async function loginData(database: TestDatabase, username: string): Promise<JsonObject> {
  const [user] = await database.query('SELECT id, password FROM auth_user WHERE username = ?', [username]);
  return {
    _auth_user_id: String(user?.id),
    _auth_user_backend: 'django.contrib.auth.backends.ModelBackend',
    _auth_user_hash: sessionAuthHash({ password: String(user?.password) }, { secretKey }),
  };
}

/** A key of 32 characters that begins so. */
export function key(start: string): string {
  return start.padEnd(32, '0');
}

/** Adds sessions that cannot be decoded, for what counts rows. */
export async function addManySessions(
  database: TestDatabase,
  start: string,
  count: number,
  expires: Date,
): Promise<void> {
  const end = databaseTime(database, expires);
  for (let done = 0; done < count; done += 100) {
    const some = Array.from({ length: Math.min(100, count - done) }, (_, index) => `${start}${done + index}`);
    await database.query(
      `INSERT INTO django_session (session_key, session_data, expire_date) VALUES ${some.map(() => '(?, ?, ?)').join(', ')}`,
      some.flatMap((name) => [name, 'x', end]),
    );
  }
}
