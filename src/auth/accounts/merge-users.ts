import type { ChangeMessage } from '../../audit/change-message.js';
import { type AuditOptions, writeLog } from '../../audit/write.js';
import type { Connection } from '../../db/connect/connection.js';
import type { Value } from '../../db/dialect/dialect.js';
import { carryOut, planCascade } from '../../db/references/cascade.js';
import { edgesTo, type ReferenceEdge, type ReferenceGraph, readReferences } from '../../db/references/graph.js';
import {
  type Collision,
  type CollisionRule,
  findCollisions,
  type MoveRecorder,
  moveReferences,
  record,
  type TableRow,
  whereRow,
} from '../../db/references/move.js';
import { fromTable, type Narrow } from '../../db/references/tables.js';
import { repeatableTransaction } from '../../db/transactions/transaction.js';
import { selectRows } from '../../db/write/rows.js';
import { CommandError } from '../../errors.js';
import { findModel } from '../../registry/define.js';
import { keepingSuperuser } from './last-superuser.js';
import { userModelOf } from './user-model.js';

/** What a merge has changed, in order: what {@link undoMerge} takes. Values of bytes are objects with `base64`. */
export interface MergeRecord {
  readonly format: 'manage-auth merge';
  readonly version: 1;
  readonly keep: { readonly pk: Value; readonly username: string };
  readonly merged: readonly { readonly pk: Value; readonly username: string }[];
  readonly at: string;
  readonly changes: readonly MergeChange[];
}

export type MergeChange =
  | {
      readonly kind: 'update';
      readonly table: string;
      readonly column: string;
      readonly from: Value;
      readonly to: Value;
      readonly keys: readonly TableRow[];
    }
  | { readonly kind: 'delete'; readonly table: string; readonly rows: readonly TableRow[] };

export interface MergeOptions extends AuditOptions {
  /** Which row stays where both have one of which there can be one; by default that of the account that stays. */
  readonly onCollision?: CollisionRule;
}

/** Rows of a table that a merge moves, drops, or would. */
export interface MergedRows {
  readonly table: string;
  readonly column: string;
  readonly rows: number;
  readonly dropped: number;
}

export interface MergePreview {
  readonly tables: readonly MergedRows[];
  readonly collisions: readonly Collision[];
}

/** References by content type and key, which no database enforces: object permissions, log entries, versions, comments. */
function genericEdges(graph: ReferenceGraph, userTable: string, contentTypes: string | undefined): ReferenceEdge[] {
  return [...graph.tables.values()].flatMap((shape) => {
    const names = shape.fields.map(({ column }) => column);
    const column = ['object_pk', 'object_id'].find((name) => names.includes(name));
    const typed = graph.edges.some(
      ({ from, to, column: each }) => from === shape.name && to === contentTypes && each === 'content_type_id',
    );
    if (column === undefined || !typed) return [];
    const base = {
      to: userTable,
      toColumn: '',
      onDelete: 'DO_NOTHING',
      source: undefined,
      null: true,
      indexed: true,
      link: false,
    } as const;
    return [{ ...base, from: shape.name, column }];
  });
}

async function contentTypeOf({ db, registry }: Connection): Promise<{ table: string; pk: Value } | undefined> {
  const types = findModel(registry, 'contenttypes.contenttype');
  if (types === undefined) return undefined;
  const { app, modelName } = registry.userModel;
  const [row] = await db(types.table)
    .select(types.primaryKey.column)
    .where({ app_label: app, model: modelName })
    .limit(1);
  return row === undefined ? undefined : { table: types.table, pk: row[types.primaryKey.column] };
}

interface Sources {
  readonly graph: ReferenceGraph;
  readonly direct: readonly ReferenceEdge[];
  readonly generic: readonly ReferenceEdge[];
  readonly within: (edge: ReferenceEdge) => Narrow;
}

const addresses = 'account_emailaddress';

/** django-allauth allows one primary address a user: that of the account that stays, and the others are kept beside it. */
function withoutPrimary(graph: ReferenceGraph): ReferenceGraph {
  const shape = graph.tables.get(addresses);
  if (shape === undefined) return graph;
  const uniques = shape.uniques.filter(({ columns }) => !columns.includes('primary'));
  return { ...graph, tables: new Map([...graph.tables, [addresses, { ...shape, uniques }]]) };
}

/** Makes the addresses of an account no primary ones, where they are to be another's. */
async function demoteAddresses(
  { db, dialect }: Connection,
  graph: ReferenceGraph,
  pk: Value,
  recorder: MoveRecorder,
): Promise<void> {
  const user = graph.tables.get(addresses)?.fields.find(({ column }) => column === 'user_id');
  if (user === undefined) return;
  const mine = () =>
    db(addresses)
      .where('user_id', dialect.bind(db, user, pk))
      .where('primary', true);
  const ids: Value[] = await mine().pluck('id');
  if (ids.length === 0) return;
  recorder.updated({ table: addresses, column: 'primary', from: true, to: false, keys: ids.map((id) => ({ id })) });
  await mine().update({ primary: false });
}

async function hasAddress({ db, dialect }: Connection, graph: ReferenceGraph, pk: Value): Promise<boolean> {
  const user = graph.tables.get(addresses)?.fields.find(({ column }) => column === 'user_id');
  if (user === undefined) return false;
  const rows = await db(addresses)
    .select('id')
    .where('user_id', dialect.bind(db, user, pk))
    .where('primary', true)
    .limit(1);
  return rows.length > 0;
}

async function sourcesOf(connection: Connection): Promise<Sources> {
  const graph = withoutPrimary(await readReferences(connection));
  const { table } = connection.registry.userModel;
  const type = await contentTypeOf(connection);
  return {
    graph,
    direct: edgesTo(graph, table),
    generic: type === undefined ? [] : genericEdges(graph, table, type.table),
    within: () => (query) => void query.where('content_type_id', type?.pk as string),
  };
}

/** The key as such a column has it: text, or a number. */
const genericKey = (graph: ReferenceGraph, edge: ReferenceEdge, pk: Value): Value => {
  const field = graph.tables.get(edge.from)?.fields.find(({ column }) => column === edge.column);
  if (field === undefined || !/Integer|Auto/.test(field.type)) return String(pk);
  return /^-?\d+$/.test(String(pk)) ? (field.type.startsWith('Big') ? String(pk) : Number(pk)) : null;
};

/** What a reference to an account has: its key, or the value of another unique column. */
async function referredValue(connection: Connection, { toColumn }: ReferenceEdge, pk: Value): Promise<Value> {
  const { model } = userModelOf(connection.registry);
  const field = model.fields.find(({ column }) => column === toColumn);
  if (field === undefined || field === model.primaryKey) return pk;
  const where = { [model.primaryKey.name]: pk };
  const [row] = await selectRows(connection, model, where, { limit: 1, fields: [field.name] });
  return row?.[field.name] ?? null;
}

/** What merging `lose` into `keep` would move and drop; nothing is changed. */
export async function previewMerge(connection: Connection, keep: Value, lose: readonly Value[]): Promise<MergePreview> {
  const { graph, direct, generic, within } = await sourcesOf(connection);
  const { db, dialect } = connection;
  const tables: MergedRows[] = [];
  const collisions: Collision[] = [];
  const look = async (edge: ReferenceEdge, isGeneric: boolean) => {
    const field = graph.tables.get(edge.from)?.fields.find(({ column }) => column === edge.column);
    if (field === undefined) return;
    let [rows, dropped] = [0, 0];
    for (const pk of lose) {
      const end = async (key: Value) =>
        isGeneric ? genericKey(graph, edge, key) : referredValue(connection, edge, key);
      const [from, to] = [await end(pk), await end(keep)];
      if (from === null || to === null) continue;
      const query = fromTable(db, graph, edge.from)
        .count({ count: '*' })
        .where(edge.column, dialect.bind(db, field, from));
      if (isGeneric) within(edge)(query);
      const [row] = await query;
      const found = await findCollisions(connection, graph, edge, {
        edges: [edge],
        from,
        to,
        onCollision: 'keep',
        ...(isGeneric ? { within } : {}),
      });
      rows += Number(row?.count ?? 0) - found.length;
      dropped += found.length;
      collisions.push(...found);
    }
    if (rows + dropped > 0) tables.push({ table: edge.from, column: edge.column, rows, dropped });
  };
  for (const edge of direct) await look(edge, false);
  for (const edge of generic) await look(edge, true);
  return { tables, collisions };
}

/**
 * Makes several accounts one, in one transaction: everything that refers to `lose` refers to `keep` then, groups and
 * permissions are those of both, and the accounts `lose` are deleted. Fields of `keep` stay. Resolves with what was changed, so
 * that it can be undone.
 *
 * @throws CommandError of code `user_not_found`, `same_user`, `collisions`, `protected_rows`, and `last_superuser` where no active
 * superuser would be left.
 */
export async function mergeUsers(
  connection: Connection,
  keep: Value,
  lose: readonly Value[],
  { onCollision = 'keep', ...audit }: MergeOptions = {},
): Promise<{ readonly tables: readonly MergedRows[]; readonly record: MergeRecord }> {
  if (lose.some((pk) => String(pk) === String(keep))) {
    throw new CommandError('An account cannot be merged into itself.', { code: 'same_user' });
  }
  const { model } = userModelOf(connection.registry);
  return repeatableTransaction(connection, async (bound) => {
    const sources = await sourcesOf(bound);
    const kept = await findAccount(bound, keep);
    const changes: MergeChange[] = [];
    const merging: Merging = {
      connection: bound,
      sources,
      keep,
      onCollision,
      recorder: {
        updated: (change) => void changes.push({ kind: 'update', ...change }),
        deleted: (table, rows) => void changes.push({ kind: 'delete', table, rows }),
      },
      sums: new Map(),
    };
    const merged: Account[] = [];
    await keepingSuperuser(bound, { kept: 'nothing was merged' }, async () => {
      for (const pk of lose) {
        const lost = await findAccount(bound, pk);
        await mergeOne(merging, pk);
        merged.push(lost);
        const deleted: ChangeMessage[] = [{ deleted: { name: model.verboseName, object: lost.username } }];
        await writeLog(bound, [{ action: 'deletion', model, pk, repr: lost.username, messages: deleted }], audit);
      }
    });
    const names = merged.map((each) => each.username).join(', ');
    const messages: ChangeMessage[] = [{ changed: { fields: [`Merged with ${names}`] } }];
    await writeLog(bound, [{ action: 'change', model, pk: keep, repr: kept.username, messages }], audit);
    const at = (audit.now ?? new Date()).toISOString();
    return {
      tables: [...merging.sums.values()].filter(({ rows, dropped }) => rows + dropped > 0),
      record: { format: 'manage-auth merge', version: 1, keep: kept, merged, at, changes },
    };
  });
}

interface Account {
  readonly pk: Value;
  readonly username: string;
}

async function findAccount(connection: Connection, pk: Value): Promise<Account> {
  const { model, username } = userModelOf(connection.registry);
  const [row] = await selectRows(
    connection,
    model,
    { [model.primaryKey.name]: pk },
    { limit: 1, fields: [username.name] },
  );
  if (row === undefined) throw new CommandError('The user does not exist any more.', { code: 'user_not_found' });
  return { pk, username: String(row[username.name]) };
}

/** A merge on the way. */
interface Merging {
  readonly connection: Connection;
  readonly sources: Awaited<ReturnType<typeof sourcesOf>>;
  readonly keep: Value;
  readonly onCollision: CollisionRule;
  readonly recorder: MoveRecorder;
  /** What became of the rows, by `table.column`. */
  readonly sums: Map<string, MergedRows>;
}

/** Moves what refers to an account, and deletes it with what is left of it. */
async function mergeOne(merging: Merging, pk: Value): Promise<void> {
  const { connection, sources, keep, recorder } = merging;
  const { graph, direct, generic, within } = sources;
  const { model } = userModelOf(connection.registry);
  if (await hasAddress(connection, graph, keep)) await demoteAddresses(connection, graph, pk, recorder);
  const isOfKey = ({ toColumn }: ReferenceEdge) => toColumn === model.primaryKey.column;
  await move(merging, { edges: direct.filter(isOfKey), from: pk, to: keep });
  for (const edge of direct.filter((each) => !isOfKey(each))) {
    const [from, to] = [await referredValue(connection, edge, pk), await referredValue(connection, edge, keep)];
    if (from !== null && to !== null) await move(merging, { edges: [edge], from, to });
  }
  for (const edge of generic) {
    const [from, to] = [genericKey(graph, edge, pk), genericKey(graph, edge, keep)];
    if (from !== null && to !== null) await move(merging, { edges: [edge], from, to, within });
  }
  const plan = await planCascade(connection, graph, { table: model.table, keys: [pk] });
  await carryOut(connection, graph, plan, (step) => record(connection, graph, step, recorder));
}

type Move = Omit<Parameters<typeof moveReferences>[2], 'onCollision' | 'recorder'>;

async function move({ connection, sources, onCollision, recorder, sums }: Merging, what: Move): Promise<void> {
  for (const each of await moveReferences(connection, sources.graph, { ...what, onCollision, recorder })) {
    const key = `${each.table}.${each.column}`;
    const before = sums.get(key) ?? { ...each, rows: 0, dropped: 0 };
    sums.set(key, { ...before, rows: before.rows + each.rows, dropped: before.dropped + each.dropped });
  }
}

const changedSince = (table: string) =>
  new CommandError(
    `Rows of '${table}' are not as the merge left them: they were changed since, or it is undone already.`,
    {
      code: 'changed_since',
      hint: 'Nothing was undone. Resolve later changes by hand.',
    },
  );

/** Undoes changes from the last to the first; resolves with the number of rows. */
async function undoChanges(bound: Connection, graph: ReferenceGraph, changes: readonly MergeChange[]): Promise<number> {
  const { db, dialect } = bound;
  let undone = 0;
  for (const change of changes.toReversed()) {
    const shape = graph.tables.get(change.table);
    if (shape === undefined) throw new CommandError(`The table '${change.table}' is gone.`, { code: 'changed_since' });
    const fieldOf = (column: string) => {
      const field = shape.fields.find((each) => each.column === column);
      if (field === undefined)
        throw new CommandError(`The column '${change.table}.${column}' is gone.`, { code: 'changed_since' });
      return field;
    };
    if (change.kind === 'delete') {
      for (const row of change.rows) {
        const bindings = Object.fromEntries(
          Object.entries(row).map(([column, value]) => [column, dialect.bind(db, fieldOf(column), value)]),
        );
        await fromTable(db, graph, change.table)
          .insert(bindings)
          .catch((error: unknown) => {
            throw dialect.isUniqueViolation(error) ? changedSince(change.table) : error;
          });
        undone++;
      }
      continue;
    }
    const field = fieldOf(change.column);
    for (const key of change.keys) {
      const query = fromTable(db, graph, change.table);
      whereRow(bound, db, shape, key)(query);
      if (change.to === null) query.whereNull(change.column);
      else query.where(change.column, dialect.bind(db, field, change.to));
      const rows = await query.update({ [change.column]: dialect.bind(db, field, change.from) });
      if (rows !== 1) throw changedSince(change.table);
      undone++;
    }
  }
  return undone;
}

/**
 * Undoes a merge, in one transaction: deleted rows are there again, moved ones where they were.
 *
 * @throws CommandError of code `changed_since` where rows were changed after the merge, and `bad_undo_file`.
 */
export async function undoMerge(
  connection: Connection,
  { changes, keep, merged }: MergeRecord,
  audit: AuditOptions = {},
): Promise<number> {
  const { model } = userModelOf(connection.registry);
  return repeatableTransaction(connection, async (bound) => {
    const graph = await readReferences(bound);
    // Rows that were deleted together may refer to each other.
    const undone = await bound.dialect.deferReferences(bound.db, () => undoChanges(bound, graph, changes));
    const events = merged.map(
      ({ pk, username }) => ({ action: 'addition', model, pk, repr: username, messages: [{ added: {} }] }) as const,
    );
    const fields = [`Unmerged from ${merged.map(({ username }) => username).join(', ')}`];
    await writeLog(
      bound,
      [...events, { action: 'change', model, pk: keep.pk, repr: keep.username, messages: [{ changed: { fields } }] }],
      audit,
    );
    return undone;
  });
}

/** Bytes are marked before JSON is made: a Buffer would turn itself into an object of another form. */
const marked = (row: TableRow): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(row).map(([column, value]) => [
      column,
      value instanceof Uint8Array ? { base64: Buffer.from(value).toString('base64') } : value,
    ]),
  );

/** The text of an undo file. It has whole rows in it, the hashes of passwords among them. */
export function mergeRecordText({ changes, ...mergeRecord }: MergeRecord): string {
  const written = changes.map((change) =>
    change.kind === 'delete'
      ? { ...change, rows: change.rows.map(marked) }
      : { ...change, keys: change.keys.map(marked) },
  );
  return `${JSON.stringify({ ...mergeRecord, changes: written }, undefined, 1)}\n`;
}

/** @throws CommandError of code `bad_undo_file` for what is none. */
export function parseMergeRecord(text: string): MergeRecord {
  try {
    const value: unknown = JSON.parse(text, (_, each: unknown) =>
      typeof each === 'object' && each !== null && Object.keys(each).length === 1 && 'base64' in each
        ? Uint8Array.from(Buffer.from(String(each.base64), 'base64'))
        : each,
    );
    if (typeof value === 'object' && value !== null && 'format' in value && value.format === 'manage-auth merge')
      return value as MergeRecord;
  } catch {
    // What is said below is true of what is no JSON, too.
  }
  throw new CommandError('The file was not written by mergeusers.', { code: 'bad_undo_file' });
}
