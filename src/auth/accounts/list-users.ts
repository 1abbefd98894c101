import type { Connection, DbContext, Executor } from '../../db/connect/connection.js';
import type { Dialect, Value } from '../../db/dialect/dialect.js';
import { containsText } from '../../db/read/conditions.js';
import { readPages } from '../../db/read/pages.js';
import { timestampOf } from '../../db/values/moments.js';
import type { Row } from '../../db/write/rows.js';
import { selectColumns } from '../../db/write/rows.js';
import { CommandError } from '../../errors.js';
import { findField, storedField } from '../../registry/define.js';
import { isText } from '../../registry/field-types.js';
import type { Field, Model } from '../../registry/types.js';
import { knownNames } from '../../text.js';
import { type PasswordState, passwordState } from '../passwords/hashers.js';
import { findGroups } from '../permissions/groups.js';
import { findRelation } from '../permissions/links.js';
import { userModelOf } from './user-model.js';

/** Which users are listed: those for which all that is said is true. */
export interface UserFilter {
  readonly active?: boolean | undefined;
  readonly staff?: boolean | undefined;
  /** Those that have all `superuserValues`. */
  readonly superuser?: boolean | undefined;
  /** Name of a group that the user is in. */
  readonly group?: string | undefined;
  readonly neverLoggedIn?: boolean | undefined;
  /** Users whose last login was before this moment, and those who never logged in. */
  readonly notSince?: Date | undefined;
  /** Text that one of the user's text fields has somewhere in it; the case of ASCII letters does not matter. */
  readonly search?: string | undefined;
  /** How their password is stored. */
  readonly password?: PasswordState | undefined;
  readonly limit?: number | undefined;
  /** Field to order by, with `-` before it from the greatest; by default the key. */
  readonly sort?: string | undefined;
}

type Query = ReturnType<Executor['queryBuilder']>;

/** The fields that a listing has: all but the password. */
export function listedFields({ userModel }: Connection['registry']): Field[] {
  return userModel.fields.filter(({ name, type }) => name !== userModel.auth?.passwordField && type !== 'BinaryField');
}

function requireField(model: Model, name: string | undefined, what: string): Field {
  const field = name === undefined ? undefined : findField(model, name);
  if (field !== undefined) return field;
  throw new CommandError(`The user model ${model.label} does not say ${what}.`, { code: 'no_such_field' });
}

/** Adds what the filter asks for to a query on the user model's table. */
async function conditionsOf(connection: DbContext, filter: UserFilter) {
  const { db, dialect } = connection;
  const { model, auth, password } = userModelOf(connection.registry);
  const columnOf = (field: Field) => `${model.table}.${field.column}`;
  const equals: (readonly [string, ReturnType<Dialect['bind']>])[] = [];
  const want = (field: Field, value: Value) =>
    equals.push([columnOf(field), dialect.bind(db, storedField(connection.registry, field), value)]);
  if (filter.active !== undefined) {
    want(requireField(model, auth.activeField, 'which users are active'), filter.active);
  }
  if (filter.staff !== undefined) want(requireField(model, 'is_staff', 'which users are staff'), filter.staff);
  if (filter.superuser) {
    const flags = Object.entries(auth.superuserValues);
    if (flags.length === 0) requireField(model, undefined, 'who is a superuser');
    for (const [name, value] of flags) {
      want(requireField(model, name, 'who is a superuser'), value);
    }
  }
  const [group] = filter.group === undefined ? [] : await findGroups(connection, [filter.group]);
  const relation = group === undefined ? undefined : findRelation(model, auth.groups ?? '');
  const since = filter.neverLoggedIn || filter.notSince !== undefined;
  const lastLogin = since ? requireField(model, auth.lastLoginField, 'when users logged in') : undefined;
  const searched = model.fields.filter(({ name, type }) => isText(type) && name !== password.name);
  const { search } = filter;

  return (query: Query): void => {
    for (const [column, value] of equals) query.where(column, value);
    if (relation !== undefined && group !== undefined) {
      const key = storedField(connection.registry, requireGroupKey(connection, relation.to));
      const members = db(relation.table)
        .select(relation.column)
        .where(relation.reverseColumn, dialect.bind(db, key, group));
      query.whereIn(columnOf(model.primaryKey), members);
    }
    if (lastLogin !== undefined) {
      query.where((either) => {
        either.whereNull(columnOf(lastLogin));
        if (filter.notSince === undefined || filter.neverLoggedIn) return;
        const since = timestampOf(filter.notSince);
        either.orWhereRaw(dialect.compareMoments(db, lastLogin, columnOf(lastLogin), '<', since));
      });
    }
    if (search !== undefined) {
      query.where((either) => {
        for (const field of searched) either.orWhereRaw(containsText(db, columnOf(field), search));
      });
    }
  };
}

function requireGroupKey({ registry }: Pick<Connection, 'registry'>, to: string): Field {
  const model = registry.models.find(({ label }) => label === to);
  if (model === undefined) throw new CommandError(`No app declares the model '${to}'.`, { code: 'bad_registry' });
  return model.primaryKey;
}

/**
 * The users that the filter asks for, in the order of their keys and page by page, so that memory stays the same however
 * many there are. Each page is a query of its own: nothing is locked while they are looked at.
 *
 * @throws CommandError for an unknown group, and where the user model does not have what the filter asks about.
 */
export async function* listUsers(
  connection: Connection,
  filter: UserFilter = {},
  {
    signal,
    onBadValue,
  }: {
    readonly signal?: AbortSignal;
    /** Gets the error about a value that its field cannot mean, and that is null in the row; by default it is thrown. */
    readonly onBadValue?: (error: CommandError) => void;
  } = {},
): AsyncGenerator<Row[]> {
  const { model, password } = userModelOf(connection.registry);
  const listed = listedFields(connection.registry);
  const narrow = await conditionsOf(connection, filter);
  const { password: state, limit } = filter;
  const fields = state === undefined ? listed : [...listed, password];
  // How a password is stored is told by its text, and not by SQL.
  const options = { fields, narrow, onBadValue, ...(limit === undefined || state !== undefined ? {} : { limit }) };
  let left = limit ?? Number.POSITIVE_INFINITY;
  const pages =
    filter.sort === undefined
      ? readPages(connection, connection.db, model, options)
      : sortedPages(connection, filter.sort, options);
  for await (const page of pages) {
    signal?.throwIfAborted();
    const meant =
      state === undefined
        ? page
        : page.filter((row) => passwordState(String(row.at(-1) ?? '')) === state).slice(0, left);
    left -= meant.length;
    yield meant.map((values) => Object.fromEntries(listed.map(({ name }, at) => [name, values[at] ?? null])));
    if (left <= 0) return;
  }
}

const pageRows = 1000;

/** Pages in the order of a field. What changes meanwhile may come twice, or not at all. */
async function* sortedPages(
  connection: DbContext,
  sort: string,
  {
    fields,
    narrow,
    limit = Number.POSITIVE_INFINITY,
    onBadValue,
  }: {
    readonly fields: readonly Field[];
    readonly narrow: (query: Query) => void;
    readonly limit?: number;
    readonly onBadValue: ((error: CommandError) => void) | undefined;
  },
): AsyncGenerator<Value[][]> {
  const { db, dialect, registry } = connection;
  const { model } = userModelOf(registry);
  const name = sort.replace(/^-/, '');
  const field = name === 'pk' ? model.primaryKey : findField(model, name);
  if (field === undefined || !fields.includes(field)) throw unknownField(model, name, fields);
  const read = (each: Field, raw: unknown): Value => {
    try {
      return dialect.read(storedField(registry, each), raw);
    } catch (error) {
      if (!(error instanceof CommandError) || onBadValue === undefined) throw error;
      onBadValue(error);
      return null;
    }
  };
  for (let offset = 0; offset < limit; offset += pageRows) {
    const query = db(model.table)
      .select(selectColumns(connection, fields))
      .orderBy(`${model.table}.${field.column}`, sort.startsWith('-') ? 'desc' : 'asc')
      .orderBy(`${model.table}.${model.primaryKey.column}`)
      .limit(Math.min(pageRows, limit - offset))
      .offset(offset);
    narrow(query);
    const rows: Record<string, unknown>[] = await query;
    if (rows.length > 0) yield rows.map((row) => fields.map((each) => read(each, row[each.column])));
    if (rows.length < pageRows) return;
  }
}

/** @throws CommandError for a field that a listing does not have. */
export function assertListed(registry: Connection['registry'], names: readonly string[]): void {
  const fields = listedFields(registry);
  const unknown = names.find((name) => name !== 'pk' && !fields.some((field) => field.name === name));
  if (unknown !== undefined) throw unknownField(registry.userModel, unknown, fields);
}

function unknownField(model: Model, name: string, fields: readonly Field[]): CommandError {
  const names = fields.map((field) => field.name);
  return new CommandError(`The user model ${model.label} has no field '${name}' that is listed.`, {
    code: 'unknown_field',
    hint: knownNames(name, names, { say: 'It has' }),
  });
}
