import { modelsLabelled } from './labels.js';
import type { Model, Registry } from './types.js';

/**
 * The models that labels such as `auth` or `auth.User` name, each once, in the order of the registry.
 *
 * @throws CommandError for an app or a model that is not known, in Django's words.
 */
export function modelsOf(registry: Registry, labels: readonly string[]): Model[] {
  const named = new Set(labels.flatMap((label) => modelsLabelled(registry, label)));
  return registry.models.filter((model) => named.has(model));
}

/** What a table is of, as `auth.User` or `auth.User.groups`; undefined for one of no model. */
export function ownerOf({ models }: Registry, table: string): string | undefined {
  for (const { app, name, table: own, manyToMany } of models) {
    if (own === table) return `${app}.${name}`;
    const relation = manyToMany.find((each) => each.table === table);
    if (relation !== undefined) return `${app}.${name}.${relation.name}`;
  }
  return undefined;
}
