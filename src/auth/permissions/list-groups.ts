import type { Connection } from '../../db/connect/connection.js';
import type { Value } from '../../db/dialect/dialect.js';
import { readRow, selectColumns } from '../../db/write/rows.js';
import { userModelOf } from '../accounts/user-model.js';
import { readPermissions, requireField, requireModel } from './catalogue.js';
import { findRelation } from './links.js';

export interface ListedGroup {
  readonly pk: Value;
  readonly name: string;
  /** Null where the user model has no groups. */
  readonly members: number | null;
  readonly permissions: readonly string[];
}

/** All groups with their permissions and the number of their members, in the order of their names. */
export async function listGroups(connection: Connection): Promise<ListedGroup[]> {
  const { db, registry } = connection;
  const { model: user, auth } = userModelOf(registry);
  const model = requireModel(connection, 'auth.group');
  const fields = [model.primaryKey, requireField(model, 'name')];
  const relation = findRelation(model, 'permissions');
  const labels = new Map((await readPermissions(connection)).map(({ pk, label }) => [String(pk), label]));
  const links: Record<string, unknown>[] = await db(relation.table).select(relation.column, relation.reverseColumn);
  const membership = auth.groups === undefined ? undefined : findRelation(user, auth.groups);
  const counts: Record<string, unknown>[] =
    membership === undefined
      ? []
      : await db(membership.table)
          .select(membership.reverseColumn)
          .count({ count: '*' })
          .groupBy(membership.reverseColumn);
  const members = new Map(counts.map((row) => [String(row[membership?.reverseColumn ?? '']), Number(row.count)]));
  const rows: Record<string, unknown>[] = await db(model.table).select(selectColumns(connection, fields));
  const byGroup = new Map<string, string[]>();
  for (const link of links) {
    const label = labels.get(String(link[relation.reverseColumn]));
    if (label === undefined) continue;
    const key = String(link[relation.column]);
    byGroup.set(key, [...(byGroup.get(key) ?? []), label]);
  }
  return rows
    .map((raw) => {
      const row = readRow(connection, fields, raw);
      const key = String(row[model.primaryKey.name]);
      return {
        pk: row[model.primaryKey.name] ?? null,
        name: String(row.name),
        members: membership === undefined ? null : (members.get(key) ?? 0),
        permissions: (byGroup.get(key) ?? []).sort(),
      };
    })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
