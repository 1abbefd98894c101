import type { ChangeMessage } from '../audit/change-message.js';
import { type AuditOptions, writeLog } from '../audit/write.js';
import { keepingSuperuser } from '../auth/accounts/last-superuser.js';
import { type UserModel, userModelOf } from '../auth/accounts/user-model.js';
import { makePassword } from '../auth/passwords/hashers.js';
import type { Connection } from '../db/connect/connection.js';
import type { Value } from '../db/dialect/dialect.js';
import { carryOut, planCascade } from '../db/references/cascade.js';
import {
  edgesTo,
  type ReferenceEdge,
  type ReferenceGraph,
  readReferences,
  type TableShape,
} from '../db/references/graph.js';
import { fromTable } from '../db/references/tables.js';
import { repeatableTransaction } from '../db/transactions/transaction.js';
import { type Row, selectRows, updateRow } from '../db/write/rows.js';
import { CommandError } from '../errors.js';
import { findModel, storedField } from '../registry/define.js';
import type { Field } from '../registry/types.js';
import type { CredentialApp } from './define.js';
import { credentialTables, findApps } from './find.js';

export interface EraseOptions extends AuditOptions {
  /** Apps of the project's own that hold credentials: those go, as they do from the tables of third-party apps that are known. */
  readonly apps?: readonly CredentialApp[] | undefined;
  readonly force?: boolean;
}

export interface ErasedUser {
  /** What the account is called now. */
  readonly username: string;
  readonly fields: readonly string[];
  /** Fields of the account that were left, since nothing says whether they are about the person. */
  readonly left: readonly string[];
  readonly deleted: readonly { readonly table: string; readonly rows: number }[];
  /** Tables with texts that refer to the account and that nobody here can judge. */
  readonly unjudged: readonly { readonly table: string; readonly rows: number; readonly columns: readonly string[] }[];
}

const textTypes: readonly Field['type'][] = ['CharField', 'TextField', 'EmailField', 'SlugField', 'URLField'];

/** What a field of an account without a person holds; undefined for one that is left. */
function erasedValue(field: Field, name: string): Value | undefined {
  if (field.to !== undefined || field.primaryKey) return undefined;
  if (field.type === 'EmailField' && (field.unique || !field.blank)) return `${name}@erased.invalid`;
  if (textTypes.includes(field.type)) {
    if (field.unique) return field.null ? null : name.slice(0, field.maxLength);
    return field.null ? null : '';
  }
  return field.null ? null : undefined;
}

/** Other columns that hold a person's address or name beside a reference to the account, by table. */
const copies: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  auditlog_logentry: { actor_email: 'actor_id' },
  django_comments: { user_name: 'user_id', user_email: 'user_id', user_url: 'user_id' },
};

/**
 * Makes an account nobody's and keeps its key, so that what refers to it stays: names, addresses and other values of the person
 * are taken away, the password is unusable, groups, permissions and credentials go, entries about it in the admin's log name it
 * no more. One transaction.
 *
 * @throws CommandError of code `user_not_found` and `last_superuser`.
 */
export async function eraseUser(
  opened: Connection,
  pk: Value,
  { apps, force = false, ...audit }: EraseOptions = {},
): Promise<ErasedUser> {
  const found = await findApps(opened, apps);
  const { connection } = found;
  const users = userModelOf(connection.registry);
  const { model, username } = users;
  const encoded = await makePassword(null);
  return repeatableTransaction(connection, async (bound) => {
    const [row] = await selectRows(bound, model, { [model.primaryKey.name]: pk }, { limit: 1, lenient: true });
    if (row === undefined) throw new CommandError('The user does not exist any more.', { code: 'user_not_found' });
    const { values, left } = erasedValues(users, row, `erased-${pk}`.slice(0, username.maxLength ?? 150), encoded);
    await keepingSuperuser(bound, { kept: 'no user was erased', force }, () => updateRow(bound, model, pk, values));
    const graph = await readReferences(bound);
    const references = await eraseReferences(bound, graph, users, pk, credentialTables(found));
    const erased = String(values[username.name] ?? row[username.name]);
    await renameInLog(bound, graph, users, pk, erased);
    const messages: ChangeMessage[] = [{ changed: { fields: ['Erased'] } }];
    await writeLog(bound, [{ action: 'change', model, pk, repr: erased, messages }], audit);
    return { username: erased, fields: Object.keys(values), left, ...references };
  });
}

/** What the fields of the account hold then, as far as that is something else, and which are left. */
function erasedValues(
  { model, auth, username, password }: UserModel,
  row: Row,
  name: string,
  encoded: string,
): { readonly values: Row; readonly left: string[] } {
  const values: Record<string, Value> = {};
  const left: string[] = [];
  const kept = new Set([
    auth.activeField,
    auth.lastLoginField,
    password.name,
    'date_joined',
    'is_staff',
    'is_superuser',
    ...Object.keys(auth.superuserValues),
  ]);
  for (const field of model.fields) {
    if (kept.has(field.name) || field === model.primaryKey) continue;
    const value =
      field === username ? (field.type === 'EmailField' ? `${name}@erased.invalid` : name) : erasedValue(field, name);
    if (value === undefined) left.push(field.name);
    else if (value !== row[field.name]) values[field.name] = value;
  }
  values[password.name] = encoded;
  if (auth.activeField !== undefined) values[auth.activeField] = false;
  for (const [flag, value] of Object.entries(auth.superuserValues)) {
    values[flag] = typeof value === 'boolean' ? !value : 0;
  }
  const unread = model.fields.map(({ name }) => name).filter((name) => !(name in row));
  for (const flag of ['is_staff', 'is_superuser']) {
    if (row[flag] === true || unread.includes(flag)) values[flag] = false;
  }
  if (auth.lastLoginField !== undefined) values[auth.lastLoginField] = null;
  return { values, left };
}

type ErasedReferences = Pick<Writable<ErasedUser>, 'deleted' | 'unjudged'>;
/** A query of the rows that refer by one reference, ready for what is to be done with them. */
type OwnRows = () => ReturnType<typeof fromTable>;
type Writable<T> = { [K in keyof T]: T[K] extends readonly (infer Each)[] ? Each[] : T[K] };

/** Erases what refers to the account: credentials and links go, copies of a person's names are emptied. */
async function eraseReferences(
  connection: Connection,
  graph: ReferenceGraph,
  { model }: UserModel,
  pk: Value,
  credentials: ReadonlySet<string>,
): Promise<ErasedReferences> {
  const { db, dialect, registry } = connection;
  const key = dialect.bind(db, storedField(registry, model.primaryKey), pk);
  const found: ErasedReferences = { deleted: [], unjudged: [] };
  const log = findModel(registry, 'admin.logentry');
  const permissions = findModel(registry, 'auth.permission')?.table;
  // Permissions on single objects are rights as those on all are: one has each once.
  const isGrant = ({ from, column: user }: ReferenceEdge) =>
    graph.edges
      .filter((each) => each.from === from && each.to === permissions)
      .some(({ column }) =>
        graph.tables.get(from)?.uniques.some(({ columns }) => columns.includes(user) && columns.includes(column)),
      );
  for (const edge of edgesTo(graph, model.table)) {
    const shape = graph.tables.get(edge.from);
    if (shape === undefined || edge.from === log?.table) continue;
    const own = () => fromTable(db, graph, edge.from).where(edge.column, key);
    const isCredential = credentials.has(edge.from);
    // A token that was withdrawn must stay so: what Django keeps without its user is kept here, too.
    if (edge.onDelete === 'SET_NULL' && isCredential) await own().update({ [edge.column]: null });
    else if (edge.link || isCredential || isGrant(edge))
      found.deleted.push(...(await deleteRows(connection, graph, edge.from, shape, own)));
    else found.unjudged.push(...(await eraseCopies(edge, shape, own)));
  }
  return found;
}

/** Deletes these rows of a table, with what Django deletes along with them. */
async function deleteRows(
  connection: Connection,
  graph: ReferenceGraph,
  table: string,
  { key, fields }: TableShape,
  own: OwnRows,
): Promise<ErasedReferences['deleted']> {
  const { db, dialect } = connection;
  const keyField = key.length === 1 ? fields.find(({ column }) => column === key[0]) : undefined;
  if (keyField === undefined) {
    const rows = await own().del();
    return rows > 0 ? [{ table, rows }] : [];
  }
  const raw: Record<string, unknown>[] = await own().select(dialect.selectColumn(db, keyField, keyField.column));
  const keys = raw.map((each) => dialect.read(keyField, each[keyField.column]));
  if (keys.length === 0) return [];
  const deleted: { table: string; rows: number }[] = [];
  const plan = await planCascade(connection, graph, { table, keys });
  for (const { step, rows } of await carryOut(connection, graph, plan)) {
    if (step.action === 'delete') deleted.push({ table: step.table, rows });
  }
  return deleted;
}

/** Empties the columns that copy who refers, and tells what other texts those rows have. */
async function eraseCopies(
  { from: table, column: by }: ReferenceEdge,
  { fields }: TableShape,
  own: OwnRows,
): Promise<ErasedReferences['unjudged']> {
  const known = copies[table] ?? {};
  const copied = Object.keys(known).filter(
    (column) => known[column] === by && fields.some((field) => field.column === column),
  );
  if (copied.length > 0) await own().update(Object.fromEntries(copied.map((column) => [column, ''])));
  const [count] = await own().count({ count: '*' });
  const rows = Number(count?.count ?? 0);
  const columns = fields
    .filter((field) => textTypes.includes(field.type) || field.type === 'JSONField')
    .map(({ column }) => column)
    .filter((column) => known[column] === undefined);
  return rows > 0 && columns.length > 0 ? [{ table, rows, columns }] : [];
}

/** Entries of the admin's log about the account name it no more. */
async function renameInLog(
  { db, registry }: Connection,
  graph: ReferenceGraph,
  { model }: UserModel,
  pk: Value,
  name: string,
): Promise<void> {
  const log = findModel(registry, 'admin.logentry');
  const types = findModel(registry, 'contenttypes.contenttype');
  if (log === undefined || types === undefined || !graph.tables.has(log.table)) return;
  const named = { app_label: model.app, model: model.modelName };
  const [type] = await db(types.table).select(types.primaryKey.column).where(named).limit(1);
  if (type === undefined) return;
  await db(log.table)
    .where({ content_type_id: type[types.primaryKey.column], object_id: String(pk) })
    .update({ object_repr: name });
}
