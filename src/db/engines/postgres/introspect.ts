import { plainRows } from '../../connect/client.js';
import type { Executor } from '../../connect/connection.js';
import type {
  DeleteAction,
  IntrospectedColumn,
  IntrospectedConstraint,
  IntrospectedTable,
  Introspection,
  OutsideReference,
  ShadowedTable,
} from '../../introspection/introspection.js';
import { fieldOfType, readTypes, type Types } from './types.js';

interface TableRow {
  readonly oid: string;
  readonly name: string;
  readonly kind: string;
  readonly partition: boolean;
  /** JSON: the tables that a table which is no partition inherits from. */
  readonly parents: string | null;
}

interface ColumnRow {
  readonly oid: string;
  readonly name: string;
  readonly type: string;
  readonly typeOid: string;
  readonly modifier: number;
  readonly dimensions: number;
  readonly notnull: boolean;
  readonly expression: string | null;
  readonly identity: string;
  readonly generated: string;
}

interface ConstraintRow {
  readonly oid: string;
  readonly name: string;
  readonly kind: 'p' | 'u' | 'f' | 'c';
  readonly columns: string;
  readonly target: string | null;
  readonly targets: string | null;
  readonly deferred: boolean;
  readonly on_delete: string;
  readonly on_update: string;
  readonly full: boolean;
  readonly deferrable: boolean;
  readonly definition: string;
}

interface IndexRow {
  readonly oid: string;
  readonly name: string;
  readonly unique: boolean;
  readonly method: string;
  /** JSON: name (null for an expression), operator class where it is not the default one, order, text. */
  readonly keys: string;
  readonly predicate: string | null;
}

interface IndexKey {
  readonly name: string | null;
  readonly opclass: string | null;
  readonly descending: boolean;
  readonly text: string;
}

const visible = `pg_catalog.pg_table_is_visible(c.oid) AND c.relnamespace NOT IN
  (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname IN ('pg_catalog', 'information_schema'))`;

/** Names of tables that this connection sees without naming a schema, without partitions and those of the server itself. */
export async function tableNames(executor: Executor): Promise<string[]> {
  const rows = await plainRows<{ relname: string }>(
    executor,
    `SELECT c.relname FROM pg_catalog.pg_class c WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND ${visible} ORDER BY c.relname`,
  );
  return rows.map(({ relname }) => relname);
}

/** See `Dialect.relationNames`. */
export async function relationNames(executor: Executor): Promise<string[]> {
  const rows = await plainRows<{ relname: string }>(
    executor,
    `SELECT DISTINCT c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg!_%' ESCAPE '!'
     ORDER BY c.relname`,
  );
  return rows.map(({ relname }) => relname);
}

async function rowsOf<T>(executor: Executor, sql: string, bindings: readonly string[] = []): Promise<T[]> {
  const { rows } = await executor.raw<{ rows: T[] }>(sql, [...bindings]);
  return rows;
}

const columnsSql = `
  SELECT a.attrelid AS oid, a.attname AS name, pg_catalog.format_type(a.atttypid, a.atttypmod) AS type,
    a.atttypid::text AS "typeOid", a.atttypmod AS modifier, a.attndims::int AS dimensions, a.attnotnull AS notnull, pg_catalog.pg_get_expr(d.adbin, d.adrelid) AS expression,
    a.attidentity AS identity, a.attgenerated AS generated
  FROM pg_catalog.pg_attribute a
  LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  WHERE a.attnum > 0 AND NOT a.attisdropped AND a.attrelid::text IN (SELECT json_array_elements_text(?::json))
  ORDER BY a.attrelid, a.attnum`;

const namesOf = (key: string, table: string) => `
  (SELECT json_agg(a.attname ORDER BY k.ord) FROM unnest(${key}) WITH ORDINALITY k(num, ord)
   JOIN pg_catalog.pg_attribute a ON a.attrelid = ${table} AND a.attnum = k.num)`;

// NOT NULL stands in this catalogue since PostgreSQL 18; the columns say it in every version.
const constraintsSql = `
  SELECT c.conrelid AS oid, c.conname AS name, c.contype AS kind, ${namesOf('c.conkey', 'c.conrelid')} AS columns,
    t.relname AS target, ${namesOf('c.confkey', 'c.confrelid')} AS targets,
    c.condeferrable AND c.condeferred AS deferred, c.confdeltype AS on_delete,
    c.confupdtype AS on_update, c.confmatchtype = 'f' AS full, c.condeferrable AS deferrable, pg_catalog.pg_get_constraintdef(c.oid, true) AS definition
  FROM pg_catalog.pg_constraint c LEFT JOIN pg_catalog.pg_class t ON t.oid = c.confrelid
  WHERE c.contype IN ('p', 'u', 'f', 'c') AND c.conrelid::text IN (SELECT json_array_elements_text(?::json))
  ORDER BY c.conrelid, c.contype = 'p' DESC, c.conname`;

const indexesSql = `
  SELECT i.indrelid AS oid, r.relname AS name, i.indisunique AS unique, m.amname AS method,
    (SELECT json_agg(json_build_object('name', a.attname, 'opclass', CASE WHEN o.opcdefault THEN NULL ELSE o.opcname END,
       'descending', (i.indoption[k.ord - 1] & 1) = 1, 'text', pg_catalog.pg_get_indexdef(i.indexrelid, k.ord::int, true))
       ORDER BY k.ord)
     FROM unnest(i.indkey) WITH ORDINALITY k(num, ord)
     JOIN pg_catalog.pg_opclass o ON o.oid = i.indclass[k.ord - 1]
     LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.num AND k.num > 0
     WHERE k.ord <= i.indnkeyatts) AS keys,
    pg_catalog.pg_get_expr(i.indpred, i.indrelid, true) AS predicate
  FROM pg_catalog.pg_index i
  JOIN pg_catalog.pg_class r ON r.oid = i.indexrelid JOIN pg_catalog.pg_am m ON m.oid = r.relam
  WHERE i.indisvalid AND i.indrelid::text IN (SELECT json_array_elements_text(?::json))
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint c WHERE c.conindid = i.indexrelid AND c.contype IN ('p', 'u', 'x'))
  ORDER BY i.indrelid, r.relname`;

/** See `Dialect.introspect`. */
export async function introspect(
  executor: Executor,
  { tables }: { readonly tables?: readonly string[] } = {},
): Promise<Introspection> {
  const some = tables === undefined ? '' : 'AND c.relname IN (SELECT json_array_elements_text(?::json))';
  const found = await rowsOf<TableRow>(
    executor,
    `SELECT c.oid, c.relname AS name, c.relkind AS kind, c.relispartition AS partition,
       (SELECT json_agg(p.relname ORDER BY i.inhseqno) FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class p ON p.oid = i.inhparent
        WHERE i.inhrelid = c.oid AND c.relkind = 'r' AND NOT c.relispartition) AS parents
     FROM pg_catalog.pg_class c
     WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm') AND ${visible} ${some} ORDER BY c.relname`,
    tables === undefined ? [] : [JSON.stringify(tables)],
  );
  if (found.length === 0) return { tables: new Map(), outside: [] };
  const oids = [JSON.stringify(found.map(({ oid }) => String(oid)))];
  const columnRows = await rowsOf<ColumnRow>(executor, columnsSql, oids);
  const columns = grouped(columnRows);
  const types = await readTypes(
    executor,
    columnRows.map(({ typeOid }) => typeOid),
  );
  const constraints = grouped(await rowsOf<ConstraintRow>(executor, constraintsSql, oids));
  const indexes = grouped(await rowsOf<IndexRow>(executor, indexesSql, oids));
  return {
    outside: tables === undefined ? await outsideReferences(executor, oids) : [],
    ...(tables === undefined ? { elsewhere: await tablesElsewhere(executor) } : {}),
    ...(tables === undefined ? { shadowed: await rowsOf<ShadowedTable>(executor, shadowedSql, oids) } : {}),
    tables: new Map(
      found.map(({ oid, name, kind, partition, parents }): [string, IntrospectedTable] => [
        name,
        {
          name,
          kind: kind === 'v' || kind === 'm' ? 'view' : partition ? 'partition' : 'table',
          columns: (columns.get(String(oid)) ?? []).map((row) => columnOf(row, types)),
          constraints: [
            ...(constraints.get(String(oid)) ?? []).map(constraintOf),
            ...(indexes.get(String(oid)) ?? []).map(indexOf),
          ],
          ...(parents === null ? {} : { inherits: namesIn(parents) }),
        },
      ]),
    ),
  };
}

/** Tables of schemas that are not in the search path, without those of the server and of extensions. */
async function tablesElsewhere(executor: Executor): Promise<string[]> {
  const rows = await rowsOf<{ name: string }>(
    executor,
    `SELECT n.nspname || '.' || c.relname AS name FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p', 'f') AND NOT c.relispartition AND NOT pg_catalog.pg_table_is_visible(c.oid)
       AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
     ORDER BY n.nspname, c.relname`,
  );
  return rows.map(({ name }) => name);
}

const outsideSql = `
  SELECT n.nspname AS schema, r.relname AS table, ${namesOf('c.conkey', 'c.conrelid')} AS columns,
    CASE WHEN pg_catalog.pg_table_is_visible(t.oid) THEN NULL ELSE tn.nspname END AS "targetSchema", t.relname AS target,
    ${namesOf('c.confkey', 'c.confrelid')} AS targets, c.confdeltype AS on_delete
  FROM pg_catalog.pg_constraint c
  JOIN pg_catalog.pg_class r ON r.oid = c.conrelid JOIN pg_catalog.pg_namespace n ON n.oid = r.relnamespace
  JOIN pg_catalog.pg_class t ON t.oid = c.confrelid JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace
  WHERE c.contype = 'f' AND NOT r.relispartition AND NOT t.relispartition
    AND c.conrelid::text NOT IN (SELECT json_array_elements_text(?::json))
  ORDER BY n.nspname, r.relname, c.conname`;

const shadowedSql = `
  SELECT t.relname AS table, seen.nspname AS found, tn.nspname AS meant, r.relname AS by
  FROM pg_catalog.pg_constraint c
  JOIN pg_catalog.pg_class r ON r.oid = c.conrelid
  JOIN pg_catalog.pg_class t ON t.oid = c.confrelid JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace
  JOIN pg_catalog.pg_class s ON s.relname = t.relname AND s.relkind IN ('r', 'p', 'f', 'v', 'm')
    AND pg_catalog.pg_table_is_visible(s.oid) AND s.oid <> t.oid
  JOIN pg_catalog.pg_namespace seen ON seen.oid = s.relnamespace
  WHERE c.contype = 'f' AND NOT r.relispartition AND c.conrelid::text IN (SELECT json_array_elements_text(?::json))
  ORDER BY t.relname, r.relname`;

interface OutsideRow {
  readonly schema: string;
  readonly table: string;
  readonly columns: string;
  readonly targetSchema: string | null;
  readonly target: string;
  readonly targets: string;
  readonly on_delete: string;
}

/** References of tables in schemas that are not in the search path. */
async function outsideReferences(executor: Executor, seen: readonly string[]): Promise<OutsideReference[]> {
  const rows = await rowsOf<OutsideRow>(executor, outsideSql, seen);
  return rows.map(({ schema, table, columns, targetSchema, target, targets, on_delete }) => ({
    schema,
    table,
    columns: namesIn(columns),
    references: {
      ...(targetSchema === null ? {} : { schema: targetSchema }),
      table: target,
      columns: namesIn(targets),
    },
    ...onDeleteOf(on_delete),
  }));
}

function grouped<T extends { readonly oid: string }>(rows: readonly T[]): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const group = groups.get(String(row.oid));
    if (group === undefined) groups.set(String(row.oid), [row]);
    else group.push(row);
  }
  return groups;
}

/** Django's spelling of a type, which is shorter than the server's. */
const typeOf = (type: string) =>
  type
    .replace(/^character varying\b/, 'varchar')
    .replace(/^time without time zone(?=$|\[)/, 'time')
    .replace(/^(numeric\(\d+),(\d+\))/, '$1, $2');

function columnOf(row: ColumnRow, types: Types): IntrospectedColumn {
  const { name, type, notnull, expression, identity, generated } = row;
  const serial = expression?.startsWith('nextval(') ?? false;
  const field = fieldOfType(types, row.typeOid, row);
  // A type that stays the server's own keeps its size, such as that of bit(5); a domain is what it is made of.
  const isOwn = field.type === 'OtherField' && types.get(row.typeOid)?.kind !== 'd';
  return {
    name,
    type: typeOf(type),
    field: isOwn ? { ...field, dbType: type } : field,
    null: !notnull,
    default: serial || generated !== '' ? undefined : (expression ?? undefined),
    generated: identity !== '' || generated !== '' || serial,
    ...(generated === '' ? {} : { computed: true }),
  };
}

/** By `pg_constraint.confdeltype`. */
const deleteActions: Readonly<Record<string, DeleteAction>> = { c: 'cascade', n: 'set null', d: 'set default' };

function onDeleteOf(said: string): { readonly onDelete?: DeleteAction } {
  const onDelete = deleteActions[said];
  return onDelete === undefined ? {} : { onDelete };
}

/** By `pg_constraint.confdeltype` and `confupdtype`; nothing for what is so without a word. */
const actions: Readonly<Record<string, string>> = { ...deleteActions, r: 'restrict' };

function rulesOf({ full, on_update, on_delete, deferrable, deferred }: ConstraintRow): string {
  const action = (event: string, said: string) =>
    actions[said] === undefined ? '' : ` ON ${event} ${actions[said].toUpperCase()}`;
  const time = deferred ? ' DEFERRABLE INITIALLY DEFERRED' : deferrable ? ' DEFERRABLE' : '';
  return `${full ? ' MATCH FULL' : ''}${action('UPDATE', on_update)}${action('DELETE', on_delete)}${time}`;
}

const kinds = { p: 'primary', u: 'unique', f: 'foreign', c: 'check' } as const;
const namesIn = (json: string | null): string[] => (json === null ? [] : JSON.parse(json));

function constraintOf(row: ConstraintRow): IntrospectedConstraint {
  const kind = kinds[row.kind];
  return {
    name: row.name,
    kind,
    columns: namesIn(row.columns),
    ...(row.target === null
      ? {}
      : {
          references: { table: row.target, columns: namesIn(row.targets) },
          ...onDeleteOf(row.on_delete),
          rules: rulesOf(row),
          deferred: row.deferred,
        }),
    ...(kind === 'check' ? { definition: normalizeCheck(row.definition) } : {}),
  };
}

/** The condition of a check, without brackets around the whole, quotes around plain names, or casts of literals. */
export function normalizeCheck(definition: string): string {
  return definition
    .replace(/^CHECK \((.*)\)( NOT VALID)?$/s, '$1')
    .replace(/"([a-z_][a-z0-9_]*)"/g, '$1')
    .trim();
}

function indexOf({ name, unique, method, keys, predicate }: IndexRow): IntrospectedConstraint {
  const parsed: IndexKey[] = JSON.parse(keys);
  const definition = indexDefinition(method, parsed, predicate ?? undefined);
  return {
    name,
    kind: unique ? 'unique' : 'index',
    columns: parsed.flatMap((key) => (key.name === null ? [] : [key.name])),
    ...(definition === undefined ? {} : { definition }),
  };
}

/** What makes an index more than the plain one over its columns, or undefined. */
export function indexDefinition(
  method: string,
  keys: readonly IndexKey[],
  predicate: string | undefined,
): string | undefined {
  const special = keys.some(({ name, opclass, descending }) => name === null || opclass !== null || descending);
  if (!special && method === 'btree' && predicate === undefined) return undefined;
  const parts = keys.map(({ name, opclass, descending, text }) =>
    [name ?? text, opclass, descending ? 'DESC' : null].filter((part) => part !== null).join(' '),
  );
  return [
    ...(method === 'btree' ? [] : [`USING ${method}`]),
    `(${parts.join(', ')})`,
    ...(predicate === undefined ? [] : [`WHERE ${predicate}`]),
  ].join(' ');
}
