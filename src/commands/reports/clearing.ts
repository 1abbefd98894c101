import type { Terminal } from '../../command.js';
import type { Connection } from '../../db/connect/connection.js';
import { findModel } from '../../registry/define.js';
import { modelsOf } from '../../registry/models-of.js';
import type { Registry } from '../../registry/types.js';
import type { ClearedRows } from '../../rows/clear.js';
import { counted } from '../../text.js';
import { placeOf } from '../shared/destructive.js';

/** What becomes of the rows of one table. */
export const clearedLine = ({ table, rows, column }: ClearedRows) =>
  column === undefined
    ? `    ${table}  ${counted(rows, 'row')}`
    : `    ${table}.${column}  emptied in ${counted(rows, 'row')}`;

/** Says what was deleted, and how to make again what others need of it. */
export function sayClearedModels(
  { say, note }: Terminal,
  connection: Pick<Connection, 'alias' | 'target' | 'registry'>,
  done: readonly ClearedRows[],
): void {
  const deleted = done.filter(({ column }) => column === undefined).reduce((sum, { rows }) => sum + rows, 0);
  say(`Deleted ${counted(deleted, 'row')} from ${placeOf(connection)}:`);
  for (const each of done) say(clearedLine(each));
  const made = ['contenttypes.contenttype', 'auth.permission'].map(
    (name) => findModel(connection.registry, name)?.table,
  );
  if (done.some(({ table, rows }) => rows > 0 && made.includes(table))) {
    note('Run `manage migrate` to make content types and permissions again.');
  }
}

/** The links to what goes that rows of other models hold, which nobody can tell afterwards. */
export function heldLines(registry: Registry, labels: readonly string[], counts: readonly ClearedRows[]): string[] {
  const cleared = modelsOf(registry, labels);
  const links = registry.models
    .filter((model) => !cleared.includes(model))
    .flatMap(({ app, name, manyToMany }) =>
      manyToMany
        .filter(({ to }) => cleared.some(({ label }) => label === to))
        .map((relation) => ({
          relation: `${app}.${name}.${relation.name}`,
          rows: counts.find(({ table, column }) => table === relation.table && column === undefined)?.rows ?? 0,
        })),
    )
    .filter(({ rows }) => rows > 0);
  return links.map(
    ({ relation, rows }) => `They include ${counted(rows, 'link')} of ${relation}, which those who hold them lose.`,
  );
}
