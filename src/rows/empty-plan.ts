import type { DbContext, Executor } from '../db/connect/connection.js';
import {
  assertNotShadowed,
  dependentsFirst,
  type Reference,
  readTableMap,
  type TableMap,
  tableNamed,
  tableOf,
  tablesOfModels,
  virtualTablesOf,
} from '../db/introspection/table-map.js';
import { unknownApps } from '../db/introspection/unknown-apps.js';
import type { EmptiedTable } from '../db/write/truncate.js';
import { CommandError } from '../errors.js';
import { modelsOf } from '../registry/models-of.js';
import { keptContentTypes, keptPermissions, keptSuperusers } from './preserved-rows.js';

export interface EmptyOptions {
  /** Apps and models to empty (`auth`, `auth.User`); none stands for all that the registry has. */
  readonly labels?: readonly string[];
  /** Goes on where tables that are not among them refer to them, and empties those too. */
  readonly cascade?: boolean;
  /** Leaves the accounts of superusers, without their groups, permissions and sessions. */
  readonly keepSuperusers?: boolean;
}

/** What would be emptied. */
export interface EmptyPlan {
  /** Rows that refer to others go first. */
  readonly tables: readonly EmptiedTable[];
  /** Tables that are only emptied because they refer to others. */
  readonly cascaded: readonly string[];
  /** Apps that have rows here and that the registry does not have: their content types and permissions stay. */
  readonly unknownApps: readonly string[];
  /**
   * Tables of content types and permissions that stay as they are though they are meant: the models were read from the
   * database, which alone knows what stands in these, so that nobody could make it again.
   */
  readonly untouched: readonly string[];
  /** Virtual tables that stay as they are: only their module empties them. */
  readonly virtual: readonly string[];
}

/**
 * Works out which tables to empty, and in which order.
 *
 * @throws CommandError for unknown labels, and without `cascade` where tables that would stay refer to what would go.
 */
export async function planEmptying(
  connection: DbContext,
  executor: Executor,
  { labels = [], cascade = false, keepSuperusers = false }: EmptyOptions = {},
): Promise<EmptyPlan> {
  const { registry, dialect } = connection;
  const map = await readTableMap(connection, executor);
  const models = labels.length === 0 ? registry.models : modelsOf(registry, labels);
  const wanted = tablesOfModels(models);
  const types = [tableOf(registry, 'contenttypes.contenttype', map), tableOf(registry, 'auth.permission', map)];
  const meant = [...new Set(wanted)].filter((table) => map.names.has(table));
  const untouched = registry.guessed === undefined ? [] : meant.filter((table) => types.includes(table));
  const named = meant.filter((table) => !untouched.includes(table));
  assertNotShadowed(map, named);
  const unknown = await unknownApps(connection, executor, map.names);

  const known = new Set(tablesOfModels(registry.models));
  const blocking =
    labels.length === 0 ? referrers(named, map.references) : await referrersWithRows(executor, named, map);
  const foreign = blocking.filter((table) => !known.has(table));
  if (!cascade && (blocking.length > 0 || (labels.length === 0 && unknown.length > 0 && named.length > 0))) {
    throw refusal({ blocking, foreign, unknown: labels.length === 0 ? unknown : [], references: map.references });
  }
  const tables = dependentsFirst([...named, ...blocking], map.references);
  const kept = new Map<string | undefined, string | undefined>([
    [tableOf(registry, 'contenttypes.contenttype', map), keptContentTypes(dialect, unknown)],
    [tableOf(registry, 'auth.permission', map), keptPermissions(dialect, registry, map, unknown)],
    ...(keepSuperusers ? [[registry.userModel.table, keptSuperusers(dialect, registry)] as const] : []),
  ]);
  return {
    tables: emptied(tables, map, kept),
    cascaded: blocking,
    unknownApps: unknown,
    untouched,
    virtual: labels.length === 0 ? map.virtual : virtualTablesOf(map, models),
  };
}

/** All tables outside of `tables` that refer to them, or to tables that do. */
function referrers(tables: readonly string[], references: readonly Reference[]): string[] {
  const reached = new Set(tables);
  for (const table of reached) {
    for (const { from, to } of references) if (to === table) reached.add(from);
  }
  return [...reached].slice(tables.length);
}

/** As {@link referrers}, without tables in which no row refers to anything that goes. */
async function referrersWithRows(
  executor: Executor,
  tables: readonly string[],
  { references, outside }: TableMap,
): Promise<string[]> {
  const reached = new Set(tables);
  for (const table of reached) {
    for (const { from, to, columns } of references) {
      if (to !== table || reached.has(from)) continue;
      const [row] = await executor
        .select(columns)
        .from(tableNamed(executor, from, outside.get(from)))
        .whereNotNull(columns[0] ?? '')
        .limit(1);
      if (row !== undefined) reached.add(from);
    }
  }
  return [...reached].slice(tables.length);
}

function emptied(
  tables: readonly string[],
  { references, outside, generatedKeys }: TableMap,
  kept: ReadonlyMap<string | undefined, string | undefined>,
): EmptiedTable[] {
  // What a table with rows that stay refers to is still referred to; and so on.
  const whole = new Set(tables.filter((table) => kept.get(table) === undefined));
  const referenced = new Set<string>();
  for (let size = -1; size !== referenced.size; ) {
    size = referenced.size;
    for (const { from, to } of references) if (!whole.has(from) || referenced.has(from)) referenced.add(to);
  }
  return tables.map((table) => {
    const where = kept.get(table);
    const place = outside.get(table);
    return {
      table,
      ...(place === undefined ? {} : { place }),
      generatedKey: generatedKeys.get(table),
      referenced: referenced.has(table),
      ...(where === undefined ? {} : { where }),
    };
  });
}

interface Refused {
  readonly blocking: readonly string[];
  readonly foreign: readonly string[];
  readonly unknown: readonly string[];
  readonly references: readonly Reference[];
}

function refusal({ blocking, foreign, unknown, references }: Refused): CommandError {
  const why = blocking.map((table) => {
    const { to, onDelete, inherits = false } = references.find(({ from }) => from === table) ?? {};
    const silently = onDelete === undefined ? '' : ` (ON DELETE ${onDelete.toUpperCase()})`;
    return `'${table}'${foreign.includes(table) ? ' (of no known model)' : ''} ${inherits ? 'inherits from' : 'refers to'} '${to}'${silently}`;
  });
  const sentences = [
    ...(unknown.length === 0
      ? []
      : [`This database has apps that the settings do not declare: ${unknown.join(', ')}.`]),
    ...(why.length === 0 ? [] : [`Other tables refer to these: ${why.join('; ')}.`]),
  ];
  return new CommandError(sentences.join(' '), {
    code: why.length === 0 ? 'unknown_apps' : 'referring_tables',
  });
}
