import { CommandError } from '../errors.js';
import { verboseNameOf } from './names.js';
import type {
  App,
  AppDefinition,
  Field,
  FieldDefinition,
  Model,
  ModelDefinition,
  ProxyDefinition,
  ProxyModel,
  Registry,
  TypedModel,
} from './types.js';

/** Labels of what proxies are proxies of, by their own labels, both in lower case. */
export type ProxyTargets = ReadonlyMap<string, string>;

const asDefinition = (proxy: string | ProxyDefinition): Partial<ProxyDefinition> & Pick<ProxyDefinition, 'name'> =>
  typeof proxy === 'string' ? { name: proxy } : proxy;

export function proxyTargets(apps: readonly Pick<AppDefinition, 'label' | 'proxies'>[]): ProxyTargets {
  return new Map(
    apps.flatMap(({ label, proxies = [] }) =>
      proxies.map(asDefinition).flatMap(({ name, of }) => {
        return of === undefined ? [] : [[`${label}.${name}`.toLowerCase(), of.toLowerCase()] as const];
      }),
    ),
  );
}

/** The label of the model whose rows a proxy has; any other label as it is. */
export function concreteLabel(targets: ProxyTargets, label: string): string {
  const seen = new Set<string>();
  let current = label;
  for (let of = targets.get(current); of !== undefined && !seen.has(current); of = targets.get(current)) {
    seen.add(current);
    current = of;
  }
  return current;
}

/** Works out the proxies of an app. `target` turns a label into that of the model whose rows it has. */
export function resolveProxies(
  { label: app, proxies = [] }: AppDefinition,
  target: (label: string) => string,
): ProxyModel[] {
  return proxies.map(asDefinition).map(({ name, of, before, verboseName, defaultPermissions, permissions }) => ({
    app,
    name,
    modelName: name.toLowerCase(),
    label: `${app}.${name.toLowerCase()}`,
    of: of?.toLowerCase(),
    concrete: of === undefined ? undefined : target(of),
    before: before?.toLowerCase(),
    verboseName: verboseName ?? verboseNameOf(name),
    defaultPermissions: defaultPermissions ?? ['add', 'change', 'delete', 'view'],
    permissions: permissions ?? {},
  }));
}

/** What of an app has content types and permissions, in the order in which these are made. */
export function typedModels({ models, proxies }: App): readonly TypedModel[] {
  const placed = models.flatMap((model): TypedModel[] => [
    ...proxies.filter(({ before }) => before === model.modelName),
    model,
  ]);
  return [...placed, ...proxies.filter((proxy) => !placed.includes(proxy))];
}

/** The proxy model with this label, in any case of letters, or undefined. */
export function findProxy({ apps }: Registry, label: string): ProxyModel | undefined {
  const wanted = label.toLowerCase();
  return apps.flatMap(({ proxies }) => proxies).find((proxy) => proxy.label.toLowerCase() === wanted);
}

/** Fields of a definition with the links to the models that it `extends`, the last one first, as Django has them. */
export function withParentLinks({ fields, extends: parents = [] }: ModelDefinition): Record<string, FieldDefinition> {
  const labels = typeof parents === 'string' ? [parents] : parents;
  const declared = Object.values(fields);
  const hasKey = declared.some(({ primaryKey }) => primaryKey);
  const missing = labels
    .map((to, index): [string, FieldDefinition] => {
      const name = `${to.slice(to.lastIndexOf('.') + 1).toLowerCase()}_ptr`;
      const key = index === 0 && !hasKey ? { primaryKey: true } : {};
      return [name, { type: 'OneToOneField', to, onDelete: 'CASCADE', parentLink: true, ...key }];
    })
    .filter(([name, { to = '' }]) => {
      const isLink = (field: FieldDefinition) => field.parentLink && field.to?.toLowerCase() === to.toLowerCase();
      return fields[name] === undefined && !declared.some(isLink);
    });
  return { ...Object.fromEntries(missing.reverse()), ...fields };
}

/** A field that says which row of another model a row is a part of. */
export interface ParentLink {
  readonly field: Field;
  readonly parent: Model;
}

/** The models that a model inherits from directly, the one that has its key first. */
export function parentLinks({ models }: Pick<Registry, 'models'>, model: Model): ParentLink[] {
  return model.fields
    .filter(({ parentLink }) => parentLink)
    .flatMap((field) => {
      const parent = models.find(({ label }) => label.toLowerCase() === field.to);
      return parent === undefined || parent === model ? [] : [{ field, parent }];
    })
    .sort((a, b) => Number(b.field.primaryKey) - Number(a.field.primaryKey));
}

/** All models that a model inherits from, the nearest first. */
export function ancestors(registry: Pick<Registry, 'models'>, model: Model): Model[] {
  const found = new Set<Model>();
  const visit = (each: Model) => {
    for (const { parent } of parentLinks(registry, each)) {
      if (parent === model || found.has(parent)) continue;
      found.add(parent);
      visit(parent);
    }
  };
  visit(model);
  return [...found];
}

/**
 * The models with the natural keys that they inherit, as paths through their links.
 *
 * @throws CommandError where a model would be its own parent.
 */
export function withInherited(models: readonly Model[]): Model[] {
  const done = new Map<Model, Model>();
  const resolve = (model: Model, heirs: readonly Model[]): Model => {
    const known = done.get(model);
    if (known !== undefined) return known;
    if (heirs.includes(model)) {
      throw new CommandError(`The model ${model.label} inherits from itself.`, {
        code: 'bad_registry',
        hint: 'Correct its `extends`, or the `parentLink` of its fields.',
      });
    }
    const links = parentLinks({ models }, model).map(({ field, parent }) => {
      return { field, parent: resolve(parent, [...heirs, model]) };
    });
    const named = links.find(({ parent }) => parent.naturalKey !== undefined);
    const inherited =
      model.naturalKey !== undefined || named === undefined
        ? model
        : {
            ...model,
            naturalKey: (named.parent.naturalKey ?? []).map((path) => `${named.field.name}__${path}`),
            naturalKeyDependencies: [
              ...new Set([...model.naturalKeyDependencies, ...named.parent.naturalKeyDependencies]),
            ],
          };
    done.set(model, inherited);
    return inherited;
  };
  return models.map((model) => resolve(model, []));
}
