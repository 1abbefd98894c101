import { CommandError } from '../../../errors.js';
import type { Executor } from '../../connect/connection.js';
import { columnOf, fillValue, isIndexed, isUnique, withoutColumn } from '../../schema/columns.js';
import { stillNeeded } from '../../schema/dependents.js';
import { declaredIndexName, uniqueName } from '../../schema/names.js';
import type {
  AlterOptions,
  ColumnDefinition,
  EditorOptions,
  SchemaEditor,
  TableDefinition,
  TableIndex,
} from '../../schema/schema-editor.js';
import type { Zone } from '../../values/moments.js';
import { belongings, dependents, indexColumns, sequenceOf, tableSql } from './catalogue.js';
import { columnSql, literalSql } from './columns.js';
import { introspect } from './introspect.js';
import { type Change, remakeSql } from './remake.js';
import { mentions, quote, quoteText } from './sql-text.js';
import { columnIndex, createIndexSql, createTableSql, createUniqueSql, tableIndexesSql } from './statements.js';

export interface SqliteEditorOptions extends EditorOptions {
  /** Zone of the timestamps in the database. */
  readonly zone: Zone;
}

const names = (table: TableDefinition) => table.columns.map((column) => column.name);

/** See {@link SchemaEditor}. Most changes make the table anew, as SQLite alters little by itself. */
export function createEditor(
  executor: Executor,
  { backwards = false, now = new Date(), zone }: SqliteEditorOptions,
): SchemaEditor {
  let deferred: { table: string; sql: string }[] = [];

  const run = async (sql: string) => {
    await executor.raw(sql);
  };
  const defer = (table: string, statements: readonly string[]) => {
    deferred.push(...statements.map((sql) => ({ table, sql })));
  };
  /** Runs what was kept back for one table, or for all. */
  const flush = async (table?: string) => {
    const ready = deferred.filter((each) => table === undefined || each.table === table);
    deferred = deferred.filter((each) => !ready.includes(each));
    for (const { sql } of ready) await run(sql);
  };
  const literal = (column: ColumnDefinition, { fill }: AlterOptions) =>
    fill === undefined ? undefined : literalSql(column, fillValue(column, fill, now), zone);

  /** `gone` are the names of indexes that the change takes away. */
  async function remake(before: TableDefinition, change: Omit<Change, 'early'>, gone: ReadonlySet<string>) {
    const table = before.name;
    await assertUnenforced(executor, table);
    await flush(table);
    // A recording executor finds nothing: then all is as the definition says.
    const existing = await tableSql(executor, table);
    const source = existing ?? createTableSql(before);
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

  async function dropByRemaking(before: TableDefinition, column: ColumnDefinition) {
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
    await remake(before, { before: column, order: names(before) }, gone);
  }

  return {
    async createTable(table) {
      await run(createTableSql(table));
      defer(table.name, tableIndexesSql(table));
    },

    async dropTable(name) {
      deferred = deferred.filter((each) => each.table !== name);
      const needed = await dependents(executor, name);
      if (needed.length > 0) throw stillNeeded(`The table "${name}"`, needed);
      await run(`DROP TABLE ${quote(name)}`);
    },

    async alterColumn(before, after, name, options = {}) {
      const [from, to] = [columnOf(before, name), columnOf(after, name)];
      const index = columnIndex(before.name, to);
      const gone = new Set(isIndexed(from) && !isIndexed(to) ? [index.name] : []);
      const fill = from.null && !to.null ? literal(to, options) : undefined;
      const value = fill === undefined ? {} : { value: `coalesce(${quote(name)}, ${fill})` };
      await remake(before, { before: from, after: to, order: names(after), ...value }, gone);
      if (isIndexed(to) && !isIndexed(from)) await run(createIndexSql(after.name, index));
    },

    async addColumn(after, name, options = {}) {
      const column = columnOf(after, name);
      const fill = literal(column, options);
      if (column.null && fill === undefined && !isUnique(column)) {
        await flush(after.name);
        await run(`ALTER TABLE ${quote(after.name)} ADD COLUMN ${columnSql(column)}`);
      } else {
        const before = withoutColumn(after, name);
        await remake(before, { after: column, value: fill ?? 'NULL', order: names(after) }, new Set());
      }
      if (isIndexed(column)) defer(after.name, [createIndexSql(after.name, columnIndex(after.name, column))]);
    },

    async dropColumn(before, name) {
      const column = columnOf(before, name);
      await flush(before.name);
      const spanned = definedIndexes(before).some(({ columns }) => columns.includes(name));
      if (isUnique(column) || column.references !== undefined || spanned) await dropByRemaking(before, column);
      else await run(`ALTER TABLE ${quote(before.name)} DROP COLUMN ${quote(name)}`);
    },

    async addUniqueTogether(after, columns) {
      await flush(after.name);
      await run(createUniqueSql(after.name, columns));
    },

    async dropUniqueTogether(before, columns) {
      await flush(before.name);
      await run(`DROP INDEX ${quote(await findUnique(executor, before.name, columns))}`);
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

/**
 * Dropping a table deletes its rows, and what refers to them, where foreign keys are enforced; they can only be switched
 * off before a transaction begins.
 */
async function assertUnenforced(executor: Executor, table: string): Promise<void> {
  const [row] = await executor.raw<{ foreign_keys: number }[]>('PRAGMA foreign_keys');
  if (row?.foreign_keys !== 1) return;
  throw new CommandError(`The table "${table}" can only be made anew in a migration that runs in a transaction.`, {
    code: 'not_atomic',
    hint: 'Take `atomic: false` out of the migration.',
  });
}

/** The indexes that a definition asks for, with their names and statements. */
function definedIndexes(table: TableDefinition): (Required<TableIndex> & { readonly sql: string })[] {
  const unique = (table.uniqueTogether ?? []).map((columns) => ({
    name: uniqueName(table.name, columns, undefined),
    columns,
    sql: createUniqueSql(table.name, columns),
  }));
  const indexes = [
    ...table.columns.filter(isIndexed).map((column) => columnIndex(table.name, column)),
    ...(table.indexes ?? []),
  ].map(({ name, columns }) => ({
    name: name ?? declaredIndexName(table.name, columns),
    columns: columns.map((column) => column.replace(/^-/, '')),
    sql: createIndexSql(table.name, { name: name ?? declaredIndexName(table.name, columns), columns }),
  }));
  return [...unique, ...indexes];
}

/** The unique index over exactly these columns, whatever its name: older versions of Django named them otherwise. */
async function findUnique(executor: Executor, table: string, columns: readonly string[]): Promise<string> {
  const found = (await introspect(executor, { tables: [table] })).tables.get(table);
  if (found === undefined) return uniqueName(table, columns, undefined);
  const wanted = columns.join('\0');
  const index = found.constraints.find(
    ({ kind, name, columns: spanned }) => kind === 'unique' && name !== undefined && spanned.join('\0') === wanted,
  );
  if (index?.name !== undefined) return index.name;
  throw new CommandError(`The table "${table}" has no unique constraint on ${columns.join(', ')} to drop.`, {
    code: 'unexpected_schema',
  });
}
