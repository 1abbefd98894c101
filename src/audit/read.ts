import type { Connection } from '../db/connect/connection.js';
import type { Value } from '../db/dialect/dialect.js';
import { timestampOf } from '../db/values/moments.js';
import { readRow, selectColumns } from '../db/write/rows.js';
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
  /** ISO text in UTC. */
  readonly time: string;
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
  { user, object, since, action, limit = Number.POSITIVE_INFINITY }: LogFilter = {},
  { signal }: { readonly signal?: AbortSignal } = {},
): AsyncGenerator<LogEntry[]> {
  const { db, dialect, registry } = connection;
  const model = requireModel(connection, 'admin.logentry');
  const [time, actor, type, flag] = ['action_time', 'user', 'content_type', 'action_flag'].map((name) =>
    columnOf(model, name),
  ) as [Field, Field, Field, Field];
  const objectId = columnOf(model, 'object_id');
  const labels = await contentTypes(connection);
  const bind = (field: Field, value: Value) => dialect.bind(db, storedField(registry, field), value);
  const typeKeys =
    object === undefined
      ? undefined
      : [...labels].filter(([, label]) => label.toLowerCase() === object.model.toLowerCase()).map(([key]) => key);
  if (object !== undefined && typeKeys?.length === 0) {
    throw new CommandError(`There is no content type for the model '${object.model}'.`, {
      code: 'unknown_model',
      hint: 'Write app.model, such as auth.user.',
    });
  }
  const name = findField(registry.userModel, registry.userModel.auth?.usernameField ?? '');
  const nameOf = async (keys: readonly Value[]): Promise<Map<string, string>> => {
    const own = registry.userModel.primaryKey;
    if (name === undefined || keys.length === 0) return new Map();
    const query = db(registry.userModel.table)
      .select(selectColumns(connection, own === name ? [own] : [own, name]))
      .whereIn(
        own.column,
        keys.map((key) => bind(own, key)),
      );
    const rows: Record<string, unknown>[] = await query;
    return new Map(
      rows.map((raw) => {
        const row = readRow(connection, own === name ? [own] : [own, name], raw);
        return [String(row[own.name]), String(row[name.name])];
      }),
    );
  };
  let last: { readonly time: Value; readonly pk: Value } | undefined;
  for (let left = limit; left > 0; ) {
    signal?.throwIfAborted();
    const wanted = Math.min(pageSize, left);
    const query = db(model.table)
      .select(selectColumns(connection, model.fields))
      .orderBy([
        { column: `${model.table}.${time.column}`, order: 'desc' },
        { column: `${model.table}.${model.primaryKey.column}`, order: 'desc' },
      ])
      .limit(wanted);
    if (user !== undefined) query.where(actor.column, bind(actor, user));
    if (typeKeys !== undefined)
      query.whereIn(
        type.column,
        typeKeys.map((key) => bind(type, key)),
      );
    if (object?.pk !== undefined) query.where(objectId.column, bind(objectId, object.pk));
    if (since !== undefined) query.where(time.column, '>=', bind(time, timestampOf(since)));
    if (action !== undefined) query.where(flag.column, actionFlags[action]);
    if (last !== undefined) {
      const [at, key] = [bind(time, last.time), bind(model.primaryKey, last.pk)];
      query.where((either) => {
        either.where(time.column, '<', at);
        either.orWhere((same) => void same.where(time.column, at).where(model.primaryKey.column, '<', key));
      });
    }
    const raw: Record<string, unknown>[] = await query;
    const rows = raw.map((each) => readRow(connection, model.fields, each));
    const names = await nameOf([...new Set(rows.map((row) => row.user ?? null))].filter((key) => key !== null));
    if (rows.length > 0) {
      yield rows.map((row): LogEntry => {
        const { sentence, provenance } = readChangeMessage(String(row.change_message ?? ''));
        const flagged = actionName(row.action_flag ?? null);
        const isBlank = row.change_message === '';
        return {
          pk: row[model.primaryKey.name] ?? null,
          time: String(row.action_time),
          user: names.get(String(row.user)) ?? null,
          action: flagged,
          model: row.content_type === null ? null : (labels.get(String(row.content_type)) ?? null),
          objectId: row.object_id === null ? null : String(row.object_id),
          object: String(row.object_repr),
          message: isBlank
            ? ({ addition: 'Added.', change: '', deletion: 'Deleted.' }[flagged as LogAction] ?? '')
            : sentence,
          provenance: provenance ?? null,
        };
      });
    }
    if (rows.length < wanted) return;
    left -= rows.length;
    const end = rows.at(-1);
    last = { time: end?.action_time ?? null, pk: end?.[model.primaryKey.name] ?? null };
  }
}
