import { CommandError } from '../errors.js';
import { assertOneKey, resolveKey } from './composite-key.js';
import { defaultLengthOf, endsOf, isReferenceType } from './field-types.js';
import { concreteLabel, proxyTargets, resolveProxies, withInherited, withParentLinks } from './inheritance.js';
import { titleOf, truncateName, verboseNameOf } from './names.js';
import type {
  App,
  AppDefinition,
  ElementDefinition,
  Field,
  FieldDefinition,
  ManyToMany,
  ManyToManyDefinition,
  Model,
  ModelDefinition,
  ProxyModel,
  Registry,
} from './types.js';
import { assertDefinition, assertModel } from './validate.js';

/** Declares an app of a project: its models, tables and fields. Returns it as it is; it exists for its type. */
export function defineApp(app: AppDefinition): AppDefinition {
  return app;
}

/** What the definitions of one registry are worked out with. */
interface Scope {
  /** Turns a reference into a label in lower case: `auth.user` means the user model in force, a proxy the model of its rows. */
  target(label: string, self: string): string;
  /** The label in lower case of what a reference names, a proxy's too. */
  named(label: string, self: string): string;
  readonly maxNameLength: number | undefined;
}

function resolveField(scope: Scope, label: string, name: string, definition: FieldDefinition): Field {
  const reference = isReferenceType(definition.type);
  if (reference && definition.to === undefined) {
    throw new CommandError(`The field ${label}.${name} is a ${definition.type} but does not say what it refers to.`, {
      code: 'bad_registry',
      hint: "Give it a `to`, such as `to: 'auth.user'`.",
    });
  }
  const { to, ...rest } = definition;
  const maxLength = definition.maxLength ?? defaultLengthOf(definition.type);
  const primaryKey = definition.primaryKey ?? false;
  return {
    ...rest,
    name,
    column: definition.column ?? (reference ? `${name}_id` : name),
    null: definition.null ?? false,
    blank: definition.blank ?? false,
    primaryKey,
    unique: primaryKey || (definition.unique ?? definition.type === 'OneToOneField'),
    dbIndex: definition.dbIndex ?? (definition.type === 'SlugField' || definition.type === 'ForeignKey'),
    verboseName: definition.verboseName ?? name.replaceAll('_', ' '),
    ...(maxLength === undefined ? {} : { maxLength }),
    ...(reference && to !== undefined ? targetOf(scope, to, label) : {}),
  };
}

/** What a reference refers to, and by which proxy. */
function targetOf(scope: Scope, label: string, self: string): { readonly to: string; readonly toProxy?: string } {
  const [to, named] = [scope.target(label, self), scope.named(label, self)];
  return to === named ? { to } : { to, toProxy: named };
}

function resolveManyToMany(
  scope: Scope,
  model: Pick<Model, 'label' | 'modelName' | 'table'>,
  name: string,
  definition: ManyToManyDefinition,
): ManyToMany {
  const target = targetOf(scope, definition.to, model.label);
  const named = scope.named(definition.to, model.label);
  const other = named.slice(named.indexOf('.') + 1);
  // Only the class names count, as in Django 5.2 db/models/fields/related.py.
  const same = other === model.modelName;
  return {
    name,
    ...target,
    table: definition.table ?? truncateName(`${model.table}_${name}`, scope.maxNameLength),
    column: definition.column ?? `${same ? 'from_' : ''}${model.modelName}_id`,
    reverseColumn: definition.reverseColumn ?? `${same ? 'to_' : ''}${other}_id`,
    keyColumn: definition.keyColumn ?? 'id',
    autoField: definition.autoField ?? 'BigAutoField',
    verboseName: definition.verboseName ?? name.replaceAll('_', ' '),
    ...(definition.through === undefined ? {} : { through: scope.target(definition.through, model.label) }),
  };
}

function resolveModel(scope: Scope, app: AppDefinition, name: string, definition: ModelDefinition): Model {
  const modelName = name.toLowerCase();
  const label = `${app.label}.${modelName}`;
  const table = definition.table ?? truncateName(`${app.label}_${modelName}`, scope.maxNameLength);
  const declared = Object.entries(withParentLinks(definition)).map(([field, value]) =>
    resolveField(scope, label, field, value),
  );
  const declaredFields = declared.filter((field) => !field.computed);
  const composite = definition.primaryKey && resolveKey(label, declaredFields, definition);
  const declaredKey = composite?.primaryKey ?? declaredFields.find((field) => field.primaryKey);
  const primaryKey =
    declaredKey ??
    resolveField(scope, label, 'id', {
      type: app.defaultAutoField ?? 'BigAutoField',
      primaryKey: true,
      verboseName: 'ID',
    });
  const verboseName = definition.verboseName ?? verboseNameOf(name);
  const model: Model = {
    app: app.label,
    name,
    modelName,
    label,
    table,
    fields: declaredKey === undefined ? [primaryKey, ...declaredFields] : declaredFields,
    dumped: declaredKey === undefined ? [primaryKey, ...declared] : declared,
    manyToMany: Object.entries(definition.manyToMany ?? {}).map(([relation, value]) =>
      resolveManyToMany(scope, { label, modelName, table }, relation, value),
    ),
    primaryKey,
    keyFields: composite?.keyFields ?? [primaryKey],
    naturalKeyDependencies: (definition.naturalKeyDependencies ?? []).map((other) => scope.target(other, label)),
    ordering: definition.ordering ?? [],
    uniqueTogether: definition.uniqueTogether ?? [],
    indexes: definition.indexes ?? [],
    managed: definition.managed ?? true,
    computed: [
      ...(definition.computed ?? []),
      ...declared.flatMap(({ computed, name: each }) => (computed ? [each] : [])),
    ],
    personal: definition.personal ?? false,
    verboseName,
    verboseNamePlural: definition.verboseNamePlural ?? `${verboseName}s`,
    defaultPermissions: definition.defaultPermissions ?? ['add', 'change', 'delete', 'view'],
    permissions: definition.permissions ?? {},
    ...(definition.naturalKey === undefined ? {} : { naturalKey: definition.naturalKey }),
    ...(definition.auth === undefined ? {} : { auth: definition.auth }),
    ...(definition.schema === undefined ? {} : { schema: definition.schema }),
  };
  assertModel(model);
  return model;
}

function assertLabels(apps: readonly AppDefinition[]): void {
  const labels = new Set<string>();
  for (const app of apps) {
    const { label } = app;
    if (!/^[\p{L}_][\p{L}\p{N}_]*$/u.test(label)) {
      throw new CommandError(`The app label '${label}' is not a name.`, {
        code: 'bad_registry',
        hint: 'Use letters, digits and underscores.',
      });
    }
    if (labels.has(label)) {
      throw new CommandError(`The app '${label}' is declared twice.`, {
        code: 'bad_registry',
        hint: 'Remove one of the two from `apps`, or from what a package brings; admin, auth, contenttypes and sessions are there already.',
      });
    }
    labels.add(label);
    assertDefinition(app);
  }
}

/**
 * Works out the registry of `apps`, in their order. `userModel` is a label such as `auth.user`; where it names another
 * model, a swappable one is left out, and every reference to `auth.user` then means `userModel`, as with Django's
 * AUTH_USER_MODEL. `maxNameLength` is that of the default database, and cuts the table names that Django would cut.
 *
 * @throws CommandError where an app is declared twice, or a label or a field's name means nothing.
 */
export function createRegistry(
  apps: readonly AppDefinition[],
  userModel = 'auth.user',
  {
    maxNameLength,
    guessed,
    absent,
    without,
  }: { readonly maxNameLength?: number | undefined } & Pick<Registry, 'guessed' | 'absent' | 'without'> = {},
): Registry {
  assertLabels(apps);
  const userLabel = userModel.toLowerCase();
  const resolved = inherit(resolveApps(apps, userLabel, maxNameLength, partedLabel(apps, userLabel)));
  const models = resolved.flatMap((app) => app.models);
  const user = models.find(({ label }) => label.toLowerCase() === userLabel);
  if (user?.auth === undefined) {
    throw new CommandError(
      user === undefined
        ? `The user model '${userModel}' is not declared by any app.`
        : `The user model '${userModel}' has no \`auth\` block.`,
      { code: 'bad_registry', hint: 'Declare it with defineApp, and say in its `auth` block which fields it has.' },
    );
  }
  assertReferences(
    models,
    resolved.flatMap((app) => app.proxies),
  );
  return {
    apps: resolved,
    models,
    userModel: user,
    ...(guessed && { guessed }),
    ...(absent && { absent }),
    ...(without && { without }),
  };
}

/**
 * A registry with further apps behind those that it has, whose labels are others. References to `auth.user` mean the user
 * model that is in force.
 *
 * @throws CommandError where an app is declared twice, or refers to a model that no app declares.
 */
export function extendRegistry(
  registry: Registry,
  more: readonly AppDefinition[],
  { maxNameLength }: { readonly maxNameLength?: number | undefined } = {},
): Registry {
  assertLabels([...registry.apps.map(({ label }) => ({ label, models: {} })), ...more]);
  const userLabel = registry.userModel.label.toLowerCase();
  const referred = registry.userModel.auth?.partOf?.toLowerCase() ?? userLabel;
  const all = inherit([...registry.apps, ...resolveApps(more, userLabel, maxNameLength, referred, registry.apps)]);
  const models = all.flatMap((app) => app.models);
  assertReferences(
    models,
    all.flatMap((app) => app.proxies),
  );
  return { ...registry, apps: all, models };
}

/** The apps whose models have the natural keys that they inherit. */
function inherit(apps: readonly App[]): App[] {
  const models = apps.flatMap((app) => app.models);
  const inherited = new Map(withInherited(models).map((model, index) => [models[index], model]));
  return apps.map((app) => ({ ...app, models: app.models.map((model) => inherited.get(model) ?? model) }));
}

/** The label of the model that references to the user model are to. */
function partedLabel(apps: readonly AppDefinition[], userLabel: string): string {
  for (const { label, models } of apps) {
    const name = Object.keys(models).find((each) => `${label}.${each}`.toLowerCase() === userLabel);
    const partOf = name === undefined ? undefined : models[name]?.auth?.partOf;
    if (partOf !== undefined) return partOf.toLowerCase();
  }
  return userLabel;
}

function resolveApps(
  apps: readonly AppDefinition[],
  userLabel: string,
  maxNameLength: number | undefined,
  referred: string,
  known: readonly App[] = [],
): App[] {
  const proxies = new Map([
    ...known.flatMap((app) =>
      app.proxies.flatMap(({ label, of }) => (of === undefined ? [] : [[label.toLowerCase(), of] as const])),
    ),
    ...proxyTargets(apps),
  ]);
  const inForce = (label: string) => (label === 'auth.user' ? referred : label);
  const scope: Scope = {
    maxNameLength,
    target: (label, self) => inForce(concreteLabel(proxies, (label === 'self' ? self : label).toLowerCase())),
    named: (label, self) => inForce((label === 'self' ? self : label).toLowerCase()),
  };
  const swapped = (app: AppDefinition, name: string, model: ModelDefinition) =>
    model.swappable === 'userModel' && `${app.label}.${name}`.toLowerCase() !== userLabel;
  return apps.map((app) => ({
    label: app.label,
    verboseName: app.verboseName ?? titleOf(app.label),
    models: Object.entries(app.models)
      .filter(([name, model]) => !swapped(app, name, model))
      .map(([name, model]) => resolveModel(scope, app, name, model)),
    proxies: resolveProxies(app, (label) => scope.target(label, label)),
  }));
}

function assertReferences(models: readonly Model[], proxies: readonly ProxyModel[]): void {
  const known = new Set(models.map((model) => model.label.toLowerCase()));
  for (const model of models) {
    for (const { name, to, toField } of model.fields) {
      const target = models.find(({ label }) => label.toLowerCase() === to);
      if (target !== undefined && toField === undefined) assertOneKey(`${model.label}.${name}`, target);
      if (target === undefined || toField === undefined || findField(target, toField)?.unique) continue;
      throw new CommandError(
        `${model.label}.${name} refers to '${to}.${toField}', which is not a unique field of that model.`,
        { code: 'bad_registry', hint: 'Correct its `toField`, or make the field that it names unique.' },
      );
    }
  }
  for (const { label, concrete } of proxies) {
    if (concrete === undefined || known.has(concrete)) continue;
    throw new CommandError(`The proxy ${label} is one of '${concrete}', and no app declares that model.`, {
      code: 'bad_registry',
      hint: 'Correct its `of`, or declare the app that has the model.',
    });
  }
  for (const model of models) {
    for (const { name, to } of model.manyToMany) {
      const target = models.find(({ label }) => label.toLowerCase() === to);
      if (target !== undefined) assertOneKey(`${model.label}.${name}`, target);
    }
    for (const { name, to } of [...model.fields, ...model.manyToMany]) {
      if (to !== undefined && !known.has(to)) {
        throw new CommandError(`${model.label}.${name} refers to '${to}', and no app declares that model.`, {
          code: 'bad_registry',
          hint: 'Correct the label, or declare the app that has the model.',
        });
      }
    }
  }
}

/** Whether the name of a model is nothing but a guess: see `Registry.guessed`. */
export const isGuessed = ({ guessed }: Registry, { label }: Model): boolean => guessed?.has(label) ?? false;

/** The model with this label, in any case of letters, or undefined. */
export function findModel(registry: Registry, label: string): Model | undefined {
  const wanted = label.toLowerCase();
  return registry.models.find((model) => model.label.toLowerCase() === wanted);
}

/** The items of an array as a field of its own, for what turns values into those of a database. */
export function elementOf(field: Field): Field {
  const { type, ...rest } = field.baseField ?? ({ type: 'TextField' } satisfies ElementDefinition as ElementDefinition);
  const maxLength = rest.maxLength ?? defaultLengthOf(type);
  return {
    name: field.name,
    column: field.column,
    verboseName: field.verboseName,
    null: true,
    blank: true,
    unique: false,
    dbIndex: false,
    primaryKey: false,
    ...rest,
    type,
    ...(maxLength === undefined ? {} : { maxLength }),
  };
}

/** The ends of a range as a field of its own, in the same way; undefined for what is none. */
export function endOf(field: Field): Field | undefined {
  const type = endsOf(field.type);
  return type && elementOf({ ...field, baseField: { type } });
}

/** The app with this label (Django's labels are case-sensitive), or undefined. */
export function findApp(registry: Registry, label: string): App | undefined {
  return registry.apps.find((app) => app.label === label);
}

/** The field with this name, or undefined. */
export function findField(model: Model, name: string): Field | undefined {
  return model.fields.find((field) => field.name === name);
}

/** The field of `target` whose values a reference to it has: its key, or what `toField` names. */
export function referredField(target: Model, { toField }: Pick<Field, 'toField'>): Field {
  return (toField === undefined ? undefined : findField(target, toField)) ?? target.primaryKey;
}

/**
 * The field whose type decides how a column is stored: a reference is stored as the key that it refers to.
 *
 * @throws CommandError where the reference names a model that the registry does not have, or leads back to itself.
 */
export function storedField(registry: Registry, field: Field): Field {
  let current = field;
  const seen = new Set<Field>();
  while (current.to !== undefined) {
    const target = findModel(registry, current.to);
    if (target === undefined || seen.has(current)) {
      throw new CommandError(
        target === undefined
          ? `The field '${field.name}' refers to '${current.to}', and no app declares that model.`
          : `The field '${field.name}' refers to keys that refer to each other.`,
        { code: 'bad_registry', hint: 'Correct its `to`, or declare the app that has the model.' },
      );
    }
    seen.add(current);
    current = referredField(target, current);
  }
  return current;
}
