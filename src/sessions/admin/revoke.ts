import type { DbContext } from '../../db/connect/connection.js';
import type { Value } from '../../db/dialect/dialect.js';
import { outlast } from '../../db/transactions/outages.js';
import { type Alongside, deleteInBatches } from '../../db/write/batches.js';
import type { SessionKeys } from '../codec/codec.js';
import { deleteSessions } from '../store/store.js';
import { sessionTable } from '../store/table.js';
import { userIdText } from '../store/users.js';
import type { PageOptions } from './pages.js';
import { type ScanOptions, scanSessions } from './scan.js';
import {
  type InspectedSession,
  isDoubtful,
  isSelected,
  type SelectionContext,
  type SessionSelection,
} from './selection.js';
import { isDecidedBySql, selectionSql } from './selection-sql.js';

/** How many sessions were meant, or revoked. */
export interface SelectionCount {
  readonly sessions: number;
  /** How many more say that they are, and are signed with none of the keys. */
  readonly doubtful: number;
}

export interface SelectedOptions extends ScanOptions, Pick<PageOptions, 'slowReader'> {
  /** Gets the number of sessions of each page that say that they are meant, and are signed with none of the keys. */
  readonly onDoubtful?: (count: number) => void;
}

/** The sessions that are meant, page by page. By default each page may be looked at for any time. */
export async function* selectedSessions(
  connection: DbContext,
  selection: SessionSelection,
  context: SelectionContext,
  { onDoubtful, slowReader = true, ...options }: SelectedOptions = {},
): AsyncGenerator<readonly InspectedSession[]> {
  const where = selectionSql(connection, selection, context.now);
  const { unverified = false } = selection;
  for await (const page of scanSessions(connection, context, { ...options, where, unverified, slowReader })) {
    yield page.filter((session) => isSelected(session, selection));
    onDoubtful?.(page.filter((session) => isDoubtful(session, selection)).length);
  }
}

/** Counts the sessions that are meant. */
export async function countSessions(
  connection: DbContext,
  selection: SessionSelection,
  context: SelectionContext,
  options: ScanOptions = {},
): Promise<SelectionCount> {
  if (isDecidedBySql(selection)) {
    const where = selectionSql(connection, selection, context.now);
    const { model } = sessionTable(connection.registry);
    const [row] = await connection.db(model.table).whereRaw(where(connection.db)).count({ count: '*' });
    return { sessions: Number(row?.count ?? 0), doubtful: 0 };
  }
  return eachPage(connection, selection, context, options);
}

/** Whose sessions are meant: all users by their ids, with how many of theirs there are. */
export interface SelectionPreview extends SelectionCount {
  readonly users: ReadonlyMap<string, number>;
}

/** Counts the sessions that are meant, and by user. All of them are read. */
export async function previewSessions(
  connection: DbContext,
  selection: SessionSelection,
  context: SelectionContext,
  options: ScanOptions = {},
): Promise<SelectionPreview> {
  const users = new Map<string, number>();
  const counts = await eachPage(connection, selection, context, options, (page) => {
    for (const { userId } of page) if (userId !== undefined) users.set(userId, (users.get(userId) ?? 0) + 1);
  });
  return { ...counts, users };
}

export interface RevokeOptions extends ScanOptions {
  /** Sessions that were ended so far, of how many, which are counted for it. Where sessions have to be read, that begins when all of them are. */
  readonly onDeleted?: (deleted: number, total: number) => void;
  /** Done in the transactions in which sessions end, so that the log has what has happened wherever it stops. */
  readonly alongside?: Alongside | undefined;
}

/**
 * Ends the sessions that are meant, in short transactions. Where it is interrupted, those that are gone stay gone.
 */
export async function revokeSessions(
  connection: DbContext,
  selection: SessionSelection,
  context: SelectionContext,
  { onDeleted, alongside, ...options }: RevokeOptions = {},
): Promise<SelectionCount> {
  const { signal } = options;
  let total = 0;
  const onProgress = (deleted: number) => onDeleted?.(deleted, total);
  const deleting = { ...(signal && { signal }), onProgress, alongside };
  const decided = isDecidedBySql(selection);
  const { keys: chosen, ...others } = selection;
  if (decided && chosen !== undefined) {
    total = chosen.size;
    // As a condition of every batch, a long list would be gone through for each.
    const where = selectionSql(connection, others, context.now);
    return { sessions: await deleteSessions(connection, chosen, { where, ...deleting }), doubtful: 0 };
  }
  const where = selectionSql(connection, selection, context.now);
  if (decided) {
    const { table } = sessionTable(connection.registry).model;
    if (onDeleted !== undefined) total = (await countSessions(connection, selection, context)).sessions;
    const { rows } = await deleteInBatches(connection, { table, where, ...deleting });
    return { sessions: rows, doubtful: 0 };
  }
  const { found, count, doubtful } = await outlast(connection, async () => {
    const keys = createKeyList();
    const counts = await eachPage(connection, selection, context, options, (page) => {
      keys.add(page.map(({ key }) => key));
    });
    return { found: keys, count: counts.sessions, doubtful: counts.doubtful };
  });
  total = count;
  // Not while they are read: behind a pooler, several runs would hold one connection each and wait for another for ever.
  // What SQL can say is said again: a session may have been prolonged since it was read.
  return { sessions: await deleteSessions(connection, found.keys(), { where, ...deleting }), doubtful };
}

interface KeyList {
  add(keys: readonly string[]): void;
  keys(): Iterable<string>;
}

/** Keeps keys as bytes, which take a third of the memory: there may be a million. */
function createKeyList(): KeyList {
  const packed: Buffer[] = [];
  return {
    add(keys) {
      if (keys.length > 0) packed.push(Buffer.from(JSON.stringify(keys)));
    },
    *keys() {
      for (const bytes of packed) yield* JSON.parse(bytes.toString());
    },
  };
}

async function eachPage(
  connection: DbContext,
  selection: SessionSelection,
  context: SelectionContext,
  options: ScanOptions,
  look?: (page: readonly InspectedSession[]) => void,
): Promise<SelectionCount> {
  let [sessions, doubtful] = [0, 0];
  const onDoubtful = (count: number) => {
    doubtful += count;
  };
  for await (const page of selectedSessions(connection, selection, context, {
    ...options,
    onDoubtful,
    slowReader: false,
  })) {
    look?.(page);
    sessions += page.length;
  }
  return { sessions, doubtful };
}

/**
 * Logs a user out everywhere: ends the sessions that hold this key, as far as one of the secret keys signed them, and
 * resolves with how many there were. Without a secret key, a session's word is taken.
 */
export async function revokeUserSessions(
  connection: DbContext,
  pk: Value,
  { except, now = new Date(), ...keys }: SessionKeys & { readonly except?: Iterable<string>; readonly now?: Date } = {},
): Promise<number> {
  const selection: SessionSelection = {
    users: new Set([userIdText(pk)]),
    except: new Set(except),
    unverified: keys.secretKey === undefined,
  };
  return (await revokeSessions(connection, selection, { now, cookieAge: 0, ...keys })).sessions;
}
