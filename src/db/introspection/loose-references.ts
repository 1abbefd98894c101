import type { Connection, Executor } from '../connect/connection.js';
import { sqlAsIs } from '../dialect/sql-as-is.js';
import type { IntrospectedTable, LooseReference } from './introspection.js';
import { primaryKeyOf } from './models.js';
import { isHistory, isLinkHistory } from './names.js';

/** What a table is the model of, as far as names go. */
interface TableName {
  readonly app: string;
  readonly name: string;
}

type Tables = ReadonlyMap<string, IntrospectedTable>;

/** What columns are called that say who did something, or whose a row is. */
const ofUser = /(?:^|_)(?:user|owner|author|actor|creator|editor|assignee|sender|recipient)$|_by$/;

const plain = (name: string) => name.toLowerCase().replaceAll('_', '');

/** Types of which the values of one column can be those of another. */
function kindOf(table: IntrospectedTable, column: string): string | undefined {
  const type = table.columns.find(({ name }) => name === column)?.type.toLowerCase();
  if (type === undefined) return undefined;
  if (/^(?:tiny|small|medium|big)?(?:int\d*|integer|serial)\b/.test(type)) return 'integer';
  return /^(?:varchar|character varying|text)\b/.test(type) ? 'text' : type;
}

/** The table of the accounts: what the admin's log refers to, Django's own, or the one that has passwords. */
function accountsOf(tables: Tables): string | undefined {
  const logged = tables
    .get('django_admin_log')
    ?.constraints.find(({ columns, references }) => columns[0] === 'user_id' && references !== undefined);
  if (logged?.references !== undefined) return logged.references.table;
  if (tables.has('auth_user')) return 'auth_user';
  const has = ({ columns }: IntrospectedTable, wanted: string) => columns.some(({ name }) => name === wanted);
  const [only, ...more] = [...tables.values()].filter((each) => has(each, 'password') && has(each, 'last_login'));
  return more.length === 0 ? only?.name : undefined;
}

/** Finds the table of a model by its name: the one of the same app, or the only one. */
type TableFinder = (word: string, app: string | undefined) => string | undefined;

function tableFinder(names: ReadonlyMap<string, TableName>): TableFinder {
  const byModel = new Map<string, string[]>();
  for (const [table, { name }] of names) byModel.set(plain(name), [...(byModel.get(plain(name)) ?? []), table]);
  return (word, app) => {
    const all = byModel.get(plain(word)) ?? [];
    const [own] = all.filter((table) => names.get(table)?.app === app);
    return own ?? (all.length === 1 ? all[0] : undefined);
  };
}

/** The table that a history is of, by the name of its model. */
function originalOf(table: string, names: ReadonlyMap<string, TableName>, named: TableFinder): string | undefined {
  const { app, name = '' } = names.get(table) ?? {};
  const base = /^historical(.+)$/i.exec(name)?.[1];
  return base === undefined ? undefined : named(base, app);
}

const columnsOf = ({ columns }: IntrospectedTable) => columns.map(({ name }) => name);

/** The history whose rows these are the links of: its name is the beginning of this one's, `historicalbook_tags`. */
function linkedHistoryOf(table: string, tables: Tables, names: ReadonlyMap<string, TableName>): string | undefined {
  const links = tables.get(table);
  const own = names.get(table);
  if (links === undefined || own === undefined || !isLinkHistory(columnsOf(links))) return undefined;
  const histories = [...tables.values()].filter(
    (each) => names.get(each.name)?.app === own.app && isHistory(columnsOf(each)),
  );
  const nameOf = ({ name }: IntrospectedTable) => names.get(name)?.name.toLowerCase() ?? '';
  const fits = histories.filter((each) => own.name.toLowerCase().startsWith(nameOf(each)));
  const [longest] = fits.sort((a, b) => nameOf(b).length - nameOf(a).length);
  return longest?.name ?? (histories.length === 1 ? histories[0]?.name : undefined);
}

/** The columns that hold copies of the keys of other tables' rows in their histories, where the key has one column. */
export function findCopiedKeys(tables: Tables, names: ReadonlyMap<string, TableName>): LooseReference[] {
  const named = tableFinder(names);
  return [...tables.values()].flatMap((table): LooseReference[] => {
    const original = tables.get(isHistory(columnsOf(table)) ? (originalOf(table.name, names, named) ?? '') : '');
    const [toColumn, ...more] = original === undefined ? [] : primaryKeyOf(original);
    if (original === undefined || toColumn === undefined || more.length > 0) return [];
    if (!columnsOf(table).includes(toColumn)) return [];
    return [{ table: table.name, column: toColumn, to: original.name, toColumn }];
  });
}

/** Finds the table that a column refers to by its name: `user_id`, `owner_id`, or what the table has that a history is of. */
function targetFinder(tables: Tables, names: ReadonlyMap<string, TableName>) {
  const accounts = accountsOf(tables);
  const named = tableFinder(names);
  /** What the same column refers to in the table that a history is of. */
  const inHistory = (table: string, column: string): string | undefined =>
    tables
      .get(originalOf(table, names, named) ?? '')
      ?.constraints.find(({ columns, references }) => columns.join() === column && references !== undefined)?.references
      ?.table;
  return (table: string, column: string): string | undefined => {
    const stem = column.slice(0, -'_id'.length);
    const app = names.get(table)?.app;
    const found =
      (column === 'history_id' ? linkedHistoryOf(table, tables, names) : undefined) ??
      inHistory(table, column) ??
      named(stem, app) ??
      (ofUser.test(stem) ? accounts : undefined);
    if (found !== undefined) return found;
    return stem.includes('_') ? named(stem.slice(stem.lastIndexOf('_') + 1), app) : undefined;
  };
}

/** The columns of models' tables that are called `…_id` and have an index, and no constraint. */
function* looseColumns(tables: Tables, names: ReadonlyMap<string, TableName>) {
  for (const table of tables.values()) {
    if (table.kind !== 'table' || !names.has(table.name)) continue;
    for (const { name: column, computed, generated } of table.columns) {
      // A key that the database makes is nobody else's.
      if (computed || generated || !/.._id$/.test(column)) continue;
      if (isIndexed(table, column) && !isReference(table, column)) yield { table, column };
    }
  }
}

/**
 * Finds the columns that are called like references, have an index and the type of the key that they would refer to, and no
 * constraint: Django's `db_constraint=False`.
 */
export function findLooseReferences(tables: Tables, names: ReadonlyMap<string, TableName>): LooseReference[] {
  const targetOf = targetFinder(tables, names);
  return [...looseColumns(tables, names)].flatMap(({ table, column }): LooseReference[] => {
    const to = tables.get(targetOf(table.name, column) ?? '');
    const [toColumn, ...more] = to === undefined ? [] : primaryKeyOf(to);
    if (to?.kind !== 'table' || toColumn === undefined || more.length > 0) return [];
    // `customer_id`, the key of `customer`.
    if (to === table && toColumn === column) return [];
    if (kindOf(table, column) !== kindOf(to, toColumn)) return [];
    return [{ table: table.name, column, to: to.name, toColumn }];
  });
}

/** Finds the columns that are called like references, have an index and hold keys, of which nothing says to what they refer. */
export function findUnknownReferences(
  tables: Tables,
  names: ReadonlyMap<string, TableName>,
): { readonly table: string; readonly column: string }[] {
  const targetOf = targetFinder(tables, names);
  return [...looseColumns(tables, names)].flatMap(({ table, column }) => {
    if (targetOf(table.name, column) !== undefined || primaryKeyOf(table).join() === column) return [];
    return /^(?:integer|uuid|char\(32\))$/.test(kindOf(table, column) ?? '') ? [{ table: table.name, column }] : [];
  });
}

const isIndexed = ({ constraints }: IntrospectedTable, column: string) =>
  constraints.some(
    ({ kind, columns, definition }) =>
      ['index', 'unique', 'primary'].includes(kind) && columns[0] === column && !/\bWHERE\b/i.test(definition ?? ''),
  );

const isReference = ({ constraints }: IntrospectedTable, column: string) =>
  constraints.some(({ columns, references }) => references !== undefined && columns.includes(column));

/** Whether a row of these refers to nothing; with `most`, of no more than so many rows. */
export async function isDangling(
  { dialect }: Pick<Connection, 'dialect'>,
  executor: Executor,
  { table, column, to, toColumn }: LooseReference,
  { most }: { readonly most?: number } = {},
): Promise<boolean> {
  const quote = (name: string) => dialect.quoteName(name);
  const limit = most === undefined ? '' : ` LIMIT ${most}`;
  const rows: unknown[] = await executor
    .select(executor.raw('1'))
    .fromRaw(
      sqlAsIs(
        `(SELECT ${quote(column)} AS v FROM ${quote(table)} WHERE ${quote(column)} IS NOT NULL${limit}) found ` +
          `WHERE NOT EXISTS (SELECT 1 FROM ${quote(to)} t WHERE t.${quote(toColumn)} = found.v)`,
      ),
    )
    .limit(1);
  return rows.length > 0;
}
