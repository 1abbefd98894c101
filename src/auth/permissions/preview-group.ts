import type { Connection } from '../../db/connect/connection.js';
import { type CascadeStep, countStep, planCascade } from '../../db/references/cascade.js';
import { readReferences } from '../../db/references/graph.js';
import { requireModel } from './catalogue.js';
import type { Group } from './groups.js';
import { listGroups } from './list-groups.js';
import { whoLoses } from './who-can.js';

/** What becomes of the rows of one table. */
export interface GroupRows {
  readonly table: string;
  readonly rows: number;
  readonly action: CascadeStep['action'];
}

/** What deleting a group means. */
export interface GroupDeletion {
  /** How many members it has; null where the user model has no groups. */
  readonly members: number | null;
  /** The members who have permissions through this group alone. */
  readonly losing: readonly { readonly username: string; readonly permissions: readonly string[] }[];
  /** Every table with rows that go or change, its members and permissions among them. */
  readonly tables: readonly GroupRows[];
}

/** What deleting a group would do. */
export async function previewGroupDeletion(connection: Connection, group: Group): Promise<GroupDeletion> {
  const listed = (await listGroups(connection)).find(({ name }) => name === group.name);
  const losing = await whoLoses(connection, group);
  return { members: listed?.members ?? null, losing, tables: await affectedRows(connection, group) };
}

async function affectedRows(connection: Connection, { pk }: Group): Promise<GroupRows[]> {
  const { table } = requireModel(connection, 'auth.group');
  const graph = await readReferences(connection);
  const { steps } = await planCascade(connection, graph, { table, keys: [pk] });
  const found: GroupRows[] = [];
  for (const step of steps) {
    const rows = step.internal ? 0 : await countStep(connection, graph, step);
    if (rows > 0) found.push({ table: step.table, rows, action: step.action });
  }
  return found;
}
