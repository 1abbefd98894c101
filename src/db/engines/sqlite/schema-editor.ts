import { CommandError } from '../../../errors.js';
import type { Executor } from '../../connect/connection.js';
import { quote, quoteText } from '../../dialect/sql-text.js';
import { columnOf, isIndexed, isUnique, withoutColumn } from '../../schema/columns.js';
import { stillNeeded } from '../../schema/dependents.js';
import { commonVerbs, type Editing, fillSql, findUnique, noUnique } from '../../schema/editor-verbs.js';
import type {
  AlterOptions,
  ColumnDefinition,
  EditorOptions,
  SchemaEditor,
  TableDefinition,
} from '../../schema/schema-editor.js';
import { createStatementQueue } from '../../schema/statement-queue.js';
import type { Zone } from '../../values/moments.js';
import { belongings, dependents, indexColumns, sequenceOf, tableSql } from './catalogue.js';
import { columnSql, literalSql } from './columns.js';
import { sqliteDdl as ddl, definedIndexes } from './ddl.js';
import { introspect } from './introspect.js';
import { type Change, remakeSql } from './remake.js';
import { mentions } from './sql-text.js';

export interface SqliteEditorOptions extends EditorOptions {
  /** Zone of the timestamps in the database. */
  readonly zone: Zone;
}

interface SqliteEditing extends Editing {
  readonly executor: Executor;
  readonly backwards: boolean;
}

const names = (table: TableDefinition) => table.columns.map((column) => column.name);

/** See {@link SchemaEditor}. Most changes make the table anew, as SQLite alters little by itself. */
export function createEditor(
  executor: Executor,
  { backwards = false, now = new Date(), zone }: SqliteEditorOptions,
): SchemaEditor {
  const editing: SqliteEditing = {
    executor,
    backwards,
    queue: createStatementQueue((sql) => executor.raw(sql)),
    ddl,
    now,
    find: async (table) => (await introspect(executor, { tables: [table] })).tables.get(table),
    dropIndexSql: (_, index) => `DROP INDEX ${quote(index)}`,
    literalSql: (column, value) => literalSql(column, value, zone),
  };
  const { queue } = editing;
  return {
    ...commonVerbs(editing),
    alterColumn: (before, after, name, options = {}) => alterColumn(editing, before, after, name, options),
    addColumn: (after, name, options = {}) => addColumn(editing, after, name, options),
    dropColumn: (before, name) => dropColumn(editing, before, name),

    async dropTable(name) {
      queue.forget(name);
      const needed = await dependents(executor, name);
      if (needed.length > 0) throw stillNeeded(`The table "${name}"`, needed);
      await queue.run(`DROP TABLE ${quote(name)}`);
    },

    async dropUniqueTogether(before, columns) {
      await queue.flush(before.name);
      const name = await findUnique(editing, before.name, columns);
      if (name === undefined) throw noUnique(before.name, columns);
      await queue.run(editing.dropIndexSql(before.name, name));
    },
  };
}

async function alterColumn(
  editing: SqliteEditing,
  before: TableDefinition,
  after: TableDefinition,
  name: string,
  options: AlterOptions,
): Promise<void> {
  const [from, to] = [columnOf(before, name), columnOf(after, name)];
  const index = ddl.columnIndex(before.name, to);
  const gone = new Set(isIndexed(from) && !isIndexed(to) ? [index.name] : []);
  const fill = from.null && !to.null ? fillSql(editing, to, options) : undefined;
  const value = fill === undefined ? {} : { value: `coalesce(${quote(name)}, ${fill})` };
  await remake(editing, before, { before: from, after: to, order: names(after), ...value }, gone);
  if (isIndexed(to) && !isIndexed(from)) await editing.queue.run(ddl.createIndex(after.name, index));
}

async function addColumn(
  editing: SqliteEditing,
  after: TableDefinition,
  name: string,
  options: AlterOptions,
): Promise<void> {
  const { queue } = editing;
  const column = columnOf(after, name);
  const fill = fillSql(editing, column, options);
  if (column.null && fill === undefined && !isUnique(column)) {
    await queue.flush(after.name);
    await queue.run(`ALTER TABLE ${quote(after.name)} ADD COLUMN ${columnSql(column)}`);
  } else {
    const before = withoutColumn(after, name);
    await remake(editing, before, { after: column, value: fill ?? 'NULL', order: names(after) }, new Set());
  }
  queue.defer(after.name, ddl.columnIndexes(after.name, column));
}

async function dropColumn(editing: SqliteEditing, before: TableDefinition, name: string): Promise<void> {
  const column = columnOf(before, name);
  await editing.queue.flush(before.name);
  const spanned = definedIndexes(before).some(({ columns }) => columns.includes(name));
  if (isUnique(column) || column.references !== undefined || spanned) await dropByRemaking(editing, before, column);
  else await editing.queue.run(`ALTER TABLE ${quote(before.name)} DROP COLUMN ${quote(name)}`);
}

async function dropByRemaking(
  editing: SqliteEditing,
  before: TableDefinition,
  column: ColumnDefinition,
): Promise<void> {
  const { executor } = editing;
  const gone = new Set<string>();
  const ours = new Set(definedIndexes(before).map(({ name }) => name));
  const others: { type: string; name: string }[] = [];
  for (const { type, name, sql } of await belongings(executor, before.name)) {
    const spans = type === 'index' ? (await indexColumns(executor, name)).includes(column.name) : false;
    if (spans && ours.has(name)) gone.add(name);
    else if (spans || mentions(sql, column.name)) others.push({ type, name });
  }
  if (others.length > 0) throw stillNeeded(`The column "${column.name}" of the table "${before.name}"`, others);
  for (const { name, columns } of definedIndexes(before)) if (columns.includes(column.name)) gone.add(name);
  await remake(editing, before, { before: column, order: names(before) }, gone);
}

/** `gone` are the names of indexes that the change takes away. */
async function remake(
  { executor, queue: { run, flush }, backwards }: SqliteEditing,
  before: TableDefinition,
  change: Omit<Change, 'early'>,
  gone: ReadonlySet<string>,
): Promise<void> {
  const table = before.name;
  await assertUnenforced(executor, table);
  await flush(table);
  // A recording executor finds nothing: then all is as the definition says.
  const existing = await tableSql(executor, table);
  const source = existing ?? ddl.createTable(before);
  const { create, copy } = remakeSql(table, source, { ...change, early: backwards });
  const found = existing === undefined ? definedIndexes(before) : await belongings(executor, table);
  const kept = found.filter(({ name }) => !gone.has(name));
  const sequence = await sequenceOf(executor, table);
  await run(create);
  await run(copy);
  await run(`DROP TABLE ${quote(table)}`);
  // Otherwise SQLite refuses while a view or trigger elsewhere names the table that is away for a moment.
  await run('PRAGMA legacy_alter_table = ON');
  try {
    await run(`ALTER TABLE ${quote(`new__${table}`)} RENAME TO ${quote(table)}`);
  } finally {
    await run('PRAGMA legacy_alter_table = OFF');
  }
  for (const { sql } of kept) await run(sql);
  if (sequence !== undefined) {
    await run(`DELETE FROM sqlite_sequence WHERE name = ${quoteText(table)}`);
    await run(`INSERT INTO sqlite_sequence (name, seq) VALUES (${quoteText(table)}, ${sequence})`);
  }
}

/**
 * Dropping a table deletes its rows, and what refers to them, where foreign keys are enforced; they can only be switched
 * off before a transaction begins.
 */
async function assertUnenforced(executor: Executor, table: string): Promise<void> {
  const [row] = await executor.raw<{ foreign_keys: number }[]>('PRAGMA foreign_keys');
  if (row?.foreign_keys !== 1) return;
  throw new CommandError(`The table "${table}" can only be rebuilt in a migration that runs in a transaction.`, {
    code: 'not_atomic',
    hint: 'Take `atomic: false` out of the migration.',
  });
}
