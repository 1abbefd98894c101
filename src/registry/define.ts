import { CommandError } from '../errors.js';
import type {
  App,
  AppDefinition,
  Field,
  FieldDefinition,
  ManyToMany,
  ManyToManyDefinition,
  Model,
  ModelDefinition,
  Registry,
} from './types.js';

/** Declares an app of a project: its models, tables and fields. Returns it as it is; it exists for its type. */
export function defineApp(app: AppDefinition): AppDefinition {
  return app;
}

/** `LogEntry` becomes `log entry` (Django 5.2 utils/text.py, camel_case_to_spaces). */
export function verboseNameOf(className: string): string {
  return className
    .replace(/((?<=[a-z])[A-Z]|(?<!^)[A-Z](?=[a-z]))/g, ' $1')
    .trim()
    .toLowerCase();
}

function resolveField(label: string, name: string, definition: FieldDefinition): Field {
  const reference = definition.type === 'ForeignKey' || definition.type === 'OneToOneField';
  if (reference && definition.to === undefined) {
    throw new CommandError(`The field ${label}.${name} is a ${definition.type} but does not say what it refers to.`, {
      code: 'bad_registry',
      hint: "Give it a `to`, such as `to: 'auth.user'`.",
    });
  }
  const { to, ...rest } = definition;
  const unique = definition.unique ?? definition.type === 'OneToOneField';
  return {
    ...rest,
    name,
    column: definition.column ?? (reference ? `${name}_id` : name),
    null: definition.null ?? false,
    blank: definition.blank ?? false,
    primaryKey: definition.primaryKey ?? false,
    unique: unique || (definition.primaryKey ?? false),
    dbIndex: definition.dbIndex ?? (definition.type === 'SlugField' || definition.type === 'ForeignKey'),
    verboseName: definition.verboseName ?? name.replaceAll('_', ' '),
    ...(to === undefined ? {} : { to: (to === 'self' ? label : to).toLowerCase() }),
  };
}

function resolveManyToMany(
  model: { label: string; modelName: string; table: string },
  name: string,
  definition: ManyToManyDefinition,
  autoField: 'AutoField' | 'BigAutoField',
): ManyToMany {
  const to = (definition.to === 'self' ? model.label : definition.to).toLowerCase();
  const other = to.slice(to.indexOf('.') + 1);
  const same = other === model.modelName;
  return {
    name,
    to,
    table: definition.table ?? `${model.table}_${name}`,
    column: definition.column ?? `${same ? 'from_' : ''}${model.modelName}_id`,
    reverseColumn: definition.reverseColumn ?? `${same ? 'to_' : ''}${other}_id`,
    autoField: definition.autoField ?? autoField,
    verboseName: definition.verboseName ?? name.replaceAll('_', ' '),
    ...(definition.through === undefined ? {} : { through: definition.through.toLowerCase() }),
  };
}

function resolveModel(app: AppDefinition, name: string, definition: ModelDefinition): Model {
  const modelName = name.toLowerCase();
  const label = `${app.label}.${modelName}`;
  const table = definition.table ?? `${app.label}_${modelName}`;
  const autoField = app.defaultAutoField ?? 'BigAutoField';
  const fields = Object.entries(definition.fields).map(([field, value]) => resolveField(label, field, value));
  if (!fields.some((field) => field.primaryKey)) {
    fields.unshift(resolveField(label, 'id', { type: autoField, primaryKey: true, verboseName: 'ID' }));
  }
  const primaryKey = fields.find((field) => field.primaryKey) as Field;
  const verboseName = definition.verboseName ?? verboseNameOf(name);
  return {
    app: app.label,
    name,
    modelName,
    label,
    table,
    fields,
    manyToMany: Object.entries(definition.manyToMany ?? {}).map(([relation, value]) =>
      resolveManyToMany({ label, modelName, table }, relation, value, autoField),
    ),
    primaryKey,
    naturalKeyDependencies: definition.naturalKeyDependencies ?? [],
    ordering: definition.ordering ?? [],
    uniqueTogether: definition.uniqueTogether ?? [],
    indexes: definition.indexes ?? [],
    managed: definition.managed ?? true,
    verboseName,
    verboseNamePlural: definition.verboseNamePlural ?? `${verboseName}s`,
    defaultPermissions: definition.defaultPermissions ?? ['add', 'change', 'delete', 'view'],
    permissions: definition.permissions ?? {},
    ...(definition.naturalKey === undefined ? {} : { naturalKey: definition.naturalKey }),
    ...(definition.auth === undefined ? {} : { auth: definition.auth }),
  };
}

/**
 * Works out the registry of `apps`, in their order. `userModel` is a label such as `auth.user`; where it names another
 * model, a swappable one is left out, and every reference to `auth.user` then means `userModel`, as with Django's
 * AUTH_USER_MODEL.
 *
 * @throws CommandError where an app is declared twice, or a label names no model.
 */
export function createRegistry(apps: readonly AppDefinition[], userModel = 'auth.user'): Registry {
  const userLabel = userModel.toLowerCase();
  const swapped = (app: AppDefinition, name: string, model: ModelDefinition) =>
    model.swappable === 'userModel' && `${app.label}.${name.toLowerCase()}` !== userLabel;
  const retarget = (label: string | undefined) => (label === 'auth.user' ? userLabel : label);

  const labels = new Set<string>();
  for (const { label } of apps) {
    if (labels.has(label)) throw new CommandError(`The app '${label}' is declared twice.`, { code: 'bad_registry' });
    labels.add(label);
  }

  const resolved: App[] = apps.map((app) => ({
    label: app.label,
    verboseName: app.verboseName ?? app.label.charAt(0).toUpperCase() + app.label.slice(1),
    models: Object.entries(app.models)
      .filter(([name, model]) => !swapped(app, name, model))
      .map(([name, model]) => resolveModel(app, name, model))
      .map((model) => ({
        ...model,
        fields: model.fields.map((field) => (field.to === undefined ? field : { ...field, to: retarget(field.to) })),
        manyToMany: model.manyToMany.map((relation) => ({ ...relation, to: retarget(relation.to) ?? relation.to })),
      })),
  })) as App[];
  const models = resolved.flatMap((app) => app.models);
  const known = new Map(models.map((model) => [model.label, model]));

  for (const model of models) {
    for (const { name, to } of [...model.fields, ...model.manyToMany]) {
      if (to !== undefined && !known.has(to)) {
        throw new CommandError(`${model.label}.${name} refers to '${to}', and no app declares that model.`, {
          code: 'bad_registry',
        });
      }
    }
  }
  const user = known.get(userLabel);
  if (user?.auth === undefined) {
    throw new CommandError(
      user === undefined
        ? `The user model '${userModel}' is not declared by any app.`
        : `The user model '${userModel}' has no \`auth\` block.`,
      { code: 'bad_registry', hint: 'Declare it with defineApp, and say in its `auth` block which fields it has.' },
    );
  }
  return { apps: resolved, models, userModel: user };
}

/** The model with this label, in any case of letters, or undefined. */
export function findModel(registry: Registry, label: string): Model | undefined {
  const wanted = label.toLowerCase();
  return registry.models.find((model) => model.label === wanted);
}

/** The app with this label (Django's labels are case-sensitive), or undefined. */
export function findApp(registry: Registry, label: string): App | undefined {
  return registry.apps.find((app) => app.label === label);
}

/** The field with this name, or undefined. */
export function findField(model: Model, name: string): Field | undefined {
  return model.fields.find((field) => field.name === name);
}

/**
 * The field whose type decides how a column is stored: a reference is stored as the key that it refers to.
 *
 * @throws CommandError where the reference names a model that the registry does not have.
 */
export function storedField(registry: Registry, field: Field): Field {
  let current = field;
  while (current.to !== undefined) {
    const target = findModel(registry, current.to);
    if (target === undefined) {
      throw new CommandError(`The field '${field.name}' refers to '${current.to}', and no app declares that model.`, {
        code: 'bad_registry',
      });
    }
    current = target.primaryKey;
  }
  return current;
}
