import type { Executor } from '../../connect/connection.js';
import type {
  DeleteAction,
  IntrospectedColumn,
  IntrospectedConstraint,
  IntrospectedTable,
  Introspection,
  OutsideReference,
} from '../../introspection/introspection.js';
import { leaseTable } from './lease-table.js';
import { rowsOf } from './rows-of.js';

interface ColumnRow {
  readonly owner: string;
  readonly name: string;
  readonly type: string;
  readonly nullable: 'YES' | 'NO';
  readonly expression: string | null;
  readonly extra: string;
}

interface IndexRow {
  readonly owner: string;
  readonly name: string;
  /** Null for an expression. */
  readonly column: string | null;
  readonly nonUnique: number | string;
  readonly kind: string;
  readonly direction: string | null;
  readonly length: number | string | null;
}

interface ForeignRow {
  readonly owner: string;
  readonly name: string;
  readonly column: string;
  readonly target: string;
  readonly targetColumn: string;
  readonly schema: string;
  /** Null for this database. */
  readonly targetSchema: string | null;
}

interface RuleRow {
  readonly owner: string;
  readonly name: string;
  readonly rule: string;
  readonly onUpdate: string;
}

const foreignColumns = `TABLE_SCHEMA AS \`schema\`, TABLE_NAME AS owner, CONSTRAINT_NAME AS name, COLUMN_NAME AS \`column\`,
  NULLIF(REFERENCED_TABLE_SCHEMA, DATABASE()) AS targetSchema, REFERENCED_TABLE_NAME AS target,
  REFERENCED_COLUMN_NAME AS targetColumn`;

interface CheckRow {
  readonly owner: string;
  readonly name: string;
  readonly clause: string;
}

// Locks of this program are nobody's data.
const ours = `TABLE_SCHEMA = DATABASE() AND TABLE_NAME <> '${leaseTable}'`;

/** Names of tables, without views. */
export async function tableNames(executor: Executor): Promise<string[]> {
  const rows = await rowsOf<{ name: string }>(
    executor,
    `SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE ${ours} AND TABLE_TYPE = 'BASE TABLE' ORDER BY TABLE_NAME`,
  );
  return rows.map(({ name }) => name);
}

/** See `Dialect.relationNames`. */
export async function relationNames(executor: Executor): Promise<string[]> {
  const rows = await rowsOf<{ name: string }>(
    executor,
    `SELECT DISTINCT TABLE_NAME AS name FROM information_schema.TABLES
     WHERE TABLE_SCHEMA NOT IN ('information_schema', 'mysql', 'performance_schema', 'sys') ORDER BY TABLE_NAME`,
  );
  return rows.map(({ name }) => name);
}

/** Reads rows about these tables, or about all: `some` is the condition on a column with the name of the table. */
interface Reader {
  readonly rows: <Row>(sql: string) => Promise<Row[]>;
  readonly some: (column: string) => string;
}

const readColumns = ({ rows, some }: Reader) =>
  rows<ColumnRow>(
    `SELECT TABLE_NAME AS owner, COLUMN_NAME AS name, COLUMN_TYPE AS type, IS_NULLABLE AS nullable,
       COLUMN_DEFAULT AS expression, EXTRA AS extra
     FROM information_schema.COLUMNS WHERE ${ours}${some('TABLE_NAME')} ORDER BY TABLE_NAME, ORDINAL_POSITION`,
  );

const readIndexes = ({ rows, some }: Reader) =>
  rows<IndexRow>(
    `SELECT TABLE_NAME AS owner, INDEX_NAME AS name, COLUMN_NAME AS \`column\`, NON_UNIQUE AS nonUnique,
       INDEX_TYPE AS kind, COLLATION AS direction, SUB_PART AS length
     FROM information_schema.STATISTICS WHERE ${ours}${some('TABLE_NAME')}
     ORDER BY TABLE_NAME, INDEX_NAME <> 'PRIMARY', INDEX_NAME, SEQ_IN_INDEX`,
  );

const readForeign = ({ rows, some }: Reader) =>
  rows<ForeignRow>(
    `SELECT ${foreignColumns} FROM information_schema.KEY_COLUMN_USAGE
     WHERE ${ours}${some('TABLE_NAME')} AND REFERENCED_TABLE_NAME IS NOT NULL
     ORDER BY TABLE_NAME, CONSTRAINT_NAME, ORDINAL_POSITION`,
  );

/** What each foreign key does on delete. */
async function readRules({ rows, some }: Reader): Promise<OnDelete> {
  const rules = await rows<RuleRow>(
    `SELECT TABLE_NAME AS owner, CONSTRAINT_NAME AS name, DELETE_RULE AS rule, UPDATE_RULE AS onUpdate
     FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = DATABASE()${some('TABLE_NAME')}`,
  );
  const ruleOf = new Map(rules.map(({ owner, name, ...rule }) => [JSON.stringify([owner, name]), rule]));
  return ({ owner, name }) => {
    const { rule, onUpdate } = ruleOf.get(JSON.stringify([owner, name])) ?? {};
    return { ...onDeleteOf(rule), rules: `${actionOf('UPDATE', onUpdate)}${actionOf('DELETE', rule)}` };
  };
}

/** MySQL does not say in CHECK_CONSTRAINTS which table a condition is on. */
async function readChecks({ rows, some }: Reader, isMariadb: boolean): Promise<CheckRow[]> {
  const checks = await rows<CheckRow>(
    isMariadb
      ? `SELECT TABLE_NAME AS owner, CONSTRAINT_NAME AS name, CHECK_CLAUSE AS clause
         FROM information_schema.CHECK_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = DATABASE()${some('TABLE_NAME')}
         ORDER BY TABLE_NAME, CONSTRAINT_NAME`
      : `SELECT t.TABLE_NAME AS owner, t.CONSTRAINT_NAME AS name, c.CHECK_CLAUSE AS clause
         FROM information_schema.TABLE_CONSTRAINTS t JOIN information_schema.CHECK_CONSTRAINTS c
           ON c.CONSTRAINT_SCHEMA = t.CONSTRAINT_SCHEMA AND c.CONSTRAINT_NAME = t.CONSTRAINT_NAME
         WHERE t.CONSTRAINT_SCHEMA = DATABASE()${some('t.TABLE_NAME')} ORDER BY t.TABLE_NAME, t.CONSTRAINT_NAME`,
  );
  return checks.map(({ clause, ...check }) => ({ ...check, clause: normalizeCheck(clause) }));
}

/** See `Dialect.introspect`. A database is what a schema is elsewhere: others are told of where they refer to this one. */
export async function introspect(
  executor: Executor,
  { isMariadb }: { readonly isMariadb: boolean },
  { tables }: { readonly tables?: readonly string[] } = {},
): Promise<Introspection> {
  if (tables?.length === 0) return { tables: new Map(), outside: [] };
  const reader: Reader = {
    rows: (sql) => rowsOf(executor, sql, tables),
    some: (column) => (tables === undefined ? '' : ` AND ${column} IN (${tables.map(() => '?').join(', ')})`),
  };
  const found = await reader.rows<{ name: string; kind: string }>(
    `SELECT TABLE_NAME AS name, TABLE_TYPE AS kind FROM information_schema.TABLES
     WHERE ${ours}${reader.some('TABLE_NAME')} AND TABLE_TYPE IN ('BASE TABLE', 'VIEW') ORDER BY TABLE_NAME`,
  );
  const columns = grouped(await readColumns(reader), ownerOf);
  const indexes = grouped(await readIndexes(reader), ownerOf);
  const foreign = await readForeign(reader);
  const inside = grouped(
    foreign.filter(({ targetSchema }) => targetSchema === null),
    ownerOf,
  );
  const onDelete = await readRules(reader);
  const checks = grouped(await readChecks(reader, isMariadb), ownerOf);
  const described = found.map(({ name, kind }): [string, IntrospectedTable] => {
    const own = columns.get(name) ?? [];
    const conditions = checks.get(name) ?? [];
    const constraints = [
      ...[...grouped(indexes.get(name) ?? [], nameOf).values()].map(indexOf),
      ...[...grouped(inside.get(name) ?? [], nameOf).values()].map((rows) => foreignKeyOf(rows, onDelete)),
      ...conditions
        // What makes a text JSON is part of its type.
        .filter(({ clause }) => !own.some((column) => clause === `json_valid(${column.name})`))
        .map((row) => checkOf(row, own)),
    ];
    const isJson = (column: string) => conditions.some(({ clause }) => clause === `json_valid(${column})`);
    const fields = own.map((row) => columnOf(row, isJson(row.name)));
    return [name, { name, kind: kind === 'VIEW' ? 'view' : 'table', columns: fields, constraints }];
  });
  const abroad = foreign.filter(({ targetSchema }) => targetSchema !== null);
  const outside =
    tables === undefined ? [...outsideReferences(abroad, onDelete), ...(await referencesFromElsewhere(executor))] : [];
  return { tables: new Map(described), outside };
}

const ownerOf = ({ owner }: { readonly owner: string }) => owner;
const nameOf = ({ name }: { readonly name: string }) => name;

function grouped<Row>(rows: readonly Row[], keyOf: (row: Row) => string): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const group = groups.get(keyOf(row));
    if (group === undefined) groups.set(keyOf(row), [row]);
    else group.push(row);
  }
  return groups;
}

/** Django's spelling of a type. What Django has as `char(32)` on older servers is a UUID as well. */
export function typeOf(type: string, isJson: boolean): string {
  if (isJson) return 'json';
  return type
    .toLowerCase()
    .replace(/^tinyint\(1\)$/, 'bool')
    .replace(/^(tiny|small|medium|big)?int(?:\(\d+\))?(?: (unsigned))?(?: zerofill)?$/, (_, size = '', unsigned) => {
      const name = size === '' ? 'integer' : `${size}int`;
      return unsigned === undefined ? name : `${name} unsigned`;
    })
    .replace(/^decimal\((\d+),(\d+)\)$/, 'numeric($1, $2)')
    .replace(/^double$/, 'double precision')
    .replace(/^char\(32\)$/, 'uuid');
}

function columnOf({ name, type, nullable, expression, extra }: ColumnRow, isJson: boolean): IntrospectedColumn {
  const generated = /auto_increment/i.test(extra);
  const computed = /\b(?:virtual|stored|persistent) generated\b|^(?:virtual|persistent)\b/i.test(extra);
  return {
    name,
    type: typeOf(type, isJson),
    null: nullable === 'YES',
    default: expression === null || expression === 'NULL' || computed ? undefined : expression,
    generated: generated || computed,
    ...(computed ? { computed: true } : {}),
    // Django has no field of one or three bytes, and takes them for one of four.
    ...(/^(?:tiny|medium)int\b.* unsigned/i.test(type) && !generated
      ? { field: { type: 'PositiveIntegerField' } }
      : {}),
  };
}

function indexOf(rows: readonly IndexRow[]): IntrospectedConstraint {
  const [first] = rows;
  if (first === undefined) throw new Error('A group of rows has one at least.');
  const columns = rows.flatMap(({ column }) => column ?? []);
  if (first.name === 'PRIMARY') return { name: first.name, kind: 'primary', columns };
  const isUnique = Number(first.nonUnique) === 0;
  const definition = indexDefinition(
    // By which the server tells long texts apart, of its own accord.
    isUnique && first.kind === 'HASH' ? 'BTREE' : first.kind,
    rows.map(({ column, direction, length }) => ({
      name: column,
      descending: direction === 'D',
      length: length === null ? undefined : String(length),
    })),
  );
  return {
    name: first.name,
    kind: isUnique ? 'unique' : 'index',
    columns,
    ...(definition === undefined ? {} : { definition }),
  };
}

interface IndexKey {
  readonly name: string | null;
  readonly descending: boolean;
  /** Of the part that is indexed. */
  readonly length?: string | undefined;
}

/** What makes an index more than the plain one over its columns, or undefined. */
export function indexDefinition(kind: string, keys: readonly IndexKey[]): string | undefined {
  const isPlain = keys.every(({ name, descending, length }) => name !== null && !descending && length === undefined);
  if (isPlain && kind === 'BTREE') return undefined;
  const parts = keys.map(
    ({ name, descending, length }) =>
      `${name ?? '?'}${length === undefined ? '' : `(${length})`}${descending ? ' DESC' : ''}`,
  );
  return `${kind === 'BTREE' ? '' : `USING ${kind} `}(${parts.join(', ')})`;
}

type OnDelete = (row: ForeignRow) => Pick<IntrospectedConstraint, 'onDelete' | 'rules'>;

/** Nothing for what is so without a word: the two mean the same there. */
const actionOf = (event: string, said = 'RESTRICT') =>
  /^(?:RESTRICT|NO ACTION)$/.test(said) ? '' : ` ON ${event} ${said}`;

function foreignKeyOf(rows: readonly ForeignRow[], onDelete: OnDelete): IntrospectedConstraint {
  const [first] = rows;
  return {
    name: first?.name,
    kind: 'foreign',
    columns: rows.map(({ column }) => column),
    references: { table: first?.target ?? '', columns: rows.map(({ targetColumn }) => targetColumn) },
    ...(first === undefined ? {} : onDelete(first)),
  };
}

const deleteActions: readonly DeleteAction[] = ['cascade', 'set null', 'set default'];

function onDeleteOf(said = ''): { readonly onDelete?: DeleteAction } {
  const onDelete = deleteActions.find((action) => action === said.toLowerCase());
  return onDelete === undefined ? {} : { onDelete };
}

/** References from one database to another. */
function outsideReferences(rows: readonly ForeignRow[], onDelete: OnDelete): OutsideReference[] {
  const groups = grouped(rows, ({ schema, owner, name }) => JSON.stringify([schema, owner, name]));
  return [...groups.values()].flatMap((columns) => {
    const [first] = columns;
    if (first === undefined) return [];
    const { schema, owner, targetSchema, target } = first;
    return {
      schema,
      table: owner,
      columns: columns.map(({ column }) => column),
      references: {
        ...(targetSchema === null ? {} : { schema: targetSchema }),
        table: target,
        columns: columns.map(({ targetColumn }) => targetColumn),
      },
      onDelete: onDelete(first).onDelete,
    };
  });
}

/** Those of tables in other databases that this user may see. */
async function referencesFromElsewhere(executor: Executor): Promise<OutsideReference[]> {
  const rows = await rowsOf<ForeignRow>(
    executor,
    `SELECT ${foreignColumns} FROM information_schema.KEY_COLUMN_USAGE
     WHERE REFERENCED_TABLE_SCHEMA = DATABASE() AND NOT ${ours}
     ORDER BY TABLE_SCHEMA, TABLE_NAME, CONSTRAINT_NAME, ORDINAL_POSITION`,
  );
  if (rows.length === 0) return [];
  const rules = await rowsOf<Omit<RuleRow, 'onUpdate'> & { readonly schema: string }>(
    executor,
    `SELECT CONSTRAINT_SCHEMA AS \`schema\`, TABLE_NAME AS owner, CONSTRAINT_NAME AS name, DELETE_RULE AS rule
     FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE CONSTRAINT_SCHEMA IN (${rows.map(() => '?').join(', ')})`,
    rows.map(({ schema }) => schema),
  );
  return outsideReferences(rows, ({ schema, owner, name }) =>
    onDeleteOf(rules.find((each) => each.schema === schema && each.owner === owner && each.name === name)?.rule),
  );
}

/** The condition of a check, without brackets around the whole and quotes around plain names. */
export function normalizeCheck(clause: string): string {
  return clause
    .replace(/^\((.*)\)$/s, '$1')
    .replace(/[`"]([A-Za-z_][A-Za-z0-9_]*)[`"]/g, '$1')
    .replace(/^JSON_VALID\b/, 'json_valid')
    .trim();
}

function checkOf({ name, clause }: CheckRow, columns: readonly ColumnRow[]): IntrospectedConstraint {
  const named = columns.filter((column) =>
    new RegExp(`(?<![\\w$])${column.name.replace(/\W/g, '.')}(?![\\w$])`).test(clause),
  );
  return { name, kind: 'check', columns: named.map((column) => column.name), definition: clause };
}
