import type { Connection } from '../../db/connect/connection.js';
import type { IntrospectedConstraint, Introspection } from '../../db/introspection/introspection.js';
import { findOtherUserModel, userModelHint } from '../../db/introspection/other-user-model.js';
import { tablesOfModels } from '../../db/introspection/table-map.js';
import { unknownApps } from '../../db/introspection/unknown-apps.js';
import { compareTable, type Difference } from '../../db/schema/compare.js';
import type { TableDefinition } from '../../db/schema/schema-editor.js';
import { joinTable, migrationsTable, modelTable, tablesOf } from '../../db/schema/tables.js';
import { CommandError } from '../../errors.js';
import { coreApps } from '../../registry/core.js';
import type { Registry } from '../../registry/types.js';
import { readMigrations } from '../migration-state.js';
import { type Check, type CheckContext, type Finding, finding } from './finding.js';
import { oddMoments } from './moments.js';
import { misplacedPermissions } from './permissions.js';
import { lostTargets, oddReferences, unreadable } from './references.js';
import { oddStorage } from './storage.js';

interface ExpectedTable {
  readonly app: string | undefined;
  /** The model that it is of. */
  readonly model?: string | undefined;
  readonly definition: TableDefinition;
}

/** Every table that should be there, with the app that it is of. */
function expectedTables(registry: Registry): ExpectedTable[] {
  return registry.models
    .filter(({ managed }) => managed)
    .flatMap((model) =>
      [
        modelTable(registry, model),
        ...model.manyToMany
          .map((relation) => joinTable(registry, model, relation))
          .filter((table) => table !== undefined),
      ].map((definition) => ({ app: model.app, model: `${model.app}.${model.name}`, definition })),
    );
}

const kinds = {
  primary: 'primary key',
  unique: 'unique constraint',
  foreign: 'foreign key',
  check: 'check',
  index: 'index',
};

function missingConstraint(table: string, place: string, constraint: IntrospectedConstraint): Finding {
  const { kind, name, columns, references, definition } = constraint;
  const what = `${kinds[kind]}${name === undefined ? '' : ` "${name}"`}`;
  const on = columns.length > 0 ? ` on ${columns.join(', ')}` : '';
  const to = references === undefined ? '' : ` to ${references.table} (${references.columns.join(', ')})`;
  const as = definition === undefined ? '' : ` (${definition.replace(/^\( ?(.*?) ?\)$/, '$1')})`;
  const ids = { primary: 'E017', unique: 'E018', foreign: 'E019', check: 'W043', index: 'W044' } as const;
  const hints = {
    primary: 'Without it rows can be neither changed nor deleted one by one.',
    unique: 'Without it there can be duplicates.',
    foreign: 'Without it rows can refer to what is not there.',
    check: 'Without it there can be values that Django does not expect.',
    index: 'Without it queries are slow.',
  };
  return finding(ids[kind], table, `The table has no ${what}${on}${to}${as} ${place}.`, hints[kind]);
}

const mendHint = 'Change the column, or the field of the model, so that they agree.';

const ownApp = (app: string) => !coreApps.some(({ label }) => label === app);

/** The app without migrations, or the model, that a table is of, which no migration makes. */
type MissingTable = Readonly<Record<string, string>>;

function aboutMissing(
  { app, model, alias }: Pick<ExpectedTable, 'app' | 'model'> & { readonly alias: string },
  unmigrated: readonly string[] = [],
): MissingTable {
  if (app !== undefined && ownApp(app) && unmigrated.includes(app)) return { unmigrated: app };
  return { alias, ...(app !== undefined && model !== undefined && { app, model }) };
}

function missingTable(table: string, place: string, about: MissingTable): Finding {
  const hint =
    about.unmigrated === undefined
      ? 'No migration is left that would make it: restore it, or make it where it comes from.'
      : 'The app has no migrations: write the first.';
  return finding('E010', table, `The table is missing ${place}.`, hint, about);
}

/** A difference in words. `place` says which database. */
function findingOf(difference: Difference, place: string, about: MissingTable): Finding {
  const { table } = difference;
  switch (difference.kind) {
    case 'missing_table':
      return missingTable(table, place, about);
    case 'not_a_table':
      return finding(
        'E011',
        table,
        `This is a ${difference.is} and no table ${place}.`,
        'Put a table in its place, or declare the model with `managed: false`.',
      );
    case 'missing_column':
      return finding(
        'E012',
        `${table}.${difference.column}`,
        `The column is missing ${place}.`,
        'Add the column, or take the field out of the model.',
      );
    case 'extra_column': {
      const object = `${table}.${difference.column}`;
      if (!difference.required) {
        const what = `The column belongs to no field of the model ${place}.`;
        return finding('W041', object, what, 'Declare a field for it, or drop it if it is unused.');
      }
      const what = `The column belongs to no field of the model ${place}, and demands a value: no row can be added.`;
      return finding('E013', object, what, 'Give it a default, let it be NULL, or declare a field for it.');
    }
    case 'missing_constraint':
      return missingConstraint(table, place, difference.constraint);
    default: {
      const { kind, column, expected, actual } = difference;
      const ids = { type: 'E014', null: actual === 'NULL' ? 'W042' : 'E015', generated: 'E016' } as const;
      const what = `The column is ${actual} and should be ${expected} ${place}.`;
      return finding(ids[kind], `${table}.${column}`, what, mendHint);
    }
  }
}

/** What is not as it should be while migrations wait is no error: they may mend it. */
function soften(found: Finding, pending: string): Finding {
  if (found.level !== 'ERROR') return found;
  const id = found.id.replace('.E', '.W');
  const hint = 'Migrations of this app are not applied.';
  return { ...found, id, level: 'WARNING', hint, about: { ...found.about, pending } };
}

/**
 * Tables that look like those of one of `apps`, or like what is left of making one of its `own` tables anew, and are of
 * no model: left over from earlier.
 */
async function leftovers(
  connection: Connection,
  { tables }: Introspection,
  apps: readonly string[],
  own: ReadonlySet<string>,
): Promise<string[]> {
  const names = [...tables.values()].filter(({ kind }) => kind === 'table').map(({ name }) => name);
  const known = new Set([
    ...connection.registry.models.map(({ table }) => table),
    ...tablesOf(connection.registry).map(({ name }) => name),
  ]);
  const others = await unknownApps(connection, connection.db, new Set(names));
  const isOf = (name: string, labels: readonly string[]) => labels.some((label) => name.startsWith(`${label}_`));
  return names.filter((name) => {
    if (known.has(name)) return false;
    if (name.startsWith('new__') && own.has(name.slice('new__'.length))) return true;
    return isOf(name, apps) && !isOf(name, others);
  });
}

/** Whether a difference is that a column refers to something else than to one of these tables. */
function concerns(difference: Difference, { columns }: TableDefinition, tables: ReadonlySet<string>): boolean {
  if (difference.kind === 'missing_constraint') return tables.has(difference.constraint.references?.table ?? '');
  if (!('column' in difference)) return false;
  const column = columns.find(({ name }) => name === difference.column);
  return tables.has(column?.references?.table ?? '');
}

/** It is long because it is one step after the other, each with what the ones before have found. */
async function checkDatabase(
  { settings, apps, allRows = false }: CheckContext,
  connection: Connection,
): Promise<Finding[]> {
  const { dialect, db, registry, alias } = connection;
  const place = `in the database '${alias}'`;
  // Migrations that cannot be read are another check's finding.
  const state = await readMigrations(connection, settings).catch(() => undefined);
  const unapplied = [...(state?.graph.nodes.values() ?? [])].filter(({ key }) => !state?.applied.has(key));
  const pending = new Set(unapplied.map(({ app }) => app));
  const begun = new Set([...(state?.applied ?? [])].map((key) => key.slice(0, key.indexOf('.'))));

  const introspection = await dialect.introspect(db);
  const expected = expectedTables(registry);
  const findings: Finding[] = [];
  if (apps === undefined && introspection.tables.has(migrationsTable.name)) {
    expected.push({ app: undefined, definition: migrationsTable });
  }
  const otherUsers = await findOtherUserModel(connection);
  const noTables = new Set(otherUsers === undefined ? [] : tablesOfModels([registry.userModel]));
  if (otherUsers !== undefined) {
    const { label, table } = registry.userModel;
    const what = `The table '${table}' for accounts is missing ${place}.`;
    findings.push(finding('E020', label, what, userModelHint(otherUsers)));
  }
  const lost = lostTargets(introspection, place);
  // A foreign key that leads nowhere is told as that, and not as one that is missing.
  const isLost = (difference: Difference) =>
    difference.kind === 'missing_constraint' &&
    lost.some(({ object }) => object === `${difference.table}.${difference.constraint.columns.join(',')}`);
  for (const { app, model, definition } of expected) {
    if (noTables.has(definition.name)) continue;
    if (app !== undefined && apps?.has(app) === false) continue;
    const isPending = app !== undefined && pending.has(app);
    const actual = introspection.tables.get(definition.name);
    if (actual === undefined && isPending && !begun.has(app)) continue;
    const differences = compareTable(await dialect.describe(definition), actual).filter(
      (difference) => !concerns(difference, definition, noTables) && !isLost(difference),
    );
    const about = aboutMissing({ app, model, alias }, state?.apps.unmigrated);
    const found = differences.map((difference) => findingOf(difference, place, about));
    findings.push(...(isPending ? found.map((each) => soften(each, app)) : found));
  }
  const rowsOf = allRows ? undefined : apps;
  const read = registry.models.filter(({ app, managed }) => managed && (rowsOf?.has(app) ?? true));
  findings.push(...(await oddMoments(connection, read, introspection, place)));
  const all = rowsOf === undefined;
  findings.push(...lost.filter(({ object }) => all || read.some(({ table }) => object.startsWith(`${table}.`))));
  findings.push(...(await oddReferences(connection, read, introspection, { place, all })));
  if (apps === undefined || apps.has('auth')) {
    findings.push(...(await misplacedPermissions(connection, introspection, place).catch(unreadable)));
  }
  const migrated = (state?.apps.migrated ?? []).filter((app) => apps?.has(app) ?? true);
  const named = expected.filter(({ app }) => app === undefined || (apps?.has(app) ?? true));
  const names = new Set(named.map(({ definition }) => definition.name));
  findings.push(...(await oddStorage(connection, names, place)));
  for (const table of await leftovers(connection, introspection, migrated, names)) {
    const what = `The table belongs to no model ${place}.`;
    findings.push(finding('W040', table, what, 'Drop it if it is unused.'));
  }
  return findings;
}

export const schema: Check = {
  tag: 'schema',
  async run(context) {
    const findings: Finding[] = [];
    for (const { connection } of context.databases) {
      if (connection === undefined) continue;
      try {
        findings.push(...(await checkDatabase(context, connection)));
      } catch (error) {
        if (!(error instanceof CommandError)) throw error;
        findings.push(finding('E003', `databases.${connection.alias}`, error.message, error.hint));
      }
    }
    return findings;
  },
};

export const reachable: Check = {
  tag: 'database',
  run: ({ databases }) => databases.flatMap(({ finding: found }) => found ?? []),
};
