import type { ChangeMessage } from '../../audit/change-message.js';
import { type AuditOptions, writeLog } from '../../audit/write.js';
import type { Connection } from '../../db/connect/connection.js';
import type { Value } from '../../db/dialect/dialect.js';
import { doStep, fromTable, planCascade } from '../../db/references/cascade.js';
import { edgesTo, readReferences } from '../../db/references/graph.js';
import { transaction } from '../../db/transactions/transaction.js';
import { type Row, selectRows, updateRow } from '../../db/write/rows.js';
import { CommandError } from '../../errors.js';
import { findModel, storedField } from '../../registry/define.js';
import type { Field } from '../../registry/types.js';
import { makePassword } from '../passwords/hashers.js';
import { hasActiveSuperuser, lastSuperuser } from './last-superuser.js';
import { userModelOf } from './user-model.js';

export interface EraseOptions extends AuditOptions {
  /** Tables whose rows let somebody in, or hold a person's addresses: they go. */
  readonly credentialTables?: ReadonlySet<string>;
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
  connection: Connection,
  pk: Value,
  { credentialTables = new Set(), force = false, ...audit }: EraseOptions = {},
): Promise<ErasedUser> {
  const { model, auth, username, password } = userModelOf(connection.registry);
  const encoded = await makePassword(null);
  return transaction(connection, async (bound) => {
    const { db, dialect, registry } = bound;
    const [row] = await selectRows(bound, model, { [model.primaryKey.name]: pk }, { limit: 1 });
    if (row === undefined) throw new CommandError('The user does not exist any more.', { code: 'user_not_found' });
    const had = !force && (await hasActiveSuperuser(bound));
    const name = `erased-${pk}`.slice(0, username.maxLength ?? 150);
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
    for (const [flag, value] of Object.entries(auth.superuserValues))
      values[flag] = typeof value === 'boolean' ? !value : 0;
    for (const flag of ['is_staff', 'is_superuser']) if (row[flag] === true) values[flag] = false;
    if (auth.lastLoginField !== undefined) values[auth.lastLoginField] = null;
    await updateRow(bound, model, pk, values as Row);
    if (had && !(await hasActiveSuperuser(bound))) throw lastSuperuser('nobody was erased');

    const graph = await readReferences(bound);
    const key = dialect.bind(db, storedField(registry, model.primaryKey), pk);
    const deleted: { table: string; rows: number }[] = [];
    const unjudged: { table: string; rows: number; columns: string[] }[] = [];
    const log = findModel(registry, 'admin.logentry');
    for (const edge of edgesTo(graph, model.table)) {
      const shape = graph.tables.get(edge.from);
      if (shape === undefined || edge.from === log?.table) continue;
      const own = fromTable(db, graph, edge.from).where(edge.column, key);
      // A token that was withdrawn must stay so: what Django keeps without its user is kept here, too.
      if (edge.onDelete === 'SET_NULL' && credentialTables.has(edge.from)) {
        await own.update({ [edge.column]: null });
        continue;
      }
      if (edge.link || credentialTables.has(edge.from)) {
        const keyColumn =
          shape.key.length === 1 ? shape.fields.find(({ column }) => column === shape.key[0]) : undefined;
        if (keyColumn === undefined) {
          const rows = await own.del();
          if (rows > 0) deleted.push({ table: edge.from, rows });
          continue;
        }
        const raw: Record<string, unknown>[] = await own.select(dialect.selectColumn(db, keyColumn, keyColumn.column));
        const keys = raw.map((each) => dialect.read(keyColumn, each[keyColumn.column]));
        if (keys.length === 0) continue;
        const plan = planCascade(bound, graph, { table: edge.from, keys });
        for (const step of plan.steps) {
          const rows = await doStep(bound, graph, step);
          if (rows > 0 && step.action === 'delete') deleted.push({ table: step.table, rows });
        }
        continue;
      }
      const known = copies[edge.from];
      if (known !== undefined) {
        const columns = Object.entries(known).filter(
          ([column, by]) => by === edge.column && shape.fields.some((field) => field.column === column),
        );
        if (columns.length > 0)
          await fromTable(db, graph, edge.from)
            .where(edge.column, key)
            .update(Object.fromEntries(columns.map(([column]) => [column, ''])));
      }
      const [count] = await fromTable(db, graph, edge.from).where(edge.column, key).count({ count: '*' });
      const rows = Number(count?.count ?? 0);
      const columns = shape.fields
        .filter((field) => textTypes.includes(field.type) || field.type === 'JSONField')
        .map(({ column }) => column)
        .filter((column) => known?.[column] === undefined);
      if (rows > 0 && columns.length > 0) unjudged.push({ table: edge.from, rows, columns });
    }
    const erased = String(values[username.name] ?? row[username.name]);
    if (log !== undefined && graph.tables.has(log.table)) {
      const { app, modelName } = model;
      const types = findModel(registry, 'contenttypes.contenttype');
      const type =
        types === undefined
          ? undefined
          : (
              await db(types.table).select(types.primaryKey.column).where({ app_label: app, model: modelName }).limit(1)
            )[0];
      if (type !== undefined && types !== undefined) {
        await db(log.table)
          .where({ content_type_id: type[types.primaryKey.column], object_id: String(pk) })
          .update({ object_repr: erased });
      }
    }
    const messages: ChangeMessage[] = [{ changed: { fields: ['Erased'] } }];
    await writeLog(bound, [{ action: 'change', model, pk, repr: erased, messages }], audit);
    return { username: erased, fields: Object.keys(values), left, deleted, unjudged };
  });
}
