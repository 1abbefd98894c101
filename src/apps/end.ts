import type { Connection } from '../db/connect/connection.js';
import type { Value } from '../db/dialect/dialect.js';
import { findField, storedField } from '../registry/define.js';
import { credentialOf, kindsOf } from './credentials.js';
import type { AppTables, CredentialGroup, CredentialKind } from './define.js';
import type { FoundApp, FoundApps } from './find.js';
import { removeRows } from './remove.js';
import { narrowTo, type RowFilter, readKind } from './rows.js';

/** How many credentials of a kind were ended, or would be. */
export interface EndedCredentials {
  readonly kind: string;
  readonly group: CredentialGroup;
  readonly app: string;
  readonly table: string;
  readonly count: number;
}

/** The apps for a connection that is bound to a transaction. */
export function bindApps(found: FoundApps, bound: Pick<Connection, 'db'>): FoundApps {
  const connection: Connection = { ...found.connection, db: bound.db };
  const apps = found.apps.map((app) => ({ ...app, tables: { ...app.tables, connection } }));
  return { ...found, connection, apps };
}

/** Ends the rows of a kind that are meant: they are deleted, or as the kind says. */
export async function endKind(
  { tables }: Pick<FoundApp, 'tables'>,
  kind: CredentialKind,
  filter: RowFilter,
  now: Date,
): Promise<number> {
  const model = tables.model(kind.model);
  const narrow = narrowTo(tables, kind, filter);
  const remove = () => removeRows(tables.connection, model, narrow);
  return kind.end === undefined ? remove() : kind.end({ tables, model, now, narrow, remove });
}

/**
 * Ends what users hold in the tables of apps, of these groups, in the transaction of the connection; what only goes with it, as
 * a list of sessions does, is deleted too.
 */
export async function endCredentials(
  found: FoundApps,
  users: readonly Value[],
  groups: ReadonlySet<CredentialGroup>,
  now: Date,
): Promise<EndedCredentials[]> {
  const ended: EndedCredentials[] = [];
  for (const { app, kind } of kindsOf(found.apps, groups)) {
    if (kind.user === undefined) continue;
    const count = await endKind(app, kind, { users }, now);
    if (count === 0) continue;
    const { table } = app.tables.model(kind.model);
    ended.push({ kind: kind.kind, group: kind.group, app: app.label, table, count });
  }
  for (const { declaration, tables } of found.apps) {
    for (const { group, model, user } of declaration.traces ?? []) {
      if (groups.has(group) && tables.has(model, user)) await removeTrace(tables, model, user, users);
    }
  }
  return ended;
}

async function removeTrace(tables: AppTables, name: string, user: string, users: readonly Value[]): Promise<void> {
  const { connection } = tables;
  const model = tables.model(name);
  const field = findField(model, user);
  if (field === undefined) return;
  const stored = storedField(connection.registry, field);
  const keys = users.map((key) => connection.dialect.bind(connection.db, stored, key));
  await removeRows(connection, model, (query) => query.whereIn(`${model.table}.${field.column}`, keys as never));
}

/**
 * What still lets these users in where their sessions have ended: tokens, and logins through other sites. `active` says whether
 * their accounts are.
 */
export async function remainingCredentials(
  found: FoundApps,
  users: readonly Value[],
  { active, now }: { readonly active: boolean; readonly now: Date },
): Promise<EndedCredentials[]> {
  const remaining: EndedCredentials[] = [];
  for (const { app, kind } of kindsOf(found.apps, new Set(['token', 'social']))) {
    let count = 0;
    for await (const page of readKind(app.tables, kind, { users })) {
      count += page.filter((row) => credentialOf(app, kind, row, { now, active }).letsIn).length;
    }
    const { table } = app.tables.model(kind.model);
    if (count > 0) remaining.push({ kind: kind.kind, group: kind.group, app: app.label, table, count });
  }
  return remaining;
}
