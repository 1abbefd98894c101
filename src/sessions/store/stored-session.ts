import { BadSignature } from '../../crypto/signing/bad-signature.js';
import type { JsonObject } from '../../crypto/signing/json-value.js';
import type { DbContext } from '../../db/connect/connection.js';
import { repeatableStatement, type Transactable } from '../../db/transactions/transaction.js';
import { CommandError } from '../../errors.js';
import { decodeSession, encodeSession, type SessionKeys } from '../codec/codec.js';
import { type ExpiryOptions, sessionExpiry } from './expiry.js';
import { newSessionKey } from './new-key.js';
import { createSessionReader, createSessionWriter, mayBeKey } from './session-rows.js';
import { sessionTable } from './table.js';

/** What a visitor's session holds, and the key by which it is known. Without one it is not stored yet. */
export interface Session {
  /** A credential: whoever has it is the visitor. */
  readonly key?: string | undefined;
  readonly data: JsonObject;
}

/** A session that has a row. */
export interface StoredSession extends Session {
  readonly key: string;
  /** When it ends, as ISO text. */
  readonly expires: string;
}

export interface LoadSessionOptions extends Omit<SessionKeys, 'secretKey'> {
  readonly secretKey: string;
  /** By default the present. */
  readonly now?: Date;
}

export interface SaveSessionOptions extends ExpiryOptions {
  readonly secretKey: string;
  /** Of a session engine that has another one than Django's own. */
  readonly salt?: string;
}

/**
 * The session with this key, as a request brings it; undefined for a key that no session has, or one that is over: such a
 * key is never adopted, so that nobody can give a visitor one that he knows himself. Data that none of the keys has signed,
 * or that Django 5.2 does not read, is empty (Django 5.2 contrib/sessions/backends/db.py, load, and base.py, decode).
 */
export async function loadSession(
  connection: DbContext,
  key: string,
  { now = new Date(), ...keys }: LoadSessionOptions,
): Promise<StoredSession | undefined> {
  const found = await createSessionReader(connection).load(key, now);
  return found && { key, data: readData(found.text, keys), expires: found.expires };
}

/**
 * Stores a session: a new row with a new key where it has no key, else the row with its key, which must be there. The last
 * one that saves wins; nothing is merged.
 *
 * @throws CommandError of code `session_interrupted` where the row is gone, as when the user has logged out meanwhile: it is
 * not made again. `bad_session_expiry` as {@link sessionExpiry}, and TypeError for data that JSON cannot hold.
 */
export async function saveSession(
  connection: Transactable & DbContext,
  { key, data }: Session,
  options: SaveSessionOptions,
): Promise<StoredSession> {
  if (key === undefined) return insertSession(connection, data, options);
  const row = contentOf(data, options);
  if (!(await createSessionWriter(connection).update(key, row))) throw interrupted();
  return { key, data, expires: row.expires };
}

/**
 * Gives a session another key, and keeps its data: what is done when somebody logs in, so that a key that was known before is
 * worth nothing after. The new row is there before the old one goes, in one transaction (Django's cycle_key).
 *
 * @throws CommandError and TypeError as {@link saveSession}, but for `session_interrupted`.
 */
export async function cycleSession(
  connection: Transactable & DbContext,
  { key, data }: Session,
  options: SaveSessionOptions,
): Promise<StoredSession> {
  return insertSession(connection, data, options, key);
}

/** Ends a session, and resolves with whether it was there. With what is empty and has no key, that is Django's `flush`. */
export async function deleteSession(connection: DbContext, key: string): Promise<boolean> {
  if (!mayBeKey(key)) return false;
  const { db, dialect, registry } = connection;
  const { model, key: field } = sessionTable(registry);
  const deleted = await repeatableStatement(connection, async () =>
    db(model.table)
      .where(field.column, dialect.bind(db, field, key))
      .del(),
  );
  return deleted > 0;
}

/** Makes a session with a key that none has, in the place of another one if that is given. */
async function insertSession(
  connection: Transactable & DbContext,
  data: JsonObject,
  options: SaveSessionOptions,
  instead?: string,
): Promise<StoredSession> {
  const [rows, row] = [createSessionWriter(connection), contentOf(data, options)];
  let key = newSessionKey();
  while (!(await rows.create(key, row, instead))) key = newSessionKey();
  return { key, data, expires: row.expires };
}

function contentOf(data: JsonObject, { secretKey, salt, ...options }: SaveSessionOptions) {
  const { now = new Date() } = options;
  const expires = sessionExpiry(data, { ...options, now });
  return { text: encodeSession(data, { secretKey, now, ...(salt === undefined ? {} : { salt }) }), expires };
}

function readData(text: string, keys: SessionKeys): JsonObject {
  try {
    const { data, verified, format, serializer } = decodeSession(text, keys);
    return verified && format === 'signed' && serializer === 'json' ? data : {};
  } catch (error) {
    if (error instanceof BadSignature) return {};
    throw error;
  }
}

function interrupted(): CommandError {
  return new CommandError(
    "The request's session was deleted before the request completed. The user may have logged out in a concurrent request, for example.",
    { code: 'session_interrupted' },
  );
}
