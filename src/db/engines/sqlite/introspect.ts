import { plainRows } from '../../connect/client.js';
import type { Executor } from '../../connect/connection.js';
import type {
  DeleteAction,
  IntrospectedColumn,
  IntrospectedConstraint,
  IntrospectedTable,
  Introspection,
} from '../../introspection/introspection.js';
import { isWord, normalizeSql, tokenizeSql } from './sql-text.js';
import { parseCreateTable, type TableSource } from './table-sql.js';

interface ColumnRow {
  readonly table: string;
  readonly name: string;
  readonly type: string;
  readonly notnull: number;
  readonly dflt_value: string | null;
  readonly pk: number;
  readonly hidden: number;
}

interface ForeignKeyRow {
  readonly table: string;
  readonly id: number;
  readonly seq: number;
  readonly target: string;
  readonly from: string;
  readonly to: string | null;
  readonly on_delete: string;
  readonly on_update: string;
}

interface IndexRow {
  readonly table: string;
  readonly index: string;
  readonly unique: number;
  readonly origin: 'c' | 'u' | 'pk';
  readonly sql: string | null;
  readonly name: string | null;
}

interface MasterRow {
  readonly name: string;
  readonly type: 'table' | 'view';
  readonly sql: string;
  /** What `pragma_table_list` says. */
  readonly listed: string | null;
}

const masterSql = `
  SELECT m.name, m.type, m.sql, l.type AS listed FROM sqlite_master m
  LEFT JOIN pragma_table_list l ON l.schema = 'main' AND l.name = m.name
  WHERE m.type IN ('table', 'view') AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY m.name`;

/** What the modules that come with SQLite add to the name of a table for what it is made of (sqlite.org, FTS3, FTS5, R*Tree). */
const shadowEnds = /_(?:config|content|data|docsize|idx|node|parent|rowid|segdir|segments|stat)$/i;

type Kind = 'table' | 'view' | 'virtual' | 'shadow';

/**
 * Tables and views, in the order of their names, with what they are. Which tables are shadows only the module of their
 * virtual table knows; where that is not there, they are told by their names.
 */
async function readMaster(executor: Executor): Promise<(MasterRow & { readonly kind: Kind })[]> {
  const rows = await plainRows<MasterRow>(executor, masterSql);
  const isVirtual = ({ type, sql }: MasterRow) => type === 'table' && /^\s*create\s+virtual\b/i.test(sql);
  const virtual = new Set(rows.filter(isVirtual).map(({ name }) => name.toLowerCase()));
  const isShadow = ({ name, listed }: MasterRow) =>
    listed === 'shadow' || (shadowEnds.test(name) && virtual.has(name.replace(shadowEnds, '').toLowerCase()));
  return rows.map((row) => ({
    ...row,
    kind: row.type === 'view' ? 'view' : isVirtual(row) ? 'virtual' : isShadow(row) ? 'shadow' : 'table',
  }));
}

/** Names of tables, without those of SQLite itself, virtual ones and what these are made of. */
export async function tableNames(executor: Executor): Promise<string[]> {
  return (await readMaster(executor)).filter(({ kind }) => kind === 'table').map(({ name }) => name);
}

/** See `Dialect.relationNames`. */
export async function relationNames(executor: Executor): Promise<string[]> {
  return (await readMaster(executor)).filter(({ kind }) => kind !== 'shadow').map(({ name }) => name);
}

/** See `Dialect.introspect`. */
export async function introspect(
  executor: Executor,
  { tables }: { readonly tables?: readonly string[] } = {},
): Promise<Introspection> {
  const wanted = tables === undefined ? undefined : new Set(tables);
  const found = (await readMaster(executor)).filter(({ name }) => wanted?.has(name) ?? true);
  // A virtual table whose module is not there cannot be asked.
  const plain = found.filter(({ kind }) => kind === 'table' || kind === 'shadow');
  const names = JSON.stringify(plain.map(({ name }) => name));
  const columns = await executor.raw<ColumnRow[]>(
    'SELECT t.value AS "table", c.* FROM json_each(?) t, pragma_table_xinfo(t.value) c ORDER BY t.key, c.cid',
    [names],
  );
  for (const { name, kind } of found) {
    if (kind === 'view') columns.push(...(await viewColumns(executor, name)));
  }
  const foreign = await executor.raw<ForeignKeyRow[]>(
    'SELECT t.value AS "table", f.id, f.seq, f."table" AS target, f."from", f."to", f.on_delete, f.on_update FROM json_each(?) t, pragma_foreign_key_list(t.value) f ORDER BY t.key, f.id DESC, f.seq',
    [names],
  );
  const indexes = await executor.raw<IndexRow[]>(
    `SELECT t.value AS "table", i.name AS "index", i."unique", i.origin, m.sql, x.name
     FROM json_each(?) t, pragma_index_list(t.value) i, pragma_index_info(i.name) x
     LEFT JOIN sqlite_master m ON m.type = 'index' AND m.name = i.name
     ORDER BY t.key, i.seq DESC, x.seqno`,
    [names],
  );
  const of = <T extends { readonly table: string }>(rows: readonly T[], name: string) =>
    rows.filter((row) => row.table === name);

  const result = new Map<string, IntrospectedTable>();
  for (const { name, kind, sql } of found) {
    const source = plain.some((table) => table.name === name) ? parseCreateTable(sql) : undefined;
    const own = of(columns, name);
    // `INTEGER PRIMARY KEY DESC`, and the key of a table without row numbers, have an index of their own.
    const hasKeyIndex = of(indexes, name).some(({ origin }) => origin === 'pk');
    result.set(name, {
      name,
      kind,
      columns: own.map((row) => columnOf(row, own, source, hasKeyIndex)),
      constraints: source === undefined ? [] : constraintsOf(source, own, of(foreign, name), of(indexes, name)),
    });
  }
  return { tables: result, outside: [] };
}

/** None where a view is of what is not there any more. */
async function viewColumns(executor: Executor, view: string): Promise<ColumnRow[]> {
  return executor
    .raw<ColumnRow[]>('SELECT ? AS "table", c.* FROM pragma_table_xinfo(?) c ORDER BY c.cid', [view, view])
    .then(
      (rows) => rows,
      () => [],
    );
}

function columnOf(
  row: ColumnRow,
  all: readonly ColumnRow[],
  source: TableSource | undefined,
  hasKeyIndex: boolean,
): IntrospectedColumn {
  const keys = all.filter(({ pk }) => pk > 0);
  // Such a column is the row's number, which SQLite gives to a row that does not bring one.
  const isRowNumber = !hasKeyIndex && row.pk > 0 && keys.length === 1 && row.type.toLowerCase() === 'integer';
  // The pragma writes the commonest types in capitals, whatever the statement has, and half of `[varchar](20)`'s brackets.
  const written = source?.columns.find(({ name }) => name === row.name)?.type ?? row.type;
  const type = written.replace(/^["'`[]([^"'`\]]*)["'`\]]/, '$1');
  return {
    name: row.name,
    type,
    // Django has no such type here, and whoever has writes UUIDs otherwise than it does: with dashes.
    ...(type.toLowerCase() === 'uuid' ? { field: { type: 'TextField' as const } } : {}),
    null: row.notnull === 0 && !isRowNumber,
    default: row.dflt_value ?? undefined,
    // 2 and 3 are columns computed from others.
    generated: isRowNumber || row.hidden > 1,
    ...(row.hidden > 1 ? { computed: true } : {}),
  };
}

function constraintsOf(
  source: TableSource,
  columns: readonly ColumnRow[],
  foreign: readonly ForeignKeyRow[],
  indexes: readonly IndexRow[],
): IntrospectedConstraint[] {
  const keys = columns.filter(({ pk }) => pk > 0).toSorted((a, b) => a.pk - b.pk);
  return [
    ...(keys.length === 0
      ? []
      : [{ name: undefined, kind: 'primary' as const, columns: keys.map(({ name }) => name) }]),
    ...uniqueConstraints(indexes),
    ...foreignConstraints(source, foreign),
    ...checkConstraints(source),
  ];
}

function grouped<T>(rows: readonly T[], keyOf: (row: T) => string | number): T[][] {
  const groups = new Map<string | number, T[]>();
  for (const row of rows) {
    const group = groups.get(keyOf(row));
    if (group === undefined) groups.set(keyOf(row), [row]);
    else group.push(row);
  }
  return [...groups.values()];
}

function uniqueConstraints(indexes: readonly IndexRow[]): IntrospectedConstraint[] {
  return grouped(indexes, ({ index }) => index).flatMap((rows) => {
    const [first] = rows;
    if (first === undefined || first.origin === 'pk') return [];
    const definition = first.sql === null ? undefined : definitionOf(first.sql);
    return [
      {
        name: first.origin === 'c' ? first.index : undefined,
        kind: first.unique === 1 ? ('unique' as const) : ('index' as const),
        columns: rows.flatMap(({ name }) => (name === null ? [] : [name])),
        ...(definition === undefined ? {} : { definition }),
      },
    ];
  });
}

/** What makes an index more than the plain one over its columns: descending order, expressions, a condition. */
function definitionOf(sql: string): string | undefined {
  const tokens = tokenizeSql(sql);
  const on = tokens.findIndex((token) => isWord(token, 'ON'));
  const rest = normalizeSql(sql.slice(tokens[on + 1]?.end ?? sql.length));
  const plain = /^\( [^()]*? \)$/.test(rest) && !/ (?:desc|collate \S+)(?= [,)])/.test(rest);
  return plain ? undefined : rest;
}

function foreignConstraints(source: TableSource, foreign: readonly ForeignKeyRow[]): IntrospectedConstraint[] {
  const texts = [
    ...source.columns.flatMap(({ name, clauses }) =>
      clauses.filter(({ kind }) => kind === 'references').map(({ text }) => ({ columns: [name], text })),
    ),
    ...source.constraints
      .filter((text) => /\bforeign\b/i.test(text))
      .map((text) => ({
        columns: (normalizeSql(text).match(/foreign key \( (.*?) \)/)?.[1] ?? '').split(' , '),
        text,
      })),
  ];
  return grouped(foreign, ({ id }) => id).map((rows) => {
    const columns = rows.map(({ from }) => from);
    const text = texts.find((each) => each.columns.join('\0').toLowerCase() === columns.join('\0').toLowerCase())?.text;
    const deferred = text !== undefined && /(?<!not )deferrable initially deferred$/.test(normalizeSql(text));
    return {
      name: undefined,
      kind: 'foreign' as const,
      columns,
      references: { table: rows[0]?.target ?? '', columns: rows.flatMap(({ to }) => (to === null ? [] : [to])) },
      ...onDeleteOf(rows[0]?.on_delete),
      rules: `${actionOf('UPDATE', rows[0]?.on_update)}${actionOf('DELETE', rows[0]?.on_delete)}${deferred ? ' DEFERRABLE INITIALLY DEFERRED' : ''}`,
      deferred,
    };
  });
}

const deleteActions: readonly DeleteAction[] = ['cascade', 'set null', 'set default'];

const actionOf = (event: string, said = 'NO ACTION') => (said === 'NO ACTION' ? '' : ` ON ${event} ${said}`);

function onDeleteOf(said = ''): { readonly onDelete?: DeleteAction } {
  const onDelete = deleteActions.find((action) => action === said.toLowerCase());
  return onDelete === undefined ? {} : { onDelete };
}

function checkConstraints(source: TableSource): IntrospectedConstraint[] {
  const condition = (text: string) => normalizeSql(text).replace(/^.*?\bcheck /, '');
  return [
    ...source.columns.flatMap(({ name, clauses }) =>
      clauses
        .filter(({ kind }) => kind === 'check')
        .map(({ text }) => ({ name: undefined, kind: 'check' as const, columns: [name], definition: condition(text) })),
    ),
    ...source.constraints
      .filter((text) => /^(?:constraint \S+ )?check /.test(normalizeSql(text)))
      .map((text) => ({ name: undefined, kind: 'check' as const, columns: [], definition: condition(text) })),
  ];
}
