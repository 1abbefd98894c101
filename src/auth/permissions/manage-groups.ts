import type { ChangeMessage } from '../../audit/change-message.js';
import { type AuditOptions, writeLog } from '../../audit/write.js';
import type { Connection } from '../../db/connect/connection.js';
import type { Value } from '../../db/dialect/dialect.js';
import { carryOut, countStep, planCascade } from '../../db/references/cascade.js';
import { readReferences } from '../../db/references/graph.js';
import { repeatableTransaction } from '../../db/transactions/transaction.js';
import { insertRow, updateRow } from '../../db/write/rows.js';
import { CommandError } from '../../errors.js';
import type { Model } from '../../registry/types.js';
import { userModelOf } from '../accounts/user-model.js';
import { capitalised, characterCount } from '../python-text.js';
import { requireModel } from './catalogue.js';
import { findGroup, type Group } from './groups.js';
import { insertLinks, linkedKeys, removeLinks } from './links.js';

const groupModel = (connection: Pick<Connection, 'registry'>): Model => requireModel(connection, 'auth.group');

function assertName(model: Model, name: string): void {
  const maxLength = model.fields.find((field) => field.name === 'name')?.maxLength ?? 150;
  const problem =
    name.trim() === ''
      ? 'The name of a group cannot be blank.'
      : characterCount(name) > maxLength
        ? `The name of a group has at most ${maxLength} characters.`
        : undefined;
  if (problem !== undefined) throw new CommandError(problem, { code: 'bad_value' });
}

const taken = (name: string) => new CommandError(`There is a group '${name}' already.`, { code: 'group_exists' });

const changedField = (...fields: string[]): ChangeMessage[] => [{ changed: { fields } }];

/**
 * Makes a group with these permissions, in one transaction.
 *
 * @throws CommandError of code `group_exists` where the name is taken, and `bad_value` for one that cannot be.
 */
export async function createGroup(
  connection: Connection,
  name: string,
  { permissions = [], ...audit }: AuditOptions & { readonly permissions?: readonly Value[] } = {},
): Promise<Group> {
  const model = groupModel(connection);
  assertName(model, name);
  return unlessTaken(connection, name, async (bound) => {
    const pk = await insertRow(bound, model, { name }, { now: audit.now ?? new Date() });
    if (permissions.length > 0) await insertLinks(bound, model, pk, { permissions });
    await writeLog(bound, [{ action: 'addition', model, pk, repr: name, messages: [{ added: {} }] }], audit);
    return { pk, name };
  });
}

/** Does in a transaction what gives a name to a group. Another run may take the name after it was looked for. */
async function unlessTaken<T>(
  connection: Connection,
  name: string,
  work: (bound: Connection) => Promise<T>,
): Promise<T> {
  try {
    return await repeatableTransaction(connection, async (bound) => {
      if ((await findGroup(bound, name)) !== undefined) throw taken(name);
      return work(bound);
    });
  } catch (error) {
    throw connection.dialect.isUniqueViolation(error) ? taken(name) : error;
  }
}

/** Gives a group another name. @throws CommandError of code `group_exists` where it is taken. */
export async function renameGroup(
  connection: Connection,
  { pk, name: before }: Group,
  name: string,
  audit: AuditOptions = {},
): Promise<void> {
  const model = groupModel(connection);
  assertName(model, name);
  if (name === before) return;
  await unlessTaken(connection, name, async (bound) => {
    await updateRow(bound, model, pk, { name });
    await writeLog(bound, [{ action: 'change', model, pk, repr: name, messages: changedField('Name') }], audit);
  });
}

/**
 * Deletes a group with its memberships and permissions, in one transaction.
 *
 * @throws CommandError of code `referring_tables` where rows of no known model refer to it and `cascade` is not set, and
 * `protected_rows`, and `group_not_found` where it is gone.
 */
export async function deleteGroup(
  connection: Connection,
  { pk, name }: Group,
  { cascade = false, ...audit }: AuditOptions & { readonly cascade?: boolean } = {},
): Promise<void> {
  const model = groupModel(connection);
  const graph = await readReferences(connection);
  await repeatableTransaction(connection, async (bound) => {
    const plan = await planCascade(
      bound,
      graph,
      { table: model.table, keys: [pk] },
      {
        override: ({ onDelete }) => (onDelete === 'UNKNOWN' && cascade ? 'CASCADE' : undefined),
      },
    );
    for (const step of plan.steps) {
      if (step.action !== 'refuse' && step.action !== 'unknown') continue;
      const rows = await countStep(bound, graph, step);
      if (rows === 0) continue;
      throw new CommandError(`Rows of '${step.table}' refer to the group '${name}'.`, {
        code: step.action === 'refuse' ? 'protected_rows' : 'referring_tables',
      });
    }
    const done = await carryOut(bound, graph, plan);
    if (!done.some(({ step }) => step.table === model.table && step.action === 'delete'))
      throw new CommandError('The group does not exist any more.', { code: 'group_not_found' });
    const messages: ChangeMessage[] = [{ deleted: { name: model.verboseName, object: name } }];
    await writeLog(bound, [{ action: 'deletion', model, pk, repr: name, messages }], audit);
  });
}

/** Somebody who can have permissions. */
export type Holder = { readonly kind: 'user' | 'group' } & Group;

/** What has changed for whom. */
export interface GrantChange {
  readonly holder: Holder;
  readonly permissions: readonly Value[];
}

function relationOf(
  connection: Pick<Connection, 'registry'>,
  { kind }: Holder,
): { readonly model: Model; readonly name: string } {
  if (kind === 'group') return { model: groupModel(connection), name: 'permissions' };
  const { model, auth } = userModelOf(connection.registry);
  if (auth.permissions === undefined) {
    throw new CommandError(`Users of ${model.label} have no user permissions.`, { code: 'no_such_relation' });
  }
  return { model, name: auth.permissions };
}

/**
 * Gives permissions to users and groups, or takes them away, in one transaction; resolves with what is another now.
 *
 * @throws CommandError of code `no_such_relation` where the user model has no permissions.
 */
export async function changePermissions(
  connection: Connection,
  holders: readonly Holder[],
  permissions: readonly Value[],
  verb: 'grant' | 'revoke',
  audit: AuditOptions = {},
): Promise<GrantChange[]> {
  return repeatableTransaction(connection, async (bound) => {
    const changes: GrantChange[] = [];
    for (const holder of holders) {
      const { model, name } = relationOf(bound, holder);
      const changing = await changeLinks(bound, { model, name, owner: holder }, permissions, verb === 'grant', audit);
      if (changing.length > 0) changes.push({ holder, permissions: changing });
    }
    return changes;
  });
}

/** Adds users to a group, or removes them, in one transaction; resolves with those for whom that is new. */
export async function changeMembers(
  connection: Connection,
  group: Group,
  users: readonly Group[],
  verb: 'add' | 'remove',
  audit: AuditOptions = {},
): Promise<Group[]> {
  const { model, auth } = userModelOf(connection.registry);
  const { groups: name } = auth;
  if (name === undefined) {
    throw new CommandError(`Users of ${model.label} have no groups.`, { code: 'no_such_relation' });
  }
  return repeatableTransaction(connection, async (bound) => {
    const changed: Group[] = [];
    for (const user of users) {
      const changing = await changeLinks(bound, { model, name, owner: user }, [group.pk], verb === 'add', audit);
      if (changing.length > 0) changed.push(user);
    }
    return changed;
  });
}

/** The links that a row has by one of its model's relations. */
interface OwnedLinks {
  readonly model: Model;
  /** Of the relation. */
  readonly name: string;
  readonly owner: Group;
}

/** Adds links, or removes them, with the entry in the log; resolves with those for which that is new. */
async function changeLinks(
  connection: Connection,
  { model, name, owner: { pk, name: repr } }: OwnedLinks,
  keys: readonly Value[],
  adds: boolean,
  audit: AuditOptions,
): Promise<Value[]> {
  const had = new Set((await linkedKeys(connection, model, pk, name)).map(String));
  const changing = keys.filter((key) => had.has(String(key)) !== adds);
  if (changing.length === 0) return [];
  if (adds) await insertLinks(connection, model, pk, { [name]: changing });
  else await removeLinks(connection, model, pk, { [name]: changing });
  const label = capitalised(model.manyToMany.find((relation) => relation.name === name)?.verboseName ?? name);
  await writeLog(connection, [{ action: 'change', model, pk, repr, messages: changedField(label) }], audit);
  return changing;
}
