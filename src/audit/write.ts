import { hostname, userInfo } from 'node:os';
import type { Connection, DbContext } from '../db/connect/connection.js';
import type { Value } from '../db/dialect/dialect.js';
import type { Alongside } from '../db/write/batches.js';
import { insertRow, type Row, selectRows, updateRow } from '../db/write/rows.js';
import { CommandError } from '../errors.js';
import { findModel } from '../registry/define.js';
import type { Model } from '../registry/types.js';
import { type ChangeMessage, changeMessageText, type Provenance } from './change-message.js';

/** Who the log says has done something: the key of an account, and where the change came from. */
export interface Actor {
  readonly pk: Value;
  readonly provenance: Provenance;
}

/** Flags of Django's LogEntry. */
export const actionFlags = { addition: 1, change: 2, deletion: 3 } as const;
export type LogAction = keyof typeof actionFlags;

/** Something that was done to one row, or to many. */
export interface LogEvent {
  readonly action: LogAction;
  readonly model: Model;
  /** Null for what was done to many rows at once. */
  readonly pk: Value;
  /** What the admin calls the row: a user's name. */
  readonly repr: string;
  readonly messages: readonly ChangeMessage[];
}

/** Options of every function that changes accounts, rights or credentials. */
export interface AuditOptions {
  /** Whose entries the log gets, in the same transaction; without an actor it gets none. */
  readonly actor?: Actor | undefined;
  readonly now?: Date | undefined;
}

/** Entries that were written for something of which there is more now. */
export interface WrittenEntries {
  /** Keys of entries for the same rows, in the same order, that are to say all of it; undefined for such as have none yet. */
  readonly entries?: readonly (Value | undefined)[] | undefined;
}

/** Who runs this process, and where: `root@web1`. */
export function processOwner(): string {
  let name: string;
  try {
    name = userInfo().username;
  } catch {
    // A container may run under a number that no account has.
    name = `uid ${process.getuid?.() ?? 'unknown'}`;
  }
  return `${name}@${hostname()}`;
}

/**
 * The actor of this name for a command or a program.
 *
 * @throws CommandError of code `actor_not_found` where no account has the name.
 */
export async function findActor(
  connection: DbContext,
  username: string,
  { command, reason }: { readonly command: string; readonly reason?: string | undefined },
): Promise<Actor> {
  const { userModel: model } = connection.registry;
  const key = model.primaryKey.name;
  const where = { [model.auth?.usernameField ?? key]: username };
  const [row] = username.includes('\0') ? [] : await selectRows(connection, model, where, { fields: [key], limit: 1 });
  if (row === undefined) {
    throw new CommandError(`The user '${username}', the actor for the log, does not exist.`, {
      code: 'actor_not_found',
      hint: 'Name an existing account; an inactive one with an unusable password is enough.',
    });
  }
  const provenance = { by: processOwner(), command, ...(reason === undefined ? {} : { reason }) };
  return { pk: row[key] ?? null, provenance };
}

/** @throws CommandError where the database has no such log. */
function logModel({ registry }: Pick<Connection, 'registry'>): Model {
  const model = findModel(registry, 'admin.logentry');
  if (model !== undefined) return model;
  throw new CommandError("This database has no log of Django's admin.", {
    code: 'missing_log',
    hint: 'Name no actor, or make its table.',
  });
}

const contentTypeLabel = 'contenttypes.contenttype';

async function contentTypeKey(connection: DbContext, { app, modelName }: Model): Promise<Value> {
  const types = findModel(connection.registry, contentTypeLabel);
  if (types === undefined) return null;
  const where = { app_label: app, model: modelName };
  const [row] = await selectRows(connection, types, where, {
    fields: [types.primaryKey.name],
    limit: 1,
  });
  return row?.[types.primaryKey.name] ?? null;
}

/**
 * Writes the entries that Django's admin would write, in the transaction of `connection`; nothing without an actor. Host,
 * account of the system and command stand in a last element of the message, which the admin does not show. `entries` that are
 * there already say it instead of new ones. Resolves with the keys of the entries.
 */
export async function writeLog(
  connection: DbContext,
  events: readonly LogEvent[],
  { actor, now = new Date(), entries = [] }: AuditOptions & WrittenEntries,
): Promise<Value[]> {
  if (actor === undefined || events.length === 0) return [];
  const log = logModel(connection);
  const types = new Map<Model, Value>();
  const keys: Value[] = [];
  for (const [index, { action, model, pk, repr, messages }] of events.entries()) {
    const message = changeMessageText(messages, actor.provenance);
    const entry = entries[index];
    if (entry !== undefined) {
      await updateRow(connection, log, entry, { change_message: message });
      keys.push(entry);
      continue;
    }
    if (!types.has(model)) types.set(model, await contentTypeKey(connection, model));
    const row: Row = {
      user: actor.pk,
      content_type: types.get(model) ?? null,
      object_id: pk === null ? null : String(pk),
      object_repr: shortened(repr),
      action_flag: actionFlags[action],
      change_message: message,
    };
    keys.push(await insertRow(connection, log, row, { now }));
  }
  return keys;
}

const shortened = (repr: string) => [...repr].slice(0, 200).join('');

/**
 * Writes the entries of something that is done to many rows in several transactions, for `alongside` of each: with the first one,
 * so that the log has them wherever it stops, and how many rows they name is put right with the others. `entries` are the keys
 * of those that were written.
 */
export function logAlongside(
  eventsOf: (rows: number) => readonly LogEvent[],
  options: AuditOptions,
): { readonly alongside: Alongside; entries(): readonly Value[] } {
  let written: readonly { readonly key: Value; readonly repr: string }[] = [];
  const alongside: Alongside = async (bound, { before, after }) => {
    const events = eventsOf(after);
    if (before === 0) {
      const keys = await writeLog(bound, events, options);
      written = keys.map((key, index) => ({ key, repr: events[index]?.repr ?? '' }));
      return;
    }
    for (const [index, { key, repr }] of written.entries()) {
      const now = events[index]?.repr ?? repr;
      if (now !== repr) await updateRow(bound, logModel(bound), key, { object_repr: shortened(now) });
    }
  };
  return { alongside, entries: () => written.map(({ key }) => key) };
}
