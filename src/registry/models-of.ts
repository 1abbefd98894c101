import { joinModels } from './join-models.js';
import { rowModelsLabelled } from './labels.js';
import type { Model, Registry } from './types.js';

/**
 * The models that labels such as `auth` or `auth.User` name, each once, in the order of the registry, and behind them those of join
 * tables, such as `auth.user_groups`, that are named without the model whose relation they are of.
 *
 * @throws CommandError for an app or a model that is not known, in Django's words.
 */
export function modelsOf(registry: Registry, labels: readonly string[]): Model[] {
  const named = new Set(labels.flatMap((label) => rowModelsLabelled(registry, label)));
  const models = registry.models.filter((model) => named.has(model));
  if (models.length === named.size) return models;
  const theirs = new Set(models.flatMap(({ manyToMany }) => manyToMany.map(({ table }) => table)));
  return [...models, ...joinModels(registry).filter((model) => named.has(model) && !theirs.has(model.table))];
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
