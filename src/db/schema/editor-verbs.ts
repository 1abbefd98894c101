import { CommandError } from '../../errors.js';
import type { Value } from '../dialect/dialect.js';
import type { IntrospectedConstraint, IntrospectedTable } from '../introspection/introspection.js';
import { fillValue } from './columns.js';
import type { Ddl } from './ddl.js';
import { declaredIndexName } from './names.js';
import type { AlterOptions, ColumnDefinition, SchemaEditor } from './schema-editor.js';
import type { StatementQueue } from './statement-queue.js';

/** What the verbs of an editor work with. */
export interface Editing {
  readonly queue: StatementQueue;
  readonly ddl: Ddl;
  /** For defaults that are computed. */
  readonly now: Date;
  /** The table as it is; a recording executor finds none. */
  find(table: string): Promise<IntrospectedTable | undefined>;
  dropIndexSql(table: string, index: string): string;
  /** A value as a literal in DDL, as it would be stored in the column. */
  literalSql(column: ColumnDefinition, value: Value): string;
}

/** The verbs that are the same on every engine. */
export function commonVerbs(
  editing: Editing,
): Pick<SchemaEditor, 'createTable' | 'addUniqueTogether' | 'addIndex' | 'dropIndex' | 'finish'> {
  const { queue, ddl, dropIndexSql } = editing;
  return {
    async createTable(table) {
      for (const sql of ddl.beforeTable(table)) await queue.run(sql);
      await queue.run(ddl.createTable(table));
      queue.defer(table.name, ddl.afterTable(table));
    },

    async addUniqueTogether(after, columns) {
      await queue.flush(after.name);
      await queue.run(ddl.addUnique(after.name, columns));
    },

    async addIndex(after, index) {
      await queue.flush(after.name);
      await queue.run(ddl.createIndex(after.name, index));
    },

    async dropIndex(before, index) {
      await queue.flush(before.name);
      await queue.run(dropIndexSql(before.name, index.name ?? declaredIndexName(before.name, index.columns)));
    },

    finish: () => queue.flush(),
  };
}

/** What NULLs become, as a literal; undefined where nothing is given for them. */
export function fillSql({ now, literalSql }: Editing, column: ColumnDefinition, { fill }: AlterOptions) {
  return fill === undefined ? undefined : literalSql(column, fillValue(column, fill, now));
}

/**
 * Names of the table's constraints of one kind over exactly these columns: databases that are old, or made by others,
 * name them differently. A recording executor knows none, and gets the name that Django would give.
 */
export async function constraintsOn(
  { find }: Pick<Editing, 'find'>,
  table: string,
  kind: IntrospectedConstraint['kind'],
  columns: readonly string[],
  expected: string,
): Promise<string[]> {
  const found = await find(table);
  if (found === undefined) return [expected];
  const wanted = columns.join('\0');
  return found.constraints.flatMap((each) =>
    each.kind === kind && each.name !== undefined && each.columns.join('\0') === wanted ? [each.name] : [],
  );
}

/** The unique constraint over exactly these columns, whatever its name; undefined where there is none. */
export async function findUnique(editing: Editing, table: string, columns: readonly string[]) {
  const [name] = await constraintsOn(editing, table, 'unique', columns, editing.ddl.uniqueName(table, columns));
  return name;
}

/** The error for a unique constraint to drop that the table does not have. */
export function noUnique(table: string, columns: readonly string[]): CommandError {
  return new CommandError(`The table "${table}" has no unique constraint on ${columns.join(', ')} to drop.`, {
    code: 'unexpected_schema',
  });
}
