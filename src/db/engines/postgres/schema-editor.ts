import { CommandError } from '../../../errors.js';
import type { Executor } from '../../connect/connection.js';
import { sqlAsIs } from '../../dialect/sql-as-is.js';
import type { IntrospectedConstraint } from '../../introspection/introspection.js';
import { columnOf, fillValue } from '../../schema/columns.js';
import { declaredIndexName } from '../../schema/names.js';
import type { AlterOptions, ColumnDefinition, EditorOptions, SchemaEditor } from '../../schema/schema-editor.js';
import { alterationOf } from './alteration.js';
import { columnSql, literalSql, quote } from './columns.js';
import { introspect } from './introspect.js';
import {
  addForeignKeySql,
  addUniqueSql,
  afterTableSql,
  columnIndexesSql,
  createIndexSql,
  createTableSql,
  uniqueConstraintName,
} from './statements.js';

/** See {@link SchemaEditor}. Nothing is dropped with CASCADE: what somebody else's things need stays, with an error. */
export function createEditor(executor: Executor, { now = new Date() }: EditorOptions = {}): SchemaEditor {
  let deferred: { table: string; sql: string }[] = [];

  const run = async (sql: string) => {
    // Without bindings Knex would still take a question mark for one.
    await executor.raw(sqlAsIs(sql));
  };
  const defer = (table: string, statements: readonly string[]) => {
    deferred.push(...statements.map((sql) => ({ table, sql })));
  };
  const flush = async (table?: string) => {
    const ready = deferred.filter((each) => table === undefined || each.table === table);
    deferred = deferred.filter((each) => !ready.includes(each));
    for (const { sql } of ready) await run(sql);
  };
  const literal = (column: ColumnDefinition, { fill }: AlterOptions) =>
    fill === undefined ? undefined : literalSql(column, fillValue(column, fill, now));

  /**
   * Names of the table's constraints of one kind over exactly these columns: databases that are old, or made by others,
   * name them differently. A recording executor knows none, and gets the name that Django would give.
   */
  const constraintsOn = async (
    table: string,
    kind: IntrospectedConstraint['kind'],
    columns: readonly string[],
    expected: string,
  ): Promise<string[]> => {
    const found = (await introspect(executor, { tables: [table] })).tables.get(table);
    if (found === undefined) return [expected];
    return found.constraints.flatMap((each) =>
      each.kind === kind && each.name !== undefined && each.columns.join('\0') === columns.join('\0')
        ? [each.name]
        : [],
    );
  };

  return {
    async createTable(table) {
      await run(createTableSql(table));
      defer(table.name, afterTableSql(table));
    },

    async dropTable(name) {
      deferred = deferred.filter((each) => each.table !== name);
      await run(`DROP TABLE ${quote(name)}`);
    },

    async alterColumn(before, after, name, options = {}) {
      const [from, to] = [columnOf(before, name), columnOf(after, name)];
      await flush(before.name);
      const fill = from.null && !to.null ? literal(to, options) : undefined;
      for (const step of alterationOf(before.name, from, to, fill)) {
        if ('sql' in step) {
          await run(step.sql);
          continue;
        }
        for (const constraint of await constraintsOn(before.name, step.drop, [name], step.expected)) {
          await run(`ALTER TABLE ${quote(before.name)} DROP CONSTRAINT ${quote(constraint)}`);
        }
      }
    },

    async addColumn(after, name, options = {}) {
      const column = columnOf(after, name);
      const fill = literal(column, options);
      const table = quote(after.name);
      await flush(after.name);
      await run(`ALTER TABLE ${table} ADD COLUMN ${columnSql(column, fill)}`);
      if (fill !== undefined) await run(`ALTER TABLE ${table} ALTER COLUMN ${quote(name)} DROP DEFAULT`);
      defer(after.name, [...addForeignKeySql(after.name, column), ...columnIndexesSql(after.name, column)]);
    },

    async dropColumn(before, name) {
      await flush(before.name);
      await run(`ALTER TABLE ${quote(before.name)} DROP COLUMN ${quote(columnOf(before, name).name)}`);
    },

    async addUniqueTogether(after, columns) {
      await flush(after.name);
      await run(addUniqueSql(after.name, columns));
    },

    async dropUniqueTogether(before, columns) {
      await flush(before.name);
      const [name] = await constraintsOn(before.name, 'unique', columns, uniqueConstraintName(before.name, columns));
      if (name === undefined) {
        throw new CommandError(
          `The table "${before.name}" has no unique constraint on ${columns.join(', ')} to drop.`,
          {
            code: 'unexpected_schema',
          },
        );
      }
      await run(`ALTER TABLE ${quote(before.name)} DROP CONSTRAINT ${quote(name)}`);
    },

    async addIndex(after, index) {
      await flush(after.name);
      await run(createIndexSql(after.name, index));
    },

    async dropIndex(before, index) {
      await flush(before.name);
      await run(`DROP INDEX ${quote(index.name ?? declaredIndexName(before.name, index.columns))}`);
    },

    finish: () => flush(),
  };
}
