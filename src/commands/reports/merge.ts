import type { MergedRows, MergePreview } from '../../auth/accounts/merge-users.js';
import type { Terminal } from '../../command.js';
import type { Collision } from '../../db/references/move.js';
import { counted } from '../../text.js';

/** Rows that collide, by their keys: what they hold may be secret. Null for a key that may be, as that of a token. */
export interface ShownCollision {
  readonly table: string;
  readonly columns: readonly string[];
  readonly lose: unknown;
  readonly keep: unknown;
}

/** A number or a UUID. */
const harmless = /^(?:-?\d{1,20}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i;

function shownKey(row: Collision['from']): unknown {
  const [key] = Object.values(row);
  return harmless.test(String(key)) ? key : null;
}

export const shownCollision = ({ table, columns, from, to }: Collision): ShownCollision => ({
  table,
  columns,
  lose: shownKey(from),
  keep: shownKey(to),
});

export const quotedNames = (names: readonly string[]) => names.map((name) => `'${name}'`).join(', ');

/** What became of the rows of one column, or would. */
const movedLine = ({ table, column, rows, dropped }: MergedRows, verb: 'collide' | 'dropped') =>
  `    ${table}.${column}  ${counted(rows, 'row')} moved${dropped > 0 ? `, ${dropped} ${verb}` : ''}`;

/** What moves, and the first rows that collide. */
export function previewLines({ tables }: MergePreview, collisions: readonly ShownCollision[]): string[] {
  if (tables.length + collisions.length === 0) return ['    No other row moves.'];
  return [
    ...tables.map((table) => movedLine(table, 'collide')),
    ...collisions
      .slice(0, 50)
      .map(
        ({ table, columns, keep, lose }) =>
          `    Both have a row in ${table} (${columns.join(', ')})${keep === null || lose === null ? '' : `: ${keep} and ${lose}`}.`,
      ),
  ];
}

/** Says what was merged, and what became of the rows. */
export function sayMerged(
  { say, note }: Terminal,
  whom: string,
  users: readonly string[],
  tables: readonly MergedRows[],
): void {
  say(`Merged ${whom}${tables.length === 0 ? '.' : ':'}`);
  for (const table of tables) say(movedLine(table, 'dropped'));
  note(`Sessions of ${quotedNames(users)} end.`);
}

/** Says how to undo it. */
export const sayUndoable = ({ note }: Terminal, file: string) =>
  note(`Undo it with \`manage mergeusers --undo ${file}\`. The file has hashes of passwords in it.`);
