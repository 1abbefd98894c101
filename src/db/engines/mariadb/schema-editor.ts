import { CommandError } from '../../../errors.js';
import type { Executor } from '../../connect/connection.js';
import type { IntrospectedConstraint, IntrospectedTable } from '../../introspection/introspection.js';
import { columnOf, fillValue, isIndexed, isUnique } from '../../schema/columns.js';
import { stillNeeded } from '../../schema/dependents.js';
import { declaredIndexName } from '../../schema/names.js';
import type { ColumnDefinition, EditorOptions, SchemaEditor, TableDefinition } from '../../schema/schema-editor.js';
import { createStatementQueue } from '../../schema/statement-queue.js';
import type { Zone } from '../../values/moments.js';
import { canBeIndexed, columnCheck, columnSql, columnType, ddlFor, literalSql, typeAndNull } from './columns.js';
import { introspect } from './introspect.js';
import { rowsOf } from './rows-of.js';
import { quote } from './sql-text.js';
import type { ServerVersion } from './version.js';

export interface MariadbEditorOptions extends EditorOptions {
  /** Zone of the timestamps in the database. */
  readonly zone: Zone;
  readonly version: ServerVersion;
}

/**
 * See {@link SchemaEditor}. Each statement is committed by itself, so that a run that ends half way has done a part: the
 * editor of a run that goes on (`resumed`) looks what there is, and does the rest.
 */
export function createEditor(
  executor: Executor,
  { now = new Date(), resumed = false, zone, version }: MariadbEditorOptions,
): SchemaEditor {
  const { run, defer, flush, forget } = createStatementQueue(executor, async (sql) => {
    if (!resumed || !(await isDone(sql))) await execute(sql);
  });
  const ddl = ddlFor(version);

  async function execute(sql: string): Promise<void> {
    await executor.raw(sql.replaceAll('?', '\\?'));
  }

  /** The table as it is; a recording executor finds none. */
  const find = async (name: string): Promise<IntrospectedTable | undefined> =>
    (await introspect(executor, version, { tables: [name] })).tables.get(name);

  /** Whether what a statement makes is there, or what it drops is not. */
  async function isDone(sql: string): Promise<boolean> {
    const [, verb, table = '', rest = ''] =
      /^(CREATE TABLE|DROP TABLE|ALTER TABLE) `((?:[^`]|``)+)`(.*)$/s.exec(sql) ?? [];
    if (verb === 'CREATE TABLE') return (await find(named(table))) !== undefined;
    if (verb === 'DROP TABLE') return (await find(named(table))) === undefined;
    const [, index, owner] = /^CREATE (?:UNIQUE )?INDEX `((?:[^`]|``)+)` ON `((?:[^`]|``)+)`/.exec(sql) ?? [];
    if (index !== undefined && owner !== undefined) return hasConstraint(await find(named(owner)), named(index));
    const [, dropped, from] = /^DROP INDEX `((?:[^`]|``)+)` ON `((?:[^`]|``)+)`/.exec(sql) ?? [];
    if (dropped !== undefined && from !== undefined) return !hasConstraint(await find(named(from)), named(dropped));
    const [, action, name = ''] =
      /^ (ADD CONSTRAINT|ADD COLUMN|DROP COLUMN|DROP FOREIGN KEY|DROP CONSTRAINT) `((?:[^`]|``)+)`/.exec(rest) ?? [];
    if (action === undefined) return false;
    const there = await find(named(table));
    const column = there?.columns.some((each) => each.name === named(name)) ?? false;
    if (action === 'ADD COLUMN') return column;
    if (action === 'DROP COLUMN') return !column;
    const constraint = there?.constraints.some(
      (each) => each.name === named(name) && (action !== 'DROP FOREIGN KEY' || each.kind === 'foreign'),
    );
    return action === 'ADD CONSTRAINT' ? (constraint ?? false) : !constraint;
  }

  const hasConstraint = (table: IntrospectedTable | undefined, name: string) =>
    table?.constraints.some((each) => each.name === name) ?? false;

  /** Names of the table's constraints of one kind over exactly these columns, or what Django calls them. */
  const constraintsOn = async (
    table: string,
    kind: IntrospectedConstraint['kind'],
    columns: readonly string[],
    expected: string,
  ): Promise<string[]> => {
    const found = await find(table);
    if (found === undefined) return [expected];
    return found.constraints.flatMap((each) =>
      each.kind === kind && each.name !== undefined && each.columns.join('\0') === columns.join('\0')
        ? [each.name]
        : [],
    );
  };
  const dropIndex = (table: string, name: string) => run(`DROP INDEX ${quote(name)} ON ${quote(table)}`);
  const dropForeignKey = async (table: string, column: ColumnDefinition) => {
    const expected = ddl.foreignKeyName(table, column);
    if (expected === undefined) return;
    for (const name of await constraintsOn(table, 'foreign', [column.name], expected)) {
      await run(`ALTER TABLE ${quote(table)} DROP FOREIGN KEY ${quote(name)}`);
      // Its index stays, under its name.
      if (hasConstraint(await find(table), name)) await dropIndex(table, name);
    }
  };
  const dropCheck = async (table: string, column: ColumnDefinition) => {
    const found = await find(table);
    const checks = found?.constraints.filter(({ kind, columns }) => kind === 'check' && columns.join() === column.name);
    for (const { name } of checks ?? [{ name: column.name }]) {
      if (name !== undefined) await run(`ALTER TABLE ${quote(table)} DROP CONSTRAINT ${quote(name)}`);
    }
  };
  /** MariaDB has a column's check as a part of the column. */
  const modify = (table: string, column: ColumnDefinition) => {
    const check = version.isMariadb ? columnCheck(column, version) : undefined;
    const definition = `${typeAndNull(column, version)}${check === undefined ? '' : ` CHECK (${check})`}`;
    return run(`ALTER TABLE ${quote(table)} MODIFY ${quote(column.name)} ${definition}`);
  };
  const update = (table: string, { name }: ColumnDefinition, fill: string) =>
    run(`UPDATE ${quote(table)} SET ${quote(name)} = ${fill} WHERE ${quote(name)} IS NULL`);

  const afterTable = (table: TableDefinition) => [
    ...(table.uniqueTogether ?? []).map((columns) => ddl.addUnique(table.name, columns)),
    ...table.columns.flatMap((column) => ddl.addForeignKey(table.name, column)),
    ...table.columns.flatMap((column) => columnIndexes(table.name, column)),
    ...(table.indexes ?? []).map((index) => ddl.createIndex(table.name, index)),
  ];
  /** A foreign key brings its own. */
  const columnIndexes = (table: string, column: ColumnDefinition) =>
    isIndexed(column) && canBeIndexed(column) && column.references === undefined
      ? [ddl.createIndex(table, { name: ddl.columnIndexName(table, column.name), columns: [column.name] })]
      : [];

  return {
    async createTable(table) {
      await run(ddl.createTable(table));
      defer(table.name, afterTable(table));
    },

    async dropTable(name) {
      forget(name);
      const needed = await rowsOf<{ name: string }>(
        executor,
        `SELECT DISTINCT TABLE_NAME AS name FROM information_schema.KEY_COLUMN_USAGE
         WHERE TABLE_SCHEMA = DATABASE() AND REFERENCED_TABLE_NAME = ? AND TABLE_NAME <> ? ORDER BY TABLE_NAME`,
        [name, name],
      );
      if (needed.length > 0) {
        throw stillNeeded(
          `The table "${name}"`,
          needed.map((each) => ({ type: 'table', name: each.name })),
        );
      }
      await run(`DROP TABLE ${quote(name)}`);
    },

    async alterColumn(before, after, name, options = {}) {
      const [from, to] = [columnOf(before, name), columnOf(after, name)];
      const table = before.name;
      await flush(table);
      const references = ({ references: to }: ColumnDefinition) => JSON.stringify([to?.table, to?.column]);
      const typed = columnType(from, version) !== columnType(to, version);
      const repointed = references(from) !== references(to) || (typed && from.references !== undefined);
      const check = columnCheck(to, version);
      const rechecked = columnCheck(from, version) !== check;
      if (repointed) await dropForeignKey(table, from);
      if (isUnique(from) && !isUnique(to)) {
        for (const unique of await constraintsOn(table, 'unique', [name], name)) await dropIndex(table, unique);
      }
      const [hadIndex] = columnIndexes(table, from);
      const [hasIndex] = columnIndexes(table, to);
      if (hadIndex !== undefined && hasIndex === undefined) await dropIndex(table, ddl.columnIndexName(table, name));
      if (rechecked && !version.isMariadb && columnCheck(from, version) !== undefined) await dropCheck(table, from);
      if (from.null && !to.null && options.fill !== undefined) {
        await update(table, to, literalSql(to, fillValue(to, options.fill, now), zone));
      }
      if (typed || (rechecked && version.isMariadb) || (from.null ?? false) !== (to.null ?? false)) {
        await modify(table, to);
      }
      if (isUnique(to) && !isUnique(from)) await run(ddl.addUnique(table, [name]));
      if (hasIndex !== undefined && hadIndex === undefined) await run(hasIndex);
      if (repointed) for (const sql of ddl.addForeignKey(table, to)) await run(sql);
      if (rechecked && check !== undefined && !version.isMariadb) {
        await run(`ALTER TABLE ${quote(table)} ADD CONSTRAINT ${quote(name)} CHECK (${check})`);
      }
    },

    async addColumn(after, name, options = {}) {
      const column = columnOf(after, name);
      const table = after.name;
      await flush(table);
      const add = (definition: ColumnDefinition) =>
        run(`ALTER TABLE ${quote(table)} ADD COLUMN ${columnSql(definition, version)}`);
      if (options.fill === undefined) await add(column);
      else {
        // Not every type can have a default here.
        await add({ ...column, null: true });
        await update(table, column, literalSql(column, fillValue(column, options.fill, now), zone));
        if (!column.null) await modify(table, column);
      }
      defer(table, [...ddl.addForeignKey(table, column), ...columnIndexes(table, column)]);
    },

    async dropColumn(before, name) {
      const column = columnOf(before, name);
      await flush(before.name);
      await dropForeignKey(before.name, column);
      // The server would take the column out of an index over several, which then is unique for others.
      const found = await find(before.name);
      for (const each of found?.constraints ?? []) {
        if (each.name === undefined || each.columns.length < 2 || !each.columns.includes(name)) continue;
        if (each.kind === 'unique' || each.kind === 'index') await dropIndex(before.name, each.name);
      }
      await run(`ALTER TABLE ${quote(before.name)} DROP COLUMN ${quote(name)}`);
    },

    async addUniqueTogether(after, columns) {
      await flush(after.name);
      await run(ddl.addUnique(after.name, columns));
    },

    async dropUniqueTogether(before, columns) {
      await flush(before.name);
      const [name] = await constraintsOn(before.name, 'unique', columns, ddl.uniqueName(before.name, columns));
      if (name === undefined) {
        if (resumed) return;
        throw new CommandError(
          `The table "${before.name}" has no unique constraint on ${columns.join(', ')} to drop.`,
          { code: 'unexpected_schema' },
        );
      }
      // A reference needs an index that begins with its column, and this may be the only one (Django's `_delete_composed_index`).
      const [first] = columns;
      const reference = before.columns.find((column) => column.name === first && column.references !== undefined);
      if (reference !== undefined) {
        const index = { name: ddl.foreignKeyName(before.name, reference) ?? reference.name, columns: [reference.name] };
        if (!hasIndexOn(await find(before.name), reference.name)) await run(ddl.createIndex(before.name, index));
      }
      await dropIndex(before.name, name);
    },

    async addIndex(after, index) {
      await flush(after.name);
      await run(ddl.createIndex(after.name, index));
    },

    async dropIndex(before, index) {
      await flush(before.name);
      await dropIndex(before.name, index.name ?? declaredIndexName(before.name, index.columns));
    },

    finish: () => flush(),
  };
}

const named = (quoted: string) => quoted.replaceAll('``', '`');

const hasIndexOn = (table: IntrospectedTable | undefined, column: string) =>
  table?.constraints.some(({ kind, columns }) => kind === 'index' && columns[0] === column) ?? false;
