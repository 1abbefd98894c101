import type { Executor } from '../../connect/connection.js';
import { sqlAsIs } from '../../dialect/sql-as-is.js';
import { quote } from '../../dialect/sql-text.js';
import { columnOf } from '../../schema/columns.js';
import { commonVerbs, constraintsOn, type Editing, fillSql, findUnique, noUnique } from '../../schema/editor-verbs.js';
import type { AlterOptions, EditorOptions, SchemaEditor, TableDefinition } from '../../schema/schema-editor.js';
import { createStatementQueue } from '../../schema/statement-queue.js';
import { alterationOf } from './alteration.js';
import { columnSql, literalSql } from './columns.js';
import { postgresDdl as ddl } from './ddl.js';
import { introspect } from './introspect.js';

/** See {@link SchemaEditor}. Nothing is dropped with CASCADE: what somebody else's things need stays, with an error. */
export function createEditor(executor: Executor, { now = new Date() }: EditorOptions = {}): SchemaEditor {
  const editing: Editing = {
    // Without bindings Knex would still take a question mark for one.
    queue: createStatementQueue((sql) => executor.raw(sqlAsIs(sql))),
    ddl,
    now,
    find: async (table) => (await introspect(executor, { tables: [table] })).tables.get(table),
    dropIndexSql: (_, index) => `DROP INDEX ${quote(index)}`,
    literalSql,
  };
  const { queue } = editing;
  return {
    ...commonVerbs(editing),
    alterColumn: (before, after, name, options = {}) => alterColumn(editing, before, after, name, options),
    addColumn: (after, name, options = {}) => addColumn(editing, after, name, options),

    async dropTable(name) {
      queue.forget(name);
      await queue.run(`DROP TABLE ${quote(name)}`);
    },

    async dropColumn(before, name) {
      await queue.flush(before.name);
      await queue.run(`ALTER TABLE ${quote(before.name)} DROP COLUMN ${quote(columnOf(before, name).name)}`);
    },

    async dropUniqueTogether(before, columns) {
      await queue.flush(before.name);
      const name = await findUnique(editing, before.name, columns);
      if (name === undefined) throw noUnique(before.name, columns);
      await queue.run(ddl.dropConstraint(before.name, name));
    },
  };
}

async function alterColumn(
  editing: Editing,
  before: TableDefinition,
  after: TableDefinition,
  name: string,
  options: AlterOptions,
): Promise<void> {
  const { queue } = editing;
  const [from, to] = [columnOf(before, name), columnOf(after, name)];
  await queue.flush(before.name);
  const fill = from.null && !to.null ? fillSql(editing, to, options) : undefined;
  for (const step of alterationOf(before.name, from, to, fill)) {
    if ('sql' in step) {
      await queue.run(step.sql);
      continue;
    }
    for (const constraint of await constraintsOn(editing, before.name, step.drop, [name], step.expected)) {
      await queue.run(ddl.dropConstraint(before.name, constraint));
    }
  }
}

async function addColumn(editing: Editing, after: TableDefinition, name: string, options: AlterOptions): Promise<void> {
  const { queue } = editing;
  const column = columnOf(after, name);
  const fill = fillSql(editing, column, options);
  const table = quote(after.name);
  await queue.flush(after.name);
  await queue.run(`ALTER TABLE ${table} ADD COLUMN ${columnSql(column, fill)}`);
  if (fill !== undefined) await queue.run(`ALTER TABLE ${table} ALTER COLUMN ${quote(name)} DROP DEFAULT`);
  queue.defer(after.name, [...ddl.addForeignKey(after.name, column), ...ddl.columnIndexes(after.name, column)]);
}
