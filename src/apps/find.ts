import type { Connection } from '../db/connect/connection.js';
import { typeOf } from '../db/introspection/fields.js';
import type { IntrospectedTable } from '../db/introspection/introspection.js';
import { migrationsTable } from '../db/schema/tables.js';
import { extendRegistry } from '../registry/define.js';
import type { AppDefinition, Field, FieldDefinition, Model, ModelDefinition, Registry } from '../registry/types.js';
import type { AppTables, CredentialApp, CredentialGroup } from './define.js';
import { loadKnownApps } from './load.js';

/** An app whose tables are there, in a version that is known. */
export interface FoundApp {
  readonly label: string;
  readonly declaration: CredentialApp;
  readonly tables: AppTables;
  /** Its models that the database has, with the fields that it has. */
  readonly models: readonly Model[];
}

/** Whether Django deletes rows with their user, as it does with an address that a password can be reset by. */
const goWithUser = ({ models }: AppDefinition, name: string) =>
  Object.values(models[name]?.fields ?? {}).some(({ to, onDelete }) => to === 'auth.user' && onDelete === 'CASCADE');

/** Tables whose rows let somebody in, or are a part of that: they go with an account, and are never handed to another. */
export function credentialTables({ apps }: Pick<FoundApps, 'apps'>): Set<string> {
  const tables = apps.flatMap(({ declaration, tables: { has, model } }) => {
    const { app, kinds = [], traces = [], secrets = {}, personal = [] } = declaration;
    const own = personal.filter((name) => goWithUser(app, name));
    return [...[...kinds, ...traces].map((each) => each.model), ...Object.keys(secrets), ...own]
      .filter((name) => has(name))
      .map((name) => model(name).table);
  });
  return new Set(tables);
}

/** Columns that hold secrets, by table. */
export function secretColumns({ apps }: Pick<FoundApps, 'apps'>): Map<string, ReadonlySet<string>> {
  const tables = apps.flatMap(({ declaration: { secrets = {} }, tables: { has, model } }) =>
    Object.entries(secrets)
      .filter(([name]) => has(name))
      .map(([name, fields]): [string, Set<string>] => {
        const { table, fields: all } = model(name);
        return [table, new Set(all.filter((field) => fields.includes(field.name)).map(({ column }) => column))];
      }),
  );
  return new Map(tables);
}

/** An app whose tables are there, but not as any version that is known has them. */
export interface UnknownVersion {
  readonly app: string;
  readonly package: string;
  readonly table: string;
  /** What is not as it is known: a sentence. */
  readonly reason: string;
  /** What versions that are known hold, and this one may hold too. */
  readonly holds: readonly { readonly kind: string; readonly group: CredentialGroup | 'lockout' }[];
  /** What a clean-up calls its rows. */
  readonly parts: readonly string[];
}

/** Kinds that are asked for: of these groups, or by these names. */
export interface HeldKinds {
  readonly groups?: ReadonlySet<CredentialGroup | 'lockout'>;
  readonly kinds?: readonly string[] | undefined;
}

/** Apps of unknown versions that may hold what is meant, which nobody has read or changed. */
export const mayHold = (unknown: readonly UnknownVersion[], { groups, kinds }: HeldKinds): UnknownVersion[] =>
  unknown.filter(({ holds }) =>
    holds.some(
      ({ kind, group }) => (groups === undefined || groups.has(group)) && (kinds === undefined || kinds.includes(kind)),
    ),
  );

/** The app as one that is left alone. */
function unknownVersion(
  { app, package: name, kinds = [], lockouts, prune = [] }: CredentialApp,
  table: string,
  reason: string,
): UnknownVersion {
  const held = new Map<string, UnknownVersion['holds'][number]>();
  for (const { kind, group } of kinds) held.set(kind, { kind, group });
  if (lockouts !== undefined) held.set('lockout', { kind: 'lockout', group: 'lockout' });
  return {
    app: app.label,
    package: name,
    table,
    reason: `${reason}, as in no version of ${name} that is known.`,
    holds: [...held.values()],
    parts: prune.map((rule) => rule.name),
  };
}

/** What third-party apps a database has. */
export interface FoundApps {
  /** The connection whose registry has their models, too. */
  readonly connection: Connection;
  readonly apps: readonly FoundApp[];
  readonly unknown: readonly UnknownVersion[];
}

const tableOf = (app: AppDefinition, name: string, model: ModelDefinition) =>
  model.table ?? `${app.label}_${name.toLowerCase()}`;
const columnOf = (name: string, { column, type }: FieldDefinition) =>
  column ?? (type === 'ForeignKey' || type === 'OneToOneField' ? `${name}_id` : name);

const coreLabels = new Set(['admin', 'auth', 'contenttypes', 'sessions']);

/** Tables that every project of Django's template has. */
function coreTables({ models }: Registry): Set<string> {
  const core = models.filter(({ app }) => coreLabels.has(app));
  const tables = core.flatMap(({ table, manyToMany }) => [table, ...manyToMany.map((relation) => relation.table)]);
  return new Set([migrationsTable.name, ...tables]);
}

/**
 * Looks for the third-party apps that are known, and for those of `own`, by their tables and columns. Where there
 * are no tables but Django's own, nothing is loaded and nothing more is asked.
 */
export async function findApps(connection: Connection, own: readonly CredentialApp[] = []): Promise<FoundApps> {
  const nothing: FoundApps = { connection, apps: [], unknown: [] };
  const names = new Set(await connection.dialect.tableNames(connection.db));
  const core = coreTables(connection.registry);
  if ([...names].every((name) => core.has(name))) return nothing;

  const labels = new Set(own.map(({ app }) => app.label));
  const known = [...own, ...(await loadKnownApps()).filter(({ app }) => !labels.has(app.label))];
  const here = known.filter(
    ({ app, tables: pattern }) =>
      Object.entries(app.models).some(([name, model]) => names.has(tableOf(app, name, model))) ||
      (pattern !== undefined && [...names].some((name) => pattern.test(name))),
  );
  if (here.length === 0) return nothing;
  const wanted = here.flatMap(({ app }) =>
    Object.entries(app.models).map(([name, model]) => tableOf(app, name, model)),
  );
  const { tables } = await connection.dialect.introspect(connection.db, {
    tables: wanted.filter((name) => names.has(name)),
  });
  const unknown: UnknownVersion[] = [];
  const fitting = here.flatMap((declaration) => {
    const fitted =
      otherApp(connection.registry, declaration) ??
      fitToTables(declaration, tables, connection.dialect.features.typedColumns);
    if ('reason' in fitted) unknown.push(fitted);
    return 'reason' in fitted ? [] : [{ declaration, app: fitted }];
  });
  const definitions = resolvable(
    connection.registry,
    names,
    fitting.map(({ app }) => app).filter(({ models }) => Object.keys(models).length > 0),
  );
  const registry = withApps(connection, definitions);
  const extended: Connection = { ...connection, registry };
  return {
    connection: extended,
    apps: fitting.map(({ declaration, app }) => foundApp(extended, declaration, app)),
    unknown,
  };
}

/**
 * The connection, whose registry knows the third-party apps that its database has. What is declared, or was taken from the
 * database, stays as it is, but for what is known to be personal. It is the same connection where there are none.
 */
export async function registerApps(connection: Connection, own: readonly CredentialApp[] = []): Promise<Connection> {
  return registered(connection, await findApps(connection, own));
}

/** {@link registerApps} with apps that were found before. */
export function registered(connection: Connection, found: FoundApps): Connection {
  const { registry } = connection;
  if (found.apps.length === 0) return connection;
  const known = new Map(found.apps.flatMap(({ models }) => models.map((model) => [model.table, model])));
  const declared = registry.apps.map((app) => ({
    ...app,
    models: app.models.map((model) => withSecrets(model, known.get(model.table))),
  }));
  const labels = new Set(declared.map(({ label }) => label));
  const apps = [...declared, ...found.connection.registry.apps.filter(({ label }) => !labels.has(label))];
  return { ...connection, registry: { ...registry, apps, models: apps.flatMap(({ models }) => models) } };
}

/** The model as it is, with what is known of its table to be personal or secret. */
function withSecrets(model: Model, known: Model | undefined): Model {
  if (known === undefined) return model;
  const secret = new Set(known.fields.filter((field) => field.secret).map(({ column }) => column));
  const marked = new Map(
    model.fields.map((field) => [field, secret.has(field.column) ? { ...field, secret: true } : field]),
  );
  const mark = (field: Field) => marked.get(field) ?? field;
  return {
    ...model,
    fields: model.fields.map(mark),
    keyFields: model.keyFields.map(mark),
    primaryKey: mark(model.primaryKey),
    ...(known.personal && { personal: true }),
  };
}

function foundApp(connection: Connection, declaration: CredentialApp, app: AppDefinition): FoundApp {
  const prefix = `${app.label}.`.toLowerCase();
  const models = connection.registry.models.filter(
    ({ label, name }) => label.toLowerCase().startsWith(prefix) && app.models[name] !== undefined,
  );
  const byName = new Map(models.map((model) => [model.name.toLowerCase(), model]));
  const tables: AppTables = {
    connection,
    model(name) {
      const model = byName.get(name.toLowerCase());
      if (model === undefined) throw new Error(`${app.label} has no model ${name} here.`);
      return model;
    },
    has(name, field) {
      const model = byName.get(name.toLowerCase());
      return model !== undefined && (field === undefined || model.fields.some((each) => each.name === field));
    },
  };
  return { label: app.label, declaration, tables, models };
}

/** Why an app that is declared under this label is another one; undefined where it is the same, or none is declared. */
function otherApp(registry: Registry, declaration: CredentialApp): UnknownVersion | undefined {
  const { app } = declaration;
  const own = new Set(Object.keys(app.models).map((model) => model.toLowerCase()));
  const declared = registry.apps.find(({ label }) => label === app.label);
  const stranger = declared?.models.find(({ modelName }) => !own.has(modelName));
  if (stranger === undefined) return undefined;
  return unknownVersion(declaration, stranger.table, `The app '${app.label}' has the model ${stranger.label}`);
}

/** The app as these tables have it, or why no version of it has them. */
function fitToTables(
  declaration: CredentialApp,
  tables: ReadonlyMap<string, IntrospectedTable>,
  typed: boolean,
): AppDefinition | UnknownVersion {
  const { app, optional = [], secrets = {} } = declaration;
  const personal = personalModels(declaration);
  const models: Record<string, ModelDefinition> = {};
  const mayLack = new Set(optional);
  for (const [modelName, model] of Object.entries(app.models)) {
    const tableName = tableOf(app, modelName, model);
    const table = tables.get(tableName);
    const unknown = (what: string) => unknownVersion(declaration, tableName, what);
    if (table === undefined) {
      if (mayLack.has(modelName)) continue;
      return unknown(`There is no table ${tableName}`);
    }
    const columns = new Map(table.columns.map((column) => [column.name, column]));
    const fields: Record<string, FieldDefinition> = {};
    for (const [fieldName, field] of Object.entries(model.fields)) {
      const column = columns.get(columnOf(fieldName, field));
      columns.delete(columnOf(fieldName, field));
      if (column === undefined) {
        if (mayLack.has(`${modelName}.${fieldName}`)) continue;
        return unknown(`The table ${tableName} has no column '${columnOf(fieldName, field)}'`);
      }
      const found = typed ? typeOf(table, column) : { type: field.type };
      // The project chooses the type of generated keys, and lengths have changed from version to version.
      const own = field.primaryKey && column.generated ? found : {};
      const length = field.maxLength === undefined ? {} : lengthOf(column.type);
      const secret = secrets[modelName]?.includes(fieldName) ? { secret: true } : {};
      fields[fieldName] = { ...field, ...own, ...length, ...secret };
    }
    const [stranger] = columns.keys();
    if (stranger !== undefined) return unknown(`The table ${tableName} has the column '${stranger}'`);
    const isPersonal = personal.has(modelName);
    models[modelName] = { ...model, fields, ...withoutMissing(model, fields), ...(isPersonal && { personal: true }) };
  }
  return { ...app, models };
}

/** The length that a column's type says. */
function lengthOf(type: string): { readonly maxLength?: number } {
  const length = /\((\d+)\)/.exec(type)?.[1];
  return length === undefined ? {} : { maxLength: Number(length) };
}

/** Models that an anonymised dump leaves out. */
function personalModels({ personal = [], secrets = {}, kinds = [], traces = [] }: CredentialApp): Set<string> {
  return new Set([...personal, ...Object.keys(secrets), ...[...kinds, ...traces].map(({ model }) => model)]);
}

/** What a model says about fields that this version does not have is left out. */
function withoutMissing(model: ModelDefinition, fields: ModelDefinition['fields']): Partial<ModelDefinition> {
  const there = (path: string) =>
    fields[path.replace(/^-/, '').split('__', 1)[0] ?? ''] !== undefined || path.endsWith('pk');
  const { uniqueTogether, indexes, ordering, naturalKey } = model;
  return {
    ...(uniqueTogether && { uniqueTogether: uniqueTogether.filter((each) => each.every(there)) }),
    ...(indexes && { indexes: indexes.filter((each) => each.fields.every(there)) }),
    ...(ordering && { ordering: ordering.filter(there) }),
    ...(naturalKey?.every(there) && { naturalKey }),
  };
}

/** The apps without references to models that nobody knows, and without relations whose tables are not there. */
function resolvable(registry: Registry, names: ReadonlySet<string>, apps: readonly AppDefinition[]): AppDefinition[] {
  const labels = new Set([
    'auth.user',
    ...registry.models.map(({ label }) => label.toLowerCase()),
    ...apps.flatMap(({ label, models }) => Object.keys(models).map((name) => `${label}.${name}`.toLowerCase())),
  ]);
  return apps.map((app) => ({
    ...app,
    models: Object.fromEntries(
      Object.entries(app.models).map(([name, { manyToMany, ...model }]) => {
        const fields = Object.entries(model.fields).map(([field, definition]): [string, FieldDefinition] => {
          if (definition.to === undefined || labels.has(definition.to.toLowerCase())) return [field, definition];
          const { to: _, onDelete: __, ...rest } = definition;
          return [field, { ...rest, type: 'BigIntegerField', column: columnOf(field, definition) }];
        });
        const relations = Object.entries(manyToMany ?? {}).filter(
          ([relation, { to, table }]) =>
            labels.has(to.toLowerCase()) && names.has(table ?? `${tableOf(app, name, model)}_${relation}`),
        );
        return [
          name,
          {
            ...model,
            fields: Object.fromEntries(fields),
            ...(relations.length > 0 && { manyToMany: Object.fromEntries(relations) }),
          },
        ];
      }),
    ),
  }));
}

/** The registry with these apps; what a project has declared, or a database has said of itself, under their labels gives way. */
function withApps({ registry, dialect }: Connection, apps: readonly AppDefinition[]): Registry {
  const labels = new Set(apps.map(({ label }) => label));
  const kept = registry.apps.filter(({ label }) => !labels.has(label));
  const models = kept.flatMap((app) => app.models);
  const { maxNameLength } = dialect;
  return extendRegistry({ ...registry, apps: kept, models }, apps, { maxNameLength });
}
