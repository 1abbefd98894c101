import type { AffectedRows, DeletionPreview } from '../../apps/delete-user.js';
import type { Terminal } from '../../command.js';
import { counted } from '../../text.js';

const words = {
  delete: 'deleted',
  set_null: 'set to null',
  set_default: 'set to its default',
  reassign: 'given to the other account',
  refuse: 'refuses',
  unknown: 'no on-delete rule is known',
  nothing: 'left as they are',
} as const;

/** What becomes of the rows of one table. */
const deletionLine = ({ table, rows, action, column }: AffectedRows) =>
  `    ${column === undefined ? table : `${table}.${column}`}  ${counted(rows, 'row')}  ${words[action]}`;

/** Tables for programs: what a table is called stands under both names. */
export const affectedTables = (tables: readonly AffectedRows[]) =>
  tables.map((each) => ({ name: each.table, ...each }));

/** What becomes of the rows, and what it costs. */
export function deletionLines({ tables, missingIndexes }: DeletionPreview): string[] {
  return [
    ...tables.map(deletionLine),
    ...missingIndexes.map(
      ({ table, column, rows }) =>
        `    ${table}.${column} has no index: each user costs a look at ${counted(rows, 'row')}.`,
    ),
  ];
}

/** Rows of several users by table, column and what became of them. */
export function sumAffected(tables: readonly AffectedRows[]): AffectedRows[] {
  const sums = new Map<string, AffectedRows>();
  for (const each of tables) {
    const key = `${each.table} ${each.action} ${each.column ?? ''}`;
    sums.set(key, { ...each, rows: each.rows + (sums.get(key)?.rows ?? 0) });
  }
  return [...sums.values()];
}

/** Says who was deleted, and what became of the rows. */
export function sayDeleted({ say }: Terminal, names: readonly string[], tables: readonly AffectedRows[]): void {
  say(names.length === 1 ? `Deleted user '${names[0]}':` : `Deleted ${counted(names.length, 'user')}:`);
  for (const each of tables) say(deletionLine(each));
}
