import { userModelOf } from '../../auth/accounts/user-model.js';
import type { JsonObject } from '../../crypto/signing/json-value.js';
import type { DbContext } from '../../db/connect/connection.js';
import type { Value } from '../../db/dialect/dialect.js';
import { isUnicode } from '../../db/values/values.js';
import { type Row, readRow, selectColumns } from '../../db/write/rows.js';
import { storedField } from '../../registry/define.js';
import { type IntegerRange, integerRange } from '../../registry/field-types.js';
import type { Field } from '../../registry/types.js';

/** An account, as far as its sessions are concerned. */
export interface SessionUser {
  /** Its key as sessions hold it in `_auth_user_id`: text, with dashes where it is a UUID. */
  readonly id: string;
  readonly pk: Value;
  readonly username: string;
  /** False where the model says that it may not log in. */
  readonly active: boolean;
  /** What the password column holds. */
  readonly password: string;
}

/** A user as documents for programs name one. */
export interface NamedUser {
  /** The key; null where there is no such user. */
  readonly pk: Value;
  /** The key as the session or token has it: text. */
  readonly id: string;
  /** Null where there is no such user, or nobody has looked. */
  readonly username: string | null;
}

/** The user of this key for programs; `user` is the account, where there is one. */
export const namedUser = (id: string, user: SessionUser | undefined): NamedUser => ({
  pk: user?.pk ?? null,
  id,
  username: user?.username ?? null,
});

/** Whose session it is, as it says itself; undefined where nobody has logged in. */
export function userIdOf(data: JsonObject): string | undefined {
  const id = data._auth_user_id;
  return typeof id === 'string' || typeof id === 'number' || typeof id === 'bigint' ? String(id) : undefined;
}

/** The text that a session holds for a user's key (Django's `value_to_string`). */
export function userIdText(pk: Value): string {
  return String(pk);
}

/** The accounts with these keys, by key. Those that are gone, or whose key cannot be one, are missing. */
export async function findSessionUsers(
  connection: DbContext,
  ids: Iterable<string>,
): Promise<Map<string, SessionUser>> {
  const { model, auth, username, password } = userModelOf(connection.registry);
  const key = storedField(connection.registry, model.primaryKey);
  const known = [...new Set(ids)].filter((id) => isKey(connection, key, id));
  const active = model.fields.find(({ name }) => name === auth.activeField);
  const fields = [model.primaryKey, username, password, ...(active === undefined ? [] : [active])];
  const users = new Map<string, SessionUser>();
  for (let start = 0; start < known.length; start += idsPerQuery) {
    const wanted = known.slice(start, start + idsPerQuery).map((id) => connection.dialect.bind(connection.db, key, id));
    const rows: Record<string, unknown>[] = await connection
      .db(model.table)
      .select(selectColumns(connection, fields))
      .whereIn(model.primaryKey.column, wanted);
    for (const raw of rows) {
      const user = toUser(readRow(connection, fields, raw), { key: model.primaryKey, username, password, active });
      users.set(user.id, user);
    }
  }
  return users;
}

/** The account with this key, or undefined. */
export async function findSessionUser(connection: DbContext, id: string): Promise<SessionUser | undefined> {
  return (await findSessionUsers(connection, [id])).get(id);
}

const idsPerQuery = 1000;

function toUser(
  row: Row,
  fields: {
    readonly key: Field;
    readonly username: Field;
    readonly password: Field;
    readonly active: Field | undefined;
  },
): SessionUser {
  const pk = row[fields.key.name] ?? null;
  return {
    id: userIdText(pk),
    pk,
    username: String(row[fields.username.name] ?? ''),
    active: fields.active === undefined || row[fields.active.name] === true,
    password: String(row[fields.password.name] ?? ''),
  };
}

/**
 * Whether text can be a value of the key's column: PostgreSQL fails where it is asked for one that cannot. Any number of 64 bits
 * can, since a column may be wider than its model says; not with `declared`, for what is asked with a text made before.
 */
export function isKey(
  { dialect }: Pick<DbContext, 'dialect'>,
  field: Field,
  text: string,
  { declared = false }: { readonly declared?: boolean } = {},
): boolean {
  const range = integerRange(field.type, declared && dialect.features.typedColumns);
  if (range !== undefined) return isWithin(text, range);
  if (field.type === 'UUIDField') return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
  return isUnicode(text) && !text.includes('\0');
}

function isWithin(text: string, [least, most]: IntegerRange): boolean {
  // As `str` of Python writes it: another spelling is not what a session of this user has.
  if (!/^(0|-?[1-9][0-9]{0,18})$/.test(text)) return false;
  const value = BigInt(text);
  return value >= least && value <= most;
}
