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
