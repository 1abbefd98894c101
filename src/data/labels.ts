import { CommandError } from '../errors.js';
import { findApp, findModel } from '../registry/define.js';
import type { Model, Registry } from '../registry/types.js';

/**
 * The models that labels such as `auth` or `auth.User` name, each once, in the order of the registry.
 *
 * @throws CommandError for an app or a model that is not known, in Django's words.
 */
export function modelsOf(registry: Registry, labels: readonly string[]): Model[] {
  const named = new Set(labels.flatMap((label) => namedBy(registry, label)));
  return registry.models.filter((model) => named.has(model));
}

function namedBy(registry: Registry, label: string): readonly Model[] {
  const [appLabel = '', ...rest] = label.split('.');
  const app = rest.length > 1 ? undefined : findApp(registry, appLabel);
  if (app === undefined) {
    const known = registry.apps.map((each) => each.label).join(', ');
    throw new CommandError(`No installed app with label '${rest.length > 1 ? label : appLabel}'.`, {
      code: 'unknown_app',
      hint: `Known apps are ${known}.`,
    });
  }
  if (rest.length === 0) return app.models;
  const model = findModel(registry, label);
  if (model === undefined) {
    throw new CommandError(`Unknown model: ${label}.`, {
      code: 'unknown_model',
      hint: `The app '${app.label}' has ${app.models.map(({ name }) => name).join(', ') || 'no models'}.`,
    });
  }
  return [model];
}
