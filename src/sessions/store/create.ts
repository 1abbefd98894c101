import { sessionAuthHash } from '../../auth/accounts/tokens.js';
import type { DbContext } from '../../db/connect/connection.js';
import { repeatableTransaction } from '../../db/transactions/transaction.js';
import { timestampOf } from '../../db/values/moments.js';
import { insertRow } from '../../db/write/rows.js';
import { CommandError } from '../../errors.js';
import { encodeSession } from '../codec/codec.js';
import { defaultCookieAge } from './expiry.js';
import { newSessionKey } from './new-key.js';
import { sessionTable } from './table.js';
import type { SessionUser } from './users.js';

export interface CreateSessionOptions {
  readonly secretKey: string;
  /** By default the present. */
  readonly now?: Date | undefined;
  /** Seconds that it is good for, by default two weeks. */
  readonly age?: number;
  /** Whether `age` is the session's own, and not what the settings say for all. */
  readonly ownAge?: boolean;
  /** Python path of the backend that is to have logged the user in; Django refuses those that its settings do not have. */
  readonly backend?: string;
}

/** A session that was made. Its key is a credential: whoever has it is logged in. */
export interface CreatedSession {
  readonly key: string;
  /** ISO text. */
  readonly expires: string;
}

export const defaultBackend = 'django.contrib.auth.backends.ModelBackend';

/**
 * Makes a session in which the user is logged in, as Django's `login` does (Django 5.2 contrib/auth/__init__.py).
 *
 * @throws CommandError where the user is not active.
 */
export async function createSession(
  connection: DbContext,
  user: SessionUser,
  {
    secretKey,
    now = new Date(),
    age = defaultCookieAge,
    ownAge = false,
    backend = defaultBackend,
  }: CreateSessionOptions,
): Promise<CreatedSession> {
  if (!user.active) {
    throw new CommandError(`The user '${user.username}' is not active, and Django accepts no session of such a user.`, {
      code: 'user_inactive',
    });
  }
  const data = {
    _auth_user_id: user.id,
    _auth_user_backend: backend,
    _auth_user_hash: sessionAuthHash(user, { secretKey }),
    ...(ownAge ? { _session_expiry: age } : {}),
  };
  const key = newSessionKey();
  const expires = timestampOf(new Date(now.getTime() + age * 1000));
  const { model } = sessionTable(connection.registry);
  const row = { session_key: key, session_data: encodeSession(data, { secretKey, now }), expire_date: expires };
  await repeatableTransaction(connection, (bound) => insertRow(bound, model, row, { now }));
  return { key, expires };
}
