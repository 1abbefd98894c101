import { CommandError } from '../../errors.js';
import { findModel } from '../../registry/define.js';
import type { Model, Registry } from '../../registry/types.js';
import type { KnexClient } from '../connect/client.js';
import type { Connection, Executor } from '../connect/connection.js';
import { wholeName } from '../connect/names.js';
import type { TablePlace } from '../write/truncate.js';
import type { DeleteAction, IntrospectedTable, ShadowedTable } from './introspection.js';

/** Columns of a table that refer to another one, as the database itself enforces it. */
export interface Reference {
  readonly from: string;
  readonly columns: readonly string[];
  readonly to: string;
  /** Columns of `to`; none where the engine does not say, which means its key. */
  readonly toColumns: readonly string[];
  /** What it does with the rows when those that they refer to go, where it does not refuse. */
  readonly onDelete?: DeleteAction;
  /** Whether its rows are rows of the other table, too: they go with them. `columns` is a column that both have then. */
  readonly inherits?: true;
}

/** Tables that are there, and how they refer to each other. */
export interface TableMap {
  readonly names: ReadonlySet<string>;
  readonly references: readonly Reference[];
  /** Where those of `references` are that cannot be named without a schema, by the names that they have there. */
  readonly outside: ReadonlyMap<string, TablePlace>;
  /** Tables that a module of the engine looks after: they are none of `names`, nor is what they are made of. */
  readonly virtual: readonly string[];
  /** Tables whose names lead to another schema than the references to them do. */
  readonly shadowed: readonly ShadowedTable[];
  /** Columns that may be NULL, by table. */
  readonly nullable: ReadonlyMap<string, ReadonlySet<string>>;
  /** Tables with rows that may refer to others of the same table. */
  readonly selfReferring: ReadonlySet<string>;
  /** Column of each table whose values the database makes. */
  readonly generatedKeys: ReadonlyMap<string, string>;
}

/** Where the engine does not say it, what several columns refer to is the key of the table: that is never guessed. */
function referredColumns(
  columns: readonly string[],
  referred: readonly string[],
  target: IntrospectedTable | undefined,
): readonly string[] {
  if (columns.length === 1 || referred.length > 0) return referred;
  return target?.constraints.find(({ kind }) => kind === 'primary')?.columns ?? [];
}

/** Reads which tables there are and how they refer to each other; references to themselves are left out. */
export async function readTableMap({ dialect }: Pick<Connection, 'dialect'>, executor: Executor): Promise<TableMap> {
  const { tables, outside, shadowed = [] } = await dialect.introspect(executor);
  const all = [...tables.values()].filter(({ kind }) => kind === 'table');
  return {
    names: new Set(all.map(({ name }) => name)),
    references: [
      ...all.flatMap(({ name, constraints }) =>
        constraints.flatMap(({ columns, references, onDelete }) =>
          references === undefined || references.table === name
            ? []
            : [
                {
                  from: name,
                  columns,
                  to: references.table,
                  toColumns: referredColumns(columns, references.columns, tables.get(references.table)),
                  ...(onDelete && { onDelete }),
                },
              ],
        ),
      ),
      ...all.flatMap(({ name, inherits = [] }) =>
        inherits.map((to) => {
          const columns = (tables.get(to)?.columns ?? []).slice(0, 1).map((column) => column.name);
          return { from: name, columns, to, toColumns: columns, inherits: true as const };
        }),
      ),
      ...outside
        .map(
          ({ schema, table, columns, references: { schema: toSchema, table: to, columns: toColumns }, onDelete }) => ({
            ...(onDelete && { onDelete }),
            from: `${schema}.${table}`,
            columns,
            to: toSchema === undefined ? to : `${toSchema}.${to}`,
            toColumns,
          }),
        )
        .filter(({ from, to }) => from !== to),
    ],
    selfReferring: new Set(
      all
        .filter(({ name, constraints }) => constraints.some(({ references }) => references?.table === name))
        .map(({ name }) => name),
    ),
    outside: new Map(outside.map(({ schema, table }) => [`${schema}.${table}`, { schema, name: table }])),
    virtual: [...tables.values()].filter(({ kind }) => kind === 'virtual').map(({ name }) => name),
    shadowed,
    nullable: new Map(
      all.map(({ name, columns }) => [name, new Set(columns.filter((each) => each.null).map((each) => each.name))]),
    ),
    generatedKeys: new Map(
      all.flatMap(({ name, columns, constraints }) => {
        const key = constraints.find(({ kind }) => kind === 'primary')?.columns;
        const column = columns.find(({ generated, name: each }) => generated && key?.length === 1 && key[0] === each);
        return column === undefined ? [] : [[name, column.name] as const];
      }),
    ),
  };
}

/**
 * Makes sure that the names of tables which are to be emptied or dropped lead to those that others of the database refer to.
 *
 * @throws CommandError that names both, where the search path finds another one first.
 */
export function assertNotShadowed({ shadowed }: TableMap, tables: readonly string[]): void {
  const first = shadowed.find(({ table }) => tables.includes(table));
  if (first === undefined) return;
  const { table, found, meant, by } = first;
  throw new CommandError(
    `The search path finds '${found}.${table}', and '${by}' refers to '${meant}.${table}': the table is ambiguous.`,
    {
      code: 'shadowed_table',
      hint: `Nothing was changed. Name the schema in the database URL, such as ?schema=${meant}, or put it first in search_path.`,
    },
  );
}

/** Virtual tables that somebody may take for tables of these models, by their names. */
export const virtualTablesOf = ({ virtual }: TableMap, models: readonly Model[]): string[] =>
  virtual.filter((name) => models.some(({ app, table }) => name.startsWith(`${app}_`) || name.startsWith(table)));

/** Tables of these models and of their many-to-many relations, in the order of the models; unmanaged ones have none. */
export function tablesOfModels(models: readonly Model[]): string[] {
  return models
    .filter(({ managed }) => managed)
    .flatMap(({ table, manyToMany }) => [
      table,
      ...manyToMany.filter(({ through }) => through === undefined).map((relation) => relation.table),
    ]);
}

/** `tables` so that each stands before those that it refers to, as far as they are no circle; else in their order. */
export function dependentsFirst(tables: readonly string[], references: readonly Reference[]): string[] {
  const wanted = new Set(tables);
  const done = new Set<string>();
  const visit = (table: string) => {
    if (done.has(table) || !wanted.has(table)) return;
    done.add(table);
    for (const { from, to } of references) if (to === table) visit(from);
    ordered.push(table);
  };
  const ordered: string[] = [];
  for (const table of tables) visit(table);
  return ordered;
}

/** The table of the model with this label, if it is known and there. */
export function tableOf(registry: Registry, label: string, { names }: TableMap): string | undefined {
  const table = findModel(registry, label)?.table;
  return table !== undefined && names.has(table) ? table : undefined;
}

/** A table to query, whatever its name: Knex takes a name with a dot or ` as ` apart. */
export function tableNamed(executor: Executor, name: string, place?: TablePlace): ReturnType<Executor['raw']> {
  const client: KnexClient = executor.client;
  const parts = place === undefined ? [name] : [place.schema, place.name];
  return executor.raw(parts.map((part) => wholeName(part, (text) => client.wrapIdentifierImpl(text))).join('.'));
}
