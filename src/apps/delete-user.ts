import { type AuditOptions, writeLog } from '../audit/write.js';
import { keepingSuperuser } from '../auth/accounts/last-superuser.js';
import { userModelOf } from '../auth/accounts/user-model.js';
import type { Connection } from '../db/connect/connection.js';
import type { Value } from '../db/dialect/dialect.js';
import { type CascadePlan, type CascadeStep, carryOut, countStep, planCascade } from '../db/references/cascade.js';
import {
  edgesTo,
  type OnDelete,
  type ReferenceEdge,
  type ReferenceGraph,
  readReferences,
} from '../db/references/graph.js';
import { moveReferences } from '../db/references/move.js';
import { repeatableTransaction } from '../db/transactions/transaction.js';
import { selectRows } from '../db/write/rows.js';
import { CommandError } from '../errors.js';
import { findModel } from '../registry/define.js';
import { counted } from '../text.js';
import type { CredentialApp } from './define.js';
import { credentialTables, type FoundApps, findApps } from './find.js';

export interface DeletionOptions extends AuditOptions {
  /** Key of the account that takes the rows and log entries that are to stay. */
  readonly reassignTo?: Value | undefined;
  /**
   * Apps of the project's own that hold credentials: their rows go with the account, as those of third-party apps that are
   * known do, and are never given to another one.
   */
  readonly apps?: readonly CredentialApp[] | undefined;
  /** What {@link findApps} has found, where many are deleted. */
  readonly found?: FoundApps;
  /** Lets the entries that the user has in the admin's log go too, as Django does. */
  readonly deleteLog?: boolean;
  /** Also deletes rows of which neither a model nor the database says what becomes of them. */
  readonly cascade?: boolean;
  /** Allows that no active superuser is left. */
  readonly force?: boolean;
  /** What {@link readReferences} has read, where many are deleted. */
  readonly graph?: ReferenceGraph;
}

/** Rows of a table, and what becomes of them. */
export interface AffectedRows {
  readonly table: string;
  readonly rows: number;
  readonly action: CascadeStep['action'] | 'reassign';
  /** The column that refers to what goes, where the rows themselves stay. */
  readonly column?: string;
}

export interface MissingIndex {
  readonly table: string;
  readonly column: string;
  /** Rows that are read for each account that is deleted. */
  readonly rows: number;
}

export interface DeletionPreview {
  /** Every table that has rows to tell about. */
  readonly tables: readonly AffectedRows[];
  readonly missingIndexes: readonly MissingIndex[];
}

/** What a deletion needs to know. */
interface Prepared extends DeletionOptions {
  /** Tables whose rows go, as links do always. */
  readonly credentials: ReadonlySet<string>;
}

/** The connection whose registry has the third-party apps too, what refers to what, and the options with what they leave open. */
async function prepare(opened: Connection, options: DeletionOptions) {
  const found = options.found ?? (await findApps(opened, options.apps));
  const connection: Connection = { ...opened, registry: found.connection.registry };
  const graph = options.graph ?? (await readReferences(connection));
  const prepared: Prepared = { ...options, credentials: credentialTables(found) };
  return { connection, graph, prepared };
}

const logTable = ({ registry }: Pick<Connection, 'registry'>) => findModel(registry, 'admin.logentry')?.table;

function isReassigned(edge: ReferenceEdge, userTable: string, { reassignTo, credentials }: Prepared): boolean {
  return reassignTo !== undefined && edge.to === userTable && !edge.link && !credentials.has(edge.from);
}

function planOf(
  connection: Connection,
  graph: ReferenceGraph,
  keys: readonly Value[],
  options: Prepared,
): Promise<CascadePlan> {
  const { table } = connection.registry.userModel;
  const log = logTable(connection);
  const override = (edge: ReferenceEdge): OnDelete | 'ignore' | undefined => {
    if (isReassigned(edge, table, options)) return 'ignore';
    if (edge.from === log && edge.to === table && !options.deleteLog) return 'PROTECT';
    return edge.onDelete === 'UNKNOWN' && options.cascade ? 'CASCADE' : undefined;
  };
  return planCascade(connection, graph, { table, keys }, { override });
}

const affectedRows = ({ table, action, column }: CascadeStep, rows: number): AffectedRows => ({
  table,
  rows,
  action,
  ...(action === 'delete' || column === undefined ? {} : { column }),
});

async function countAll(
  connection: Connection,
  graph: ReferenceGraph,
  { steps }: CascadePlan,
): Promise<AffectedRows[]> {
  const found: AffectedRows[] = [];
  for (const step of steps) {
    if (step.internal) continue;
    const rows = await countStep(connection, graph, step);
    if (rows > 0) found.push(affectedRows(step, rows));
  }
  return found;
}

/** Rows of further tables that would go with those of which no on-delete rule is known. */
async function countBehindUnknown(
  connection: Connection,
  graph: ReferenceGraph,
  plan: CascadePlan,
  keys: readonly Value[],
  options: Prepared,
): Promise<AffectedRows[]> {
  const named = new Set(plan.steps.map(({ table }) => table));
  try {
    const { steps } = await planOf(connection, graph, keys, { ...options, cascade: true });
    const further = steps.filter(({ table, action }) => action === 'delete' && !named.has(table));
    const found = await countAll(connection, graph, { ...plan, steps: further });
    return found.map((each) => ({ ...each, action: 'unknown' }));
  } catch (error) {
    if (error instanceof CommandError && error.code === 'reference_circle') return [];
    throw error;
  }
}

/**
 * What deleting these accounts means for every table: what goes, what is set to null, what refuses, what nobody knows.
 * Nothing is changed.
 */
export async function previewDeletion(
  opened: Connection,
  keys: readonly Value[],
  given: DeletionOptions = {},
): Promise<DeletionPreview> {
  const { connection, graph, prepared: options } = await prepare(opened, given);
  const { table } = connection.registry.userModel;
  const plan = await planOf(connection, graph, keys, options);
  const tables = await countAll(connection, graph, plan);
  if (tables.some(({ action }) => action === 'unknown'))
    tables.push(...(await countBehindUnknown(connection, graph, plan, keys, options)));
  const reassigned = edgesTo(graph, table).filter((edge) => isReassigned(edge, table, options));
  for (const edge of reassigned) {
    const { steps } = await planCascade(
      connection,
      { ...graph, edges: [{ ...edge, onDelete: 'PROTECT' }], several: [] },
      { table, keys },
    );
    const [step] = steps;
    const rows = step === undefined ? 0 : await countStep(connection, graph, step);
    if (rows > 0) tables.push({ table: edge.from, rows, action: 'reassign', column: edge.column });
  }
  const missingIndexes: MissingIndex[] = [];
  const reached = new Set(plan.steps.filter(({ action }) => action === 'delete').map((step) => step.table));
  for (const { from, to, column, indexed } of graph.edges) {
    if (indexed || !reached.has(to)) continue;
    const [row] = await connection.db(from).count({ count: '*' });
    missingIndexes.push({ table: from, column, rows: Number(row?.count ?? 0) });
  }
  return { tables: tables.toSorted(byAction), missingIndexes: missingIndexes.toSorted((a, b) => b.rows - a.rows) };
}

const goneError = () => new CommandError('The user does not exist any more.', { code: 'user_not_found' });

const order = ['delete', 'set_null', 'set_default', 'reassign', 'refuse', 'unknown', 'nothing'];
const byAction = (a: AffectedRows, b: AffectedRows) =>
  order.indexOf(a.action) - order.indexOf(b.action) || (a.table < b.table ? -1 : 1);

/** The error for rows that keep an account from being deleted, or undefined where none do. */
export function refusalOf(tables: readonly AffectedRows[], log: string | undefined): CommandError | undefined {
  const of = (action: AffectedRows['action']) => tables.filter((each) => each.action === action);
  const named = (rows: readonly AffectedRows[]) =>
    rows.map((each) => `${counted(each.rows, 'row')} of '${each.table}'`).join(', ');
  const entries = of('refuse').filter(({ table }) => table === log);
  const refused = of('refuse').filter(({ table }) => table !== log);
  if (refused.length > 0) {
    return new CommandError(`Protected references prevent the deletion: ${named(refused)}.`, {
      code: 'protected_rows',
      hint: 'Give them to another account, or delete them first.',
    });
  }
  if (entries.length > 0) {
    const count = entries.reduce((sum, { rows }) => sum + rows, 0);
    return new CommandError(
      `The admin's log has ${counted(count, 'entry', 'entries')} about these objects, which would be lost.`,
      {
        code: 'log_entries',
      },
    );
  }
  const unknown = of('unknown');
  if (unknown.length === 0) return undefined;
  return new CommandError(`No on-delete rule is known for ${named(unknown)}, which refer to these objects.`, {
    code: 'referring_tables',
  });
}

/** Gives rows to another account and deletes the others with the account, in the transaction of the connection. */
async function deleteRows(
  bound: Connection,
  graph: ReferenceGraph,
  pk: Value,
  options: Prepared,
): Promise<AffectedRows[]> {
  const { table } = bound.registry.userModel;
  const affected: AffectedRows[] = [];
  if (options.reassignTo !== undefined) {
    const edges = edgesTo(graph, table).filter((edge) => isReassigned(edge, table, options));
    const moves = { edges, from: pk, to: options.reassignTo, onCollision: 'keep' } as const;
    for (const moved of await moveReferences(bound, graph, moves)) {
      if (moved.rows > 0)
        affected.push({ table: moved.table, rows: moved.rows, action: 'reassign', column: moved.column });
      if (moved.dropped > 0) affected.push({ table: moved.table, rows: moved.dropped, action: 'delete' });
    }
  }
  const plan = await planOf(bound, graph, [pk], options);
  const stopping = plan.steps.filter(({ action }) => action === 'refuse' || action === 'unknown');
  const refused = refusalOf(await countAll(bound, graph, { ...plan, steps: stopping }), logTable(bound));
  if (refused !== undefined) throw refused;
  for (const { step, rows } of await carryOut(bound, graph, plan)) {
    if (!step.internal) affected.push(affectedRows(step, rows));
  }
  // Another run was faster, whose locks this one has waited for.
  if (!affected.some((each) => each.table === table && each.action === 'delete')) throw goneError();
  return affected;
}

/**
 * Deletes an account with all that goes with it, in one transaction, with its entry in the log; resolves with what became of
 * which rows. Sessions are left: their user is nobody. Credentials in tables of third-party apps go with the account.
 *
 * @throws CommandError of code `user_not_found`, `last_superuser`, `protected_rows`, `log_entries` for entries of the user in
 * the admin's log, and `referring_tables` for rows of which nothing is known.
 */
export async function deleteUser(opened: Connection, pk: Value, given: DeletionOptions = {}): Promise<AffectedRows[]> {
  const { connection, graph, prepared: options } = await prepare(opened, given);
  const { model, auth, username } = userModelOf(connection.registry);
  return repeatableTransaction(connection, async (bound) => {
    const [row] = await selectRows(bound, model, { [model.primaryKey.name]: pk }, { limit: 1, lenient: true });
    if (row === undefined) throw goneError();
    const isActiveSuperuser =
      Object.entries(auth.superuserValues).every(([name, value]) => row[name] === value) &&
      (auth.activeField === undefined || row[auth.activeField] === true);
    const keep = {
      kept: 'the user was not deleted',
      username: () => String(row[username.name]),
      force: options.force || !isActiveSuperuser,
    };
    const affected = await keepingSuperuser(bound, keep, () => deleteRows(bound, graph, pk, options));
    const repr = String(row[username.name]);
    const messages = [{ deleted: { name: model.verboseName, object: repr } }];
    await writeLog(bound, [{ action: 'deletion', model, pk, repr, messages }], options);
    return affected.toSorted(byAction);
  });
}
