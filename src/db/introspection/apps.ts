import { CommandError } from '../../errors.js';
import { coreApps } from '../../registry/core.js';
import type { AppDefinition, ModelDefinition } from '../../registry/types.js';
import type { Connection, Executor } from '../connect/connection.js';
import { migrationsTable } from '../schema/tables.js';
import type { IntrospectedTable, LooseReference } from './introspection.js';
import { findLooseReferences, isDangling } from './loose-references.js';
import { asJoinTable, type Describing, describeModel, type JoinTable, labelOf, primaryKeyOf } from './models.js';
import { type KnownModel, type ModelName, nameTables } from './names.js';
import { proxyOf } from './proxies.js';
import { asUserModel, authBlockOf, findUserTable } from './user-model.js';

/** What a database's own tables make of it. */
export interface IntrospectedApps {
  /** Django's own apps as far as their tables are there, then all others. */
  readonly apps: readonly AppDefinition[];
  /** Label of the model that holds accounts. */
  readonly userModel: string;
  /** The model that the accounts are in, whether its columns tell how it keeps them or not; undefined for Django's own. */
  readonly accounts: { readonly label: string; readonly table: string } | undefined;
  /** Labels of Django's own models that are declared nevertheless, and have no table. */
  readonly absent: ReadonlySet<string>;
  /** Labels of models whose names are guesses: no content type says them. */
  readonly guessed: ReadonlySet<string>;
  /** Tables that are relations of models. */
  readonly joins: readonly string[];
  /** Tables that are no model's, because they have no key. */
  readonly without: readonly string[];
  /** Tables of schemas that are not looked into, as `schema.table`. */
  readonly elsewhere: readonly string[];
  /** Tables that are no model's, because a module of the engine looks after what they hold. */
  readonly virtual: readonly string[];
  /** References of several columns at once, of which no field can be made. */
  readonly together: readonly Together[];
  /** Columns of models' tables that are no fields, because the database computes them from others. */
  readonly computed: readonly { readonly table: string; readonly column: string }[];
}

/** Columns of a table that refer together to those of another one. */
interface Together {
  readonly table: string;
  readonly columns: readonly string[];
  readonly to: string;
}

/** Django's own tables, with those that join them. */
function coreTables(): Map<string, string> {
  const tables = new Map<string, string>();
  for (const app of coreApps) {
    for (const [name, model] of Object.entries(app.models)) {
      const table = model.table ?? `${app.label}_${name.toLowerCase()}`;
      const label = `${app.label}.${name.toLowerCase()}`;
      tables.set(table, label);
      for (const relation of Object.keys(model.manyToMany ?? {})) tables.set(`${table}_${relation}`, label);
    }
  }
  return tables;
}

/** Labels of Django's own models whose tables are not there, as of those of a site with another user model. */
const absentModels = (tables: ReadonlyMap<string, unknown>): Set<string> =>
  new Set(
    coreApps.flatMap(({ label, models }) =>
      Object.entries(models).flatMap(([name, { table = `${label}_${name.toLowerCase()}` }]) =>
        tables.has(table) ? [] : [`${label}.${name.toLowerCase()}`],
      ),
    ),
  );

async function readKnownModels(executor: Executor, tables: ReadonlyMap<string, unknown>): Promise<KnownModel[]> {
  if (!tables.has('django_content_type')) return [];
  const rows: { id: number; app_label: string; model: string }[] = await executor('django_content_type')
    .select('id', 'app_label', 'model')
    .orderBy('id');
  if (!tables.has('auth_permission'))
    return rows.map((row) => ({ app: row.app_label, model: row.model, verboseName: undefined }));
  const found: { content_type_id: number; codename: string; name: string }[] = await executor('auth_permission')
    .select('content_type_id', 'codename', 'name')
    .orderBy('id');
  const permissions = new Map<number, [string, string][]>();
  for (const { content_type_id: type, codename, name } of found) {
    permissions.set(type, [...(permissions.get(type) ?? []), [codename, name]]);
  }
  return rows.map(({ id, app_label: app, model }) => {
    const own = permissions.get(id) ?? [];
    const [, added] = own.find(([codename, name]) => codename.startsWith('add') && name.startsWith('Can add ')) ?? [];
    return {
      app,
      model,
      verboseName: added?.slice('Can add '.length),
      ...(found.length === 0 ? {} : { permissions: Object.fromEntries(own) }),
    };
  });
}

async function readMigratedApps(executor: Executor, tables: ReadonlyMap<string, unknown>): Promise<string[]> {
  if (!tables.has(migrationsTable.name)) return [];
  return executor(migrationsTable.name).distinct('app').pluck('app');
}

type Tables = ReadonlyMap<string, IntrospectedTable>;

/**
 * Reads apps and models from the tables of a database, Django's or not. Models stand in the order of their content types,
 * which is the one in which Django has them.
 */
export async function introspectApps(
  { dialect }: Pick<Connection, 'dialect'>,
  executor: Executor,
  { views = false, partitions = false }: { readonly views?: boolean; readonly partitions?: boolean } = {},
): Promise<IntrospectedApps> {
  const { tables, elsewhere = [] } = await dialect.introspect(executor);
  const core = coreTables();
  const known = await readKnownModels(executor, tables);
  const labels = [...new Set([...known.map(({ app }) => app), ...(await readMigratedApps(executor, tables))])];
  const kinds = { table: true, partition: partitions, view: views, virtual: false, shadow: false };
  const own = [...tables.values()].filter(
    ({ name, kind }) => !core.has(name) && name !== migrationsTable.name && kinds[kind],
  );
  const { links, joins } = findJoins(own, tables, core, known);
  const modelTables = own.filter((table) => !joins.some((join) => join.table === table));
  const names = nameTables(
    modelTables.map(({ name, columns }) => ({
      name,
      columns: columns.map((column) => column.name),
      linkedAs: namesInLinks(name, links),
    })),
    known.filter(({ app }) => !isCore(app)),
    labels.filter((label) => !isCore(label)),
    { maxNameLength: dialect.maxNameLength },
  );
  const models = describeModels(modelTables, {
    names: new Map([...names, ...coreNames(core)]),
    keys: new Map([...tables.values()].map((table) => [table.name, primaryKeyOf(table)])),
    joins,
    tables,
    indexedReferences: dialect.features.indexedReferences,
    loose: await looseReferences({ dialect }, executor, tables, new Map([...names, ...coreNames(core)])),
  });
  const { userModel, accounts } = markUserModel(models, names, tables);
  const coreHere = coreApps.filter(
    (app) => isThere(app, tables) || app.label === 'auth' || app.label === 'contenttypes',
  );
  const others = labels.filter((label) => !coreHere.some((app) => app.label === label));
  return {
    apps: [...coreHere.map((app) => withProxies(app, known)), ...appsOf(models, names, known, others)],
    userModel: userModel ?? 'auth.user',
    accounts,
    absent: absentModels(tables),
    guessed: new Set([...names.values()].filter(({ guessed }) => guessed).map(labelOf)),
    joins: joins.map(({ table }) => table.name),
    elsewhere,
    without: modelTables.map(({ name }) => name).filter((name) => !models.has(name)),
    together: modelTables.filter(({ name }) => models.has(name)).flatMap(referencesTogether),
    virtual: [...tables.values()].filter(({ kind }) => kind === 'virtual').map(({ name }) => name),
    computed: modelTables.flatMap(({ name: table, columns }) =>
      columns.flatMap(({ name: column, computed }) => (computed && models.has(table) ? [{ table, column }] : [])),
    ),
  };
}

const referencesTogether = ({ name: table, constraints }: IntrospectedTable): Together[] =>
  constraints.flatMap(({ columns, references }) =>
    references !== undefined && columns.length > 1 ? [{ table, columns, to: references.table }] : [],
  );

/** Rows that are looked at where a column seems to refer to others. */
const MOST_LOOKED_AT = 100_000;

/** The columns that refer to other rows without a constraint, as their names and values say. */
async function looseReferences(
  connection: Pick<Connection, 'dialect'>,
  executor: Executor,
  tables: Tables,
  names: ReadonlyMap<string, ModelName>,
): Promise<LooseReference[]> {
  const found: LooseReference[] = [];
  for (const each of findLooseReferences(tables, names)) {
    const dangling = await isDangling(connection, executor, each, { most: MOST_LOOKED_AT }).catch((error: unknown) => {
      // Of what this role may not read, nothing is said.
      if (error instanceof CommandError) return true;
      throw error;
    });
    if (!dangling) found.push(each);
  }
  return found;
}

const isCore = (label: string) => coreApps.some((app) => app.label === label);

/** Tables that may join two others (`links`), and those of them that are relations of models (`joins`). */
function findJoins(
  own: readonly IntrospectedTable[],
  tables: Tables,
  core: ReadonlyMap<string, string>,
  known: readonly KnownModel[],
): { readonly links: readonly JoinTable[]; readonly joins: readonly JoinTable[] } {
  const isModel = ({ name }: IntrospectedTable) => known.some(({ app, model }) => `${app}_${model}` === name);
  const referred = new Set(
    [...tables.values()].flatMap(({ constraints }) => constraints.flatMap(({ references: to }) => to?.table ?? [])),
  );
  const links = own
    .flatMap((table) => (isModel(table) || referred.has(table.name) ? [] : [asJoinTable(table)]))
    .filter((join) => join !== undefined);
  // A relation that no described model has would be lost with its rows.
  const owners = new Set(
    own
      .filter((table) => primaryKeyOf(table).length === 1 && !links.some((link) => link.table === table))
      .map(({ name }) => name),
  );
  const joins = links.filter(
    ({ table, owner, target }) =>
      owners.has(owner) && (owners.has(target) || core.has(target)) && refersToKeys(table, tables),
  );
  return { links, joins };
}

/** The models of these tables, by the tables' names; a table may be no model's. */
function describeModels(tables: readonly IntrospectedTable[], describing: Describing): Map<string, ModelDefinition> {
  const models = new Map<string, ModelDefinition>();
  for (const table of tables) {
    const model = describeModel(table, describing);
    if (model !== undefined) models.set(table.name, model);
  }
  return models;
}

/**
 * Finds the model that holds accounts, says of it how it does that, and returns its label; undefined for Django's own, and
 * where its columns do not tell.
 */
function markUserModel(
  models: Map<string, ModelDefinition>,
  names: ReadonlyMap<string, ModelName>,
  tables: Tables,
): { readonly userModel: string | undefined; readonly accounts: IntrospectedApps['accounts'] } {
  const references = [...tables.values()].flatMap(({ name: from, constraints }) =>
    constraints.flatMap(({ columns, references: to }) =>
      to === undefined ? [] : [{ from, column: columns[0] ?? '', to: to.table }],
    ),
  );
  const table = findUserTable(
    tables.has('auth_user') ? new Map([...models, ['auth_user', { fields: {} }]]) : models,
    references,
  );
  const name = table === undefined ? undefined : names.get(table);
  const model = table === undefined ? undefined : models.get(table);
  const auth = model === undefined ? undefined : authBlockOf(model);
  if (table !== undefined && model !== undefined && auth !== undefined) models.set(table, asUserModel(model, auth));
  const label = name === undefined ? undefined : labelOf(name);
  return {
    userModel: auth === undefined ? undefined : label,
    accounts: table === undefined || label === undefined || model === undefined ? undefined : { label, table },
  };
}

/** What join tables call the model of a table: Django names their columns after models, `from_` and `to_` for one and itself. */
function namesInLinks(table: string, links: readonly JoinTable[]): ReadonlySet<string> {
  const found = links.flatMap(({ owner, column, target, reverseColumn }) => {
    const name = (each: string, prefix: string) =>
      (owner === target && each.startsWith(prefix) ? each.slice(prefix.length) : each).match(/^(.+)_id$/)?.[1];
    return [
      ...(owner === table ? [name(column, 'from_')] : []),
      ...(target === table ? [name(reverseColumn, 'to_')] : []),
    ].filter((each) => each !== undefined);
  });
  return new Set(found);
}

/** Whether all references of a table lead to keys: a relation has nothing else. */
const refersToKeys = ({ constraints }: IntrospectedTable, tables: ReadonlyMap<string, IntrospectedTable>): boolean =>
  constraints.every(({ references }) => {
    const target = references && tables.get(references.table);
    const key = target && primaryKeyOf(target);
    return references === undefined || key === undefined || (references.columns[0] ?? key[0]) === key[0];
  });

function coreNames(core: ReadonlyMap<string, string>): [string, ModelName][] {
  return [...core].map(([table, label]) => {
    const [app = '', name = ''] = label.split('.');
    return [table, { app, name, verboseName: undefined, guessed: false }];
  });
}

function isThere({ label, models }: AppDefinition, tables: ReadonlyMap<string, unknown>): boolean {
  return Object.entries(models).some(([name, { table }]) => tables.has(table ?? `${label}_${name.toLowerCase()}`));
}

/**
 * The models by app, apps and models in the order of their content types; an app may have lost its tables, or never had
 * any. A content type without a table may be that of a proxy model: nothing in a database tells it from a stale one.
 */
function appsOf(
  models: ReadonlyMap<string, ModelDefinition>,
  names: ReadonlyMap<string, ModelName>,
  known: readonly KnownModel[],
  labels: readonly string[],
): AppDefinition[] {
  const place = ({ app, name }: ModelName) => {
    const at = known.findIndex((each) => each.app === app && each.model === name.toLowerCase());
    return at < 0 ? known.length : at;
  };
  const ordered = [...models]
    .flatMap(([table, model]) => {
      const name = names.get(table);
      return name === undefined ? [] : [{ name, model }];
    })
    .sort((a, b) => place(a.name) - place(b.name));
  const apps = [...new Set([...labels, ...ordered.map(({ name }) => name.app)])];
  return apps.map((label) => {
    const own = ordered.filter(({ name }) => name.app === label);
    const names = new Set(own.map(({ name }) => name.name.toLowerCase()));
    return {
      label,
      models: Object.fromEntries(own.map(({ name, model }) => [name.name, model])),
      ...proxiesOf(label, names, known),
    };
  });
}

/** One of Django's own apps, to which a project may have given proxies: what the admin shows beside its users. */
function withProxies(app: AppDefinition, known: readonly KnownModel[]): AppDefinition {
  const names = new Set(Object.keys(app.models).map((name) => name.toLowerCase()));
  const found = proxiesOf(app.label, names, known);
  return found.proxies === undefined ? app : { ...app, ...found };
}

/** Content types of an app that have no table, as proxies. */
function proxiesOf(
  label: string,
  names: ReadonlySet<string>,
  known: readonly KnownModel[],
): Pick<AppDefinition, 'proxies'> {
  const proxies = known.filter(({ app, model }) => app === label && !names.has(model)).map(proxyOf);
  return proxies.length === 0 ? {} : { proxies };
}
