import { type LogEntry, listLog } from '../../audit/read.js';
import type { Connection } from '../../db/connect/connection.js';
import type { Value } from '../../db/dialect/dialect.js';
import { equalsIgnoringCase } from '../../db/read/expressions.js';
import { edgesTo, readReferences } from '../../db/references/graph.js';
import { fromTable } from '../../db/references/tables.js';
import { type Row, selectRows } from '../../db/write/rows.js';
import { findField, findModel, storedField } from '../../registry/define.js';
import { isVerifiedByDjango } from '../passwords/audit.js';
import { identifyHasher, isPasswordUsable, passwordNeedsUpdate, passwordState } from '../passwords/hashers.js';
import { type HeldPermission, readUserAccess } from '../permissions/access.js';
import { listedFields } from './list-users.js';
import { userModelOf } from './user-model.js';

/** How a password is stored. */
export interface PasswordReport {
  readonly state: 'usable' | 'unusable' | 'unknown' | 'broken' | 'empty';
  readonly algorithm: string | null;
  readonly outdated: boolean;
  /** Whether it is verified by the hashers of the settings. */
  readonly bySettings: boolean;
  /** Releases of stock Django, from 4.2 on, that have a hasher for it. */
  readonly byDjango: readonly string[];
}

export interface ReferringRows {
  readonly table: string;
  readonly column: string;
  readonly rows: number;
}

export interface ShownUser {
  readonly pk: Value;
  readonly username: string;
  /** All fields but the password. */
  readonly fields: Row;
  readonly groups: readonly string[];
  readonly permissions: readonly HeldPermission[];
  readonly password: PasswordReport;
  readonly secondFactor: boolean | null;
  /** Tables that refer to the account. */
  readonly references: readonly ReferringRows[];
  /** The last entries of the admin's log about it. */
  readonly log: readonly LogEntry[];
  /** Why nobody can log in to it, as sentences; none where somebody can. */
  readonly problems: readonly string[];
  /** Names that differ from this one in their case alone. */
  readonly similar: readonly string[];
}

const releases = ['4.2', '5.0', '5.1', '5.2', '6.0'];

export function passwordReport(encoded: string, hashers: readonly string[]): PasswordReport {
  const algorithm = identifyHasher(encoded) ?? null;
  return {
    state: encoded === '' ? 'empty' : passwordState(encoded),
    algorithm,
    outdated: passwordNeedsUpdate(encoded, { hasher: hashers[0] }),
    bySettings: algorithm !== null && hashers.includes(algorithm),
    byDjango: algorithm === null ? [] : releases.filter((release) => isVerifiedByDjango(algorithm, release)),
  };
}

/** Names of accounts that differ in their case alone. */
async function similarNames(connection: Connection, name: string): Promise<string[]> {
  const { db, registry } = connection;
  const { model, username } = userModelOf(registry);
  if (name.includes('\0')) return [];
  const rows: string[] = await db(model.table)
    .whereRaw(equalsIgnoringCase(db, username.column, name))
    .limit(20)
    .pluck(username.column);
  return rows.map(String).filter((each) => each !== name);
}

async function referringRows(connection: Connection, pk: Value): Promise<ReferringRows[]> {
  const { db, dialect, registry } = connection;
  const graph = await readReferences(connection);
  const key = dialect.bind(db, storedField(registry, registry.userModel.primaryKey), pk);
  const found: ReferringRows[] = [];
  for (const { from, column } of edgesTo(graph, registry.userModel.table)) {
    const [row] = await fromTable(db, graph, from).where(column, key).count({ count: '*' });
    const rows = Number(row?.count ?? 0);
    if (rows > 0) found.push({ table: from, column, rows });
  }
  return found;
}

/** Everything about one account, and why nobody can log in to it where that is so. */
export async function showUser(
  connection: Connection,
  pk: Value,
  { hashers, logEntries = 5 }: { readonly hashers: readonly string[]; readonly logEntries?: number },
): Promise<ShownUser | undefined> {
  const { registry } = connection;
  const { model, username, password } = userModelOf(registry);
  const [row] = await selectRows(connection, model, { [model.primaryKey.name]: pk }, { limit: 1, lenient: true });
  const access = await readUserAccess(connection, pk);
  if (row === undefined || access === undefined) return undefined;
  const report = passwordReport(String(row[password.name] ?? ''), hashers);
  const name = String(row[username.name]);
  const log = await logOf(connection, pk, logEntries);
  const similar = await similarNames(connection, name);
  const problems = problemsOf(connection, row, report);
  if (similar.length > 0) {
    problems.push(
      `There ${similar.length === 1 ? 'is another account whose name differs' : 'are other accounts whose names differ'} only in case: ${similar.join(', ')}.`,
    );
  }
  const listed = new Set(listedFields(registry).map((field) => field.name));
  return {
    pk,
    username: name,
    fields: Object.fromEntries(
      Object.entries(row).filter(([field]) => listed.has(field) && findField(model, field) !== undefined),
    ),
    groups: access.groups,
    permissions: access.permissions,
    password: report,
    secondFactor: access.secondFactor,
    references: await referringRows(connection, pk),
    log,
    problems,
    similar,
  };
}

/** The last entries of the admin's log about an account. */
async function logOf(connection: Connection, pk: Value, limit: number): Promise<LogEntry[]> {
  const { registry, dialect, db } = connection;
  if (findModel(registry, 'admin.logentry') === undefined) return [];
  if (!(await dialect.tableNames(db)).includes('django_admin_log')) return [];
  const log: LogEntry[] = [];
  const object = { model: registry.userModel.label, pk: String(pk) };
  try {
    for await (const page of listLog(connection, { object, limit })) log.push(...page);
  } catch {
    // Without a content type of the user model nothing was logged about any.
  }
  return log;
}

/** Why nobody can log in. */
function problemsOf({ registry }: Connection, row: Row, report: PasswordReport): string[] {
  const { auth, password } = userModelOf(registry);
  const problems: string[] = [];
  if (auth.activeField !== undefined && row[auth.activeField] !== true) problems.push('The account is not active.');
  if (report.state === 'unusable') problems.push('The password is unusable: password logins are disabled.');
  if (report.state === 'empty') problems.push('The password is empty.');
  if (report.state === 'unknown') problems.push('The stored password is in no known format.');
  if (report.state === 'broken') problems.push('The stored password is broken: no password matches it.');
  if (report.state === 'usable' && !report.bySettings) {
    problems.push(
      `The hash (${report.algorithm}) is not in \`passwordHashers\`: a Django with the same list refuses it.`,
    );
  }
  if (
    isPasswordUsable(String(row[password.name] ?? '')) &&
    report.algorithm !== null &&
    !report.byDjango.includes('5.2')
  ) {
    problems.push(`Stock Django 5.2 has no hasher for ${report.algorithm}.`);
  }
  return problems;
}
