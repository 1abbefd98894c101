import type { Executor } from '../../connect/connection.js';
import { sqlAsIs } from '../../dialect/sql-as-is.js';
import { columnOf, isIndexed, isUnique } from '../../schema/columns.js';
import { stillNeeded } from '../../schema/dependents.js';
import { commonVerbs, constraintsOn, type Editing, fillSql, findUnique, noUnique } from '../../schema/editor-verbs.js';
import { indexName } from '../../schema/names.js';
import type {
  AlterOptions,
  ColumnDefinition,
  EditorOptions,
  SchemaEditor,
  TableDefinition,
} from '../../schema/schema-editor.js';
import { createStatementQueue } from '../../schema/statement-queue.js';
import type { Zone } from '../../values/moments.js';
import { columnCheck, columnSql, columnType, ddlFor, literalSql, maxNameLength, typeAndNull } from './columns.js';
import { introspect } from './introspect.js';
import { hasConstraint, isDone } from './is-done.js';
import { rowsOf } from './rows-of.js';
import { quote } from './sql-text.js';
import type { ServerVersion } from './version.js';

export interface MariadbEditorOptions extends EditorOptions {
  /** Zone of the timestamps in the database. */
  readonly zone: Zone;
  readonly version: ServerVersion;
}

interface MariadbEditing extends Editing {
  readonly executor: Executor;
  readonly version: ServerVersion;
  readonly resumed: boolean;
}

/**
 * See {@link SchemaEditor}. Each statement is committed by itself, so that a run that ends half way has done a part: the
 * editor of a run that goes on (`resumed`) looks what there is, and does the rest.
 */
export function createEditor(
  executor: Executor,
  { now = new Date(), resumed = false, onChange, zone, version }: MariadbEditorOptions,
): SchemaEditor {
  const find = async (table: string) => (await introspect(executor, version, { tables: [table] })).tables.get(table);
  const queue = createStatementQueue(async (sql) => {
    if (resumed && (await isDone(sql, find))) return;
    await executor.raw(sqlAsIs(sql));
    onChange?.();
  });
  const editing: MariadbEditing = {
    executor,
    version,
    resumed,
    queue,
    ddl: ddlFor(version),
    now,
    find,
    dropIndexSql: (table, index) => `DROP INDEX ${quote(index)} ON ${quote(table)}`,
    literalSql: (column, value) => literalSql(column, value, zone),
  };
  return {
    ...commonVerbs(editing),
    dropTable: (name) => dropTable(editing, name),
    alterColumn: (before, after, name, options = {}) => alterColumn(editing, before, after, name, options),
    addColumn: (after, name, options = {}) => addColumn(editing, after, name, options),
    dropColumn: (before, name) => dropColumn(editing, before, name),
    dropUniqueTogether: (before, columns) => dropUniqueTogether(editing, before, columns),
  };
}

/** Views that read a table, or a column of it: the server would leave them, and fail where they are asked. */
async function viewsOn({ executor }: MariadbEditing, table: string, column?: string): Promise<string[]> {
  const views = await rowsOf<{ name: string; definition: string; own: string }>(
    executor,
    `SELECT TABLE_NAME AS name, VIEW_DEFINITION AS definition, DATABASE() AS own
     FROM information_schema.VIEWS WHERE TABLE_SCHEMA = DATABASE() ORDER BY TABLE_NAME`,
  );
  return views
    .filter(
      ({ definition, own }) =>
        definition.includes(`${quote(own)}.${quote(table)}`) &&
        (column === undefined || definition.includes(`.${quote(column)}`)),
    )
    .map(({ name }) => name);
}

async function dropTable(editing: MariadbEditing, name: string): Promise<void> {
  const { executor, queue } = editing;
  queue.forget(name);
  const needed = await rowsOf<{ name: string }>(
    executor,
    `SELECT DISTINCT TABLE_NAME AS name FROM information_schema.KEY_COLUMN_USAGE
     WHERE TABLE_SCHEMA = DATABASE() AND REFERENCED_TABLE_NAME = ? AND TABLE_NAME <> ? ORDER BY TABLE_NAME`,
    [name, name],
  );
  const dependents = [
    ...needed.map((each) => ({ type: 'table', name: each.name })),
    ...(await viewsOn(editing, name)).map((view) => ({ type: 'view', name: view })),
  ];
  if (dependents.length > 0) throw stillNeeded(`The table "${name}"`, dependents);
  await queue.run(`DROP TABLE ${quote(name)}`);
}

async function alterColumn(
  editing: MariadbEditing,
  before: TableDefinition,
  after: TableDefinition,
  name: string,
  options: AlterOptions,
): Promise<void> {
  const { queue, ddl, version } = editing;
  const [from, to] = [columnOf(before, name), columnOf(after, name)];
  const table = before.name;
  await queue.flush(table);
  const references = ({ references: target }: ColumnDefinition) => JSON.stringify([target?.table, target?.column]);
  const typed = columnType(from, version) !== columnType(to, version);
  const repointed = references(from) !== references(to) || (typed && from.references !== undefined);
  const check = columnCheck(to, version);
  const rechecked = columnCheck(from, version) !== check;
  const [hadIndex, hasIndex] = [from, to].map((column) => ddl.columnIndexes(table, column).length > 0);

  if (repointed) await dropForeignKey(editing, table, from);
  if (isUnique(from) && !isUnique(to)) {
    for (const unique of await constraintsOn(editing, table, 'unique', [name], name)) {
      await queue.run(editing.dropIndexSql(table, unique));
    }
  }
  if (hadIndex && !hasIndex) await queue.run(editing.dropIndexSql(table, ddl.columnIndexName(table, name)));
  if (rechecked && columnCheck(from, version) !== undefined) await dropCheck(editing, table, from);
  const fill = from.null && !to.null ? fillSql(editing, to, options) : undefined;
  if (fill !== undefined) await fillNulls(editing, table, to, fill);
  if (typed || (rechecked && version.isMariadb) || (from.null ?? false) !== (to.null ?? false)) {
    await modify(editing, table, to, { checked: !rechecked || to.type === 'JSONField' });
  }
  if (isUnique(to) && !isUnique(from)) await queue.run(ddl.addUnique(table, [name]));
  if (hasIndex && !hadIndex) await queue.run(ddl.createIndex(table, ddl.columnIndex(table, to)));
  // Django makes one before the reference, which takes it then.
  if (isIndexed(to) && to.references !== undefined && !isIndexed(from)) {
    await queue.run(ddl.createIndex(table, { name: ddl.columnIndexName(table, name), columns: [name] }));
  }
  if (repointed) for (const sql of ddl.addForeignKey(table, to)) await queue.run(sql);
  if (rechecked && check !== undefined && to.type !== 'JSONField') {
    const checkName = indexName(table, [name], '_check', maxNameLength);
    await queue.run(`ALTER TABLE ${quote(table)} ADD CONSTRAINT ${quote(checkName)} CHECK (${check})`);
  }
}

async function addColumn(
  editing: MariadbEditing,
  after: TableDefinition,
  name: string,
  options: AlterOptions,
): Promise<void> {
  const { queue, ddl, version } = editing;
  const column = columnOf(after, name);
  const table = after.name;
  await queue.flush(table);
  const add = (definition: ColumnDefinition) =>
    queue.run(`ALTER TABLE ${quote(table)} ADD COLUMN ${columnSql(definition, version)}`);
  if (options.fill === undefined) await add(column);
  else {
    // Not every type can have a default here.
    await add({ ...column, null: true });
    const fill = fillSql(editing, column, options);
    if (fill !== undefined) await fillNulls(editing, table, column, fill);
    if (!column.null) await modify(editing, table, column);
  }
  queue.defer(table, [...ddl.addForeignKey(table, column), ...ddl.columnIndexes(table, column)]);
}

async function dropColumn(editing: MariadbEditing, before: TableDefinition, name: string): Promise<void> {
  const { queue, find, dropIndexSql } = editing;
  const column = columnOf(before, name);
  await queue.flush(before.name);
  const views = await viewsOn(editing, before.name, name);
  if (views.length > 0) {
    throw stillNeeded(
      `The column "${name}" of the table "${before.name}"`,
      views.map((view) => ({ type: 'view', name: view })),
    );
  }
  await dropForeignKey(editing, before.name, column);
  // The server would take the column out of an index over several, which then is unique for others.
  const found = await find(before.name);
  for (const each of found?.constraints ?? []) {
    if (each.name === undefined || each.columns.length < 2 || !each.columns.includes(name)) continue;
    if (each.kind === 'unique' || each.kind === 'index') await queue.run(dropIndexSql(before.name, each.name));
  }
  await queue.run(`ALTER TABLE ${quote(before.name)} DROP COLUMN ${quote(name)}`);
}

async function dropUniqueTogether(
  editing: MariadbEditing,
  before: TableDefinition,
  columns: readonly string[],
): Promise<void> {
  const { queue, ddl, find } = editing;
  await queue.flush(before.name);
  const name = await findUnique(editing, before.name, columns);
  if (name === undefined) {
    if (editing.resumed) return;
    throw noUnique(before.name, columns);
  }
  // A reference needs an index that begins with its column, and this may be the only one (Django's `_delete_composed_index`).
  const [first] = columns;
  const reference = before.columns.find((column) => column.name === first && column.references !== undefined);
  if (reference !== undefined) {
    const index = { name: ddl.foreignKeyName(before.name, reference) ?? reference.name, columns: [reference.name] };
    const indexed = (await find(before.name))?.constraints.some(
      ({ kind, columns: over }) => kind === 'index' && over[0] === reference.name,
    );
    if (!indexed) await queue.run(ddl.createIndex(before.name, index));
  }
  await queue.run(editing.dropIndexSql(before.name, name));
}

async function dropForeignKey(editing: MariadbEditing, table: string, column: ColumnDefinition): Promise<void> {
  const { queue, ddl, find, dropIndexSql } = editing;
  const expected = ddl.foreignKeyName(table, column);
  if (expected === undefined) return;
  for (const name of await constraintsOn(editing, table, 'foreign', [column.name], expected)) {
    await queue.run(`ALTER TABLE ${quote(table)} DROP FOREIGN KEY ${quote(name)}`);
    // Its index stays, under its name or the one that Django gave it before it made the reference.
    const left = await find(table);
    for (const index of [name, ddl.columnIndexName(table, column.name)])
      if (hasConstraint(left, index)) await queue.run(dropIndexSql(table, index));
  }
}

async function dropCheck(
  { queue, ddl, find, version }: MariadbEditing,
  table: string,
  column: ColumnDefinition,
): Promise<void> {
  const found = await find(table);
  const checks = found?.constraints.filter(({ kind, columns }) => kind === 'check' && columns.join() === column.name);
  for (const { name } of checks ?? [{ name: column.name }]) {
    // A check that is part of the column goes with the next `MODIFY`.
    const isPart = version.isMariadb && name === column.name;
    if (name !== undefined && !isPart) await queue.run(ddl.dropConstraint(table, name));
  }
}

/** MariaDB has a column's check as a part of the column, unless it comes later (`checked` is false). */
function modify(
  { queue, version }: MariadbEditing,
  table: string,
  column: ColumnDefinition,
  { checked = true } = {},
): Promise<void> {
  const check = version.isMariadb && checked ? columnCheck(column, version) : undefined;
  const definition = `${typeAndNull(column, version)}${check === undefined ? '' : ` CHECK (${check})`}`;
  return queue.run(`ALTER TABLE ${quote(table)} MODIFY ${quote(column.name)} ${definition}`);
}

function fillNulls({ queue }: MariadbEditing, table: string, { name }: ColumnDefinition, fill: string): Promise<void> {
  return queue.run(`UPDATE ${quote(table)} SET ${quote(name)} = ${fill} WHERE ${quote(name)} IS NULL`);
}
