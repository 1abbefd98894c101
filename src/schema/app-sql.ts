import type { DbContext, Executor } from '../db/connect/connection.js';
import { assertNotShadowed, dependentsFirst, readTableMap, tablesOfModels } from '../db/introspection/table-map.js';
import { recordingExecutor } from '../db/migrations/recording.js';
import type { TableDefinition } from '../db/schema/schema-editor.js';
import { joinTable, modelTable } from '../db/schema/tables.js';
import { CommandError } from '../errors.js';
import { isGenerated } from '../registry/field-types.js';
import { modelsOf } from '../registry/models-of.js';
import { missingSizes } from '../registry/sizes.js';
import type { Model } from '../registry/types.js';

/** `tables` are CREATE TABLE and what belongs to them, `indexes` CREATE INDEX. */
export type SqlPart = 'tables' | 'indexes' | 'all';

const isIndex = (statement: string) => /^CREATE (?:UNIQUE )?INDEX/.test(statement);

/**
 * Statements that make the tables of apps or models (`blog`, `blog.Post`), as Django's migrations would on this engine. Those of
 * models that were read from the database have its ON DELETE, ON UPDATE and its time of checking, too.
 *
 * @throws CommandError for unknown labels, and for declared fields that lack a size.
 */
export async function createSql(connection: DbContext, labels: readonly string[], part: SqlPart): Promise<string[]> {
  const { db, dialect, registry } = connection;
  const statements: string[] = [];
  const editor = await dialect.editor(recordingExecutor(db, (sql) => statements.push(ended(sql))));
  const models = modelsOf(registry, labels);
  const isRead = registry.guessed !== undefined;
  // What the database has without a size it can make so.
  if (!isRead) for (const model of models) assertSized(model);
  const tables = models.flatMap((model) => definitionsOf(connection, model));
  for (const table of isRead ? await withRules(connection, tables) : tables) await editor.createTable(table);
  await editor.finish();
  return part === 'all' ? statements : statements.filter((sql) => isIndex(sql) === (part === 'indexes'));
}

/** The tables with what the database does itself with their rows when those go or change that they refer to, and when it checks. */
async function withRules({ db, dialect }: DbContext, tables: readonly TableDefinition[]): Promise<TableDefinition[]> {
  const { tables: found } = await dialect.introspect(db, { tables: tables.map(({ name }) => name) });
  return tables.map((table) => {
    const rules = new Map(
      found
        .get(table.name)
        ?.constraints.filter(({ references, columns }) => references !== undefined && columns.length === 1)
        .map(({ columns, rules: text }) => [columns[0], text]),
    );
    const columns = table.columns.map((column) =>
      column.references === undefined
        ? column
        : { ...column, references: { ...column.references, rules: rules.get(column.name) } },
    );
    return { ...table, columns };
  });
}

/** @throws CommandError for a field whose column cannot be made. */
function assertSized(model: Model): void {
  const [first] = missingSizes(model);
  if (first === undefined) return;
  throw new CommandError(`The field '${first.field}' of ${model.label} has no ${first.what}.`, {
    code: 'unsized_field',
    hint: 'Set it in the definition of the model.',
  });
}

function definitionsOf({ registry }: DbContext, model: Model): TableDefinition[] {
  if (!model.managed) return [];
  const whose = registry.models.find((each) => each.manyToMany.some(({ table }) => table === model.table));
  const relation = whose?.manyToMany.find(({ table, through }) => table === model.table && through === undefined);
  const join = whose && relation && joinTable(registry, whose, relation);
  if (join !== undefined) return [join];
  const joins = model.manyToMany.map((relation) => joinTable(registry, model, relation));
  return [modelTable(registry, model), ...joins.filter((table) => table !== undefined)];
}

/**
 * Statements that drop those tables of apps or models that are there, tables that refer to others first.
 *
 * @throws CommandError for unknown labels, and where tables that would stay refer to one of them.
 */
export async function dropSql(connection: DbContext, executor: Executor, labels: readonly string[]): Promise<string[]> {
  const { dialect, registry } = connection;
  const map = await readTableMap(connection, executor);
  const tables = tablesOfModels(modelsOf(registry, labels)).filter((table) => map.names.has(table));
  assertNotShadowed(map, tables);
  const staying = map.references.filter(({ from, to }) => tables.includes(to) && !tables.includes(from));
  if (staying.length > 0) {
    const why = [...new Set(staying.map(({ from, to }) => `'${from}' refers to '${to}'`))].join('; ');
    throw new CommandError(`Other tables refer to these: ${why}.`, {
      code: 'referring_tables',
      hint: 'Name their apps or models too, or drop them first.',
    });
  }
  const statements: string[] = [];
  const editor = await dialect.editor(recordingExecutor(executor, (sql) => statements.push(ended(sql))));
  for (const table of dependentsFirst(tables, map.references)) await editor.dropTable(table);
  await editor.finish();
  return statements;
}

/**
 * Statements after which the keys that the database makes follow the greatest one that is there; none where the engine
 * has nothing to set.
 *
 * @throws CommandError for unknown labels.
 */
export async function sequenceSql(
  connection: DbContext,
  executor: Executor,
  labels: readonly string[],
): Promise<string[]> {
  const { dialect, registry } = connection;
  const map = await readTableMap(connection, executor);
  const tables = tablesOfModels(modelsOf(registry, labels)).flatMap((table) => {
    const column = map.generatedKeys.get(table);
    return column === undefined ? [] : [{ table, column }];
  });
  return dialect.resetSequencesSql(tables);
}

/**
 * Tables of apps or models whose keys the database should make and does not, since they have no sequence and no identity:
 * what moved a database from elsewhere may have left them out.
 *
 * @throws CommandError for unknown labels.
 */
export async function tablesWithoutSequence(
  connection: DbContext,
  executor: Executor,
  labels: readonly string[],
): Promise<string[]> {
  const { names, generatedKeys } = await readTableMap(connection, executor);
  return modelsOf(connection.registry, labels)
    .filter(({ managed, table, primaryKey }) => managed && isGenerated(primaryKey.type) && names.has(table))
    .map(({ table }) => table)
    .filter((table) => !generatedKeys.has(table));
}

const ended = (sql: string) => (sql.endsWith(';') ? sql : `${sql};`);
