import type { Connection } from '../db/connect/connection.js';
import type { Value } from '../db/dialect/dialect.js';
import { noneOf } from '../db/read/expressions.js';
import { timestampOf } from '../db/values/moments.js';
import { type Row, readableRow, readRow, selectColumns } from '../db/write/rows.js';
import { CommandError } from '../errors.js';
import { findField, findModel, storedField } from '../registry/define.js';
import type { Field, Model } from '../registry/types.js';
import { type Provenance, readChangeMessage } from './change-message.js';
import { actionFlags, type LogAction } from './write.js';

/** Which entries are read: those for which all that is said is true. */
export interface LogFilter {
  /** Key of the account that did it. */
  readonly user?: Value | undefined;
  /** What it was done to: a model, and the key of one of its rows. */
  readonly object?: { readonly model: string; readonly pk?: string | undefined } | undefined;
  readonly since?: Date | undefined;
  readonly action?: LogAction | undefined;
  readonly limit?: number | undefined;
}

export interface LogEntry {
  readonly pk: Value;
  /** ISO text in UTC; null where the database holds no moment. */
  readonly time: string | null;
  /** Who did it: the name of the account, or undefined where it is gone. */
  readonly user: string | null;
  readonly action: LogAction | number;
  /** `auth.user`, or null where its content type is gone. */
  readonly model: string | null;
  readonly objectId: string | null;
  readonly object: string;
  /** As the admin shows it. */
  readonly message: string;
  readonly provenance: Provenance | null;
}

const pageSize = 500;

function requireModel({ registry }: Pick<Connection, 'registry'>, label: string): Model {
  const model = findModel(registry, label);
  if (model === undefined) throw new CommandError(`No app declares the model '${label}'.`, { code: 'bad_registry' });
  return model;
}

function columnOf(model: Model, name: string): Field {
  const field = findField(model, name);
  if (field === undefined) throw new Error(`${model.label} has no field '${name}'.`);
  return field;
}

const actionName = (flag: Value): LogAction | number => {
  const found = (Object.keys(actionFlags) as LogAction[]).find((name) => actionFlags[name] === flag);
  return found ?? Number(flag);
};

/** Keys of content types by `app.model`, and the other way round. */
async function contentTypes(connection: Connection): Promise<Map<string, string>> {
  const model = findModel(connection.registry, 'contenttypes.contenttype');
  if (model === undefined) return new Map();
  const rows: Record<string, unknown>[] = await connection
    .db(model.table)
    .select(selectColumns(connection, model.fields));
  return new Map(
    rows.map((raw) => {
      const row = readRow(connection, model.fields, raw);
      return [String(row[model.primaryKey.name]), `${row.app_label}.${row.model}`];
    }),
  );
}

/**
 * The entries of the admin's log, the newest first and page by page.
 *
 * @throws CommandError of code `unknown_model` where no content type has the model's name.
 */
export async function* listLog(
  connection: Connection,
  { limit = Number.POSITIVE_INFINITY, ...filter }: LogFilter = {},
  { signal }: { readonly signal?: AbortSignal } = {},
): AsyncGenerator<LogEntry[]> {
  const log = await openLog(connection, filter);
  let last: RawRow | undefined;
  for (let left = limit; left > 0; ) {
    signal?.throwIfAborted();
    const wanted = Math.min(pageSize, left);
    const raw: Record<string, unknown>[] = await pageOf(log, last, wanted);
    const rows = raw.map((each) => readableRow(connection, log.model.fields, each));
    const actors = [...new Set(rows.map((row) => row.user ?? null))].filter((key) => key !== null);
    const names = await namesOf(connection, actors);
    if (rows.length > 0) yield rows.map((row) => entryOf(log, row, names));
    if (rows.length < wanted) return;
    left -= rows.length;
    last = raw.at(-1);
  }
}

/** The log, and which of its entries are read. */
interface Log {
  readonly connection: Connection;
  readonly model: Model;
  readonly filter: Omit<LogFilter, 'limit'>;
  /** `app.model` by the key of its content type. */
  readonly labels: ReadonlyMap<string, string>;
  /** Keys of the content types that are meant; undefined for all. */
  readonly typeKeys: readonly string[] | undefined;
}

async function openLog(connection: Connection, filter: Log['filter']): Promise<Log> {
  const model = requireModel(connection, 'admin.logentry');
  const labels = await contentTypes(connection);
  const meant = filter.object?.model.toLowerCase();
  const typeKeys =
    meant === undefined
      ? undefined
      : [...labels].filter(([, label]) => label.toLowerCase() === meant).map(([key]) => key);
  if (typeKeys?.length === 0) {
    throw new CommandError(`There is no content type for the model '${filter.object?.model}'.`, {
      code: 'unknown_model',
      hint: 'Write app.model, such as auth.user.',
    });
  }
  return { connection, model, filter, labels, typeKeys };
}

type RawRow = Readonly<Record<string, unknown>>;

const orderedBy = 'stored_time';

/** The query of the entries that come after `last`. */
function pageOf({ connection, model, filter, typeKeys }: Log, last: RawRow | undefined, limit: number) {
  const { db, dialect, registry } = connection;
  const { primaryKey: key } = model;
  const bind = (field: Field, value: Value) => dialect.bind(db, storedField(registry, field), value);
  const field = (name: string) => columnOf(model, name);
  const time = field('action_time');
  const query = db(model.table)
    .select(selectColumns(connection, model.fields))
    .select({ [orderedBy]: `${model.table}.${time.column}` })
    .orderBy([
      { column: `${model.table}.${time.column}`, order: 'desc' },
      { column: `${model.table}.${key.column}`, order: 'desc' },
    ])
    .limit(limit);
  const where = (name: string, value: Value) => query.where(field(name).column, bind(field(name), value));
  const { user, object, since, action } = filter;
  if (user !== undefined) where('user', user);
  if (typeKeys !== undefined) {
    const type = field('content_type');
    query.whereIn(
      type.column,
      typeKeys.map((each) => bind(type, each)),
    );
  }
  if (object?.pk !== undefined) where('object_id', object.pk);
  // What cannot be read is not known to be older.
  if (since !== undefined) {
    const column = `${model.table}.${time.column}`;
    query.whereRaw(noneOf(db, [dialect.compareMoments(db, time, column, '<', timestampOf(since))]));
  }
  if (action !== undefined) query.where(field('action_flag').column, actionFlags[action]);
  if (last !== undefined) {
    // As the database has them: what is no moment has its place in the order, too.
    const [at, pk] = [last[orderedBy] as string, last[key.column] as string];
    query.where((either) => {
      either.where(time.column, '<', at);
      either.orWhere((same) => void same.where(time.column, at).where(key.column, '<', pk));
    });
  }
  return query;
}

/** Names of accounts by their keys. */
async function namesOf(connection: Connection, keys: readonly Value[]): Promise<Map<string, string>> {
  const { db, dialect, registry } = connection;
  const { userModel } = registry;
  const own = userModel.primaryKey;
  const name = findField(userModel, userModel.auth?.usernameField ?? '');
  if (name === undefined || keys.length === 0) return new Map();
  const fields = own === name ? [own] : [own, name];
  const query = db(userModel.table)
    .select(selectColumns(connection, fields))
    .whereIn(
      own.column,
      keys.map((key) => dialect.bind(db, storedField(registry, own), key)),
    );
  const rows: Record<string, unknown>[] = await query;
  return new Map(
    rows.map((raw) => {
      const row = readRow(connection, fields, raw);
      return [String(row[own.name]), String(row[name.name])];
    }),
  );
}

/** What the admin says of an entry without a message. */
const blankMessages: Readonly<Record<string, string>> = { addition: 'Added.', change: '', deletion: 'Deleted.' };

function entryOf({ model, labels }: Log, row: Row, names: ReadonlyMap<string, string>): LogEntry {
  const { sentence, provenance } = readChangeMessage(String(row.change_message ?? ''));
  const action = actionName(row.action_flag ?? null);
  return {
    pk: row[model.primaryKey.name] ?? null,
    time: typeof row.action_time === 'string' ? row.action_time : null,
    user: names.get(String(row.user)) ?? null,
    action,
    model: row.content_type === null ? null : (labels.get(String(row.content_type)) ?? null),
    objectId: row.object_id === null ? null : String(row.object_id),
    object: String(row.object_repr),
    message: row.change_message === '' ? (blankMessages[action] ?? '') : sentence,
    provenance: provenance ?? null,
  };
}
