import { CommandError } from '../errors.js';
import { didYouMean, knownNames, visible } from '../text.js';
import { findApp, findModel } from './define.js';
import { findProxy } from './inheritance.js';
import { findRowModel, joinModels } from './join-models.js';
import type { App, Model, Registry } from './types.js';

/**
 * The models that a label such as `auth` or `auth.User` names. Names of apps count letter for letter, names of models in
 * any case (Django 5.2 apps/registry.py).
 *
 * @throws CommandError for an app or a model that is not known, in Django's words.
 */
export function modelsLabelled(registry: Registry, label: string): readonly Model[] {
  const [first = '', ...rest] = label.split('.');
  const appLabel = rest.length > 1 ? label : first;
  const app = findApp(registry, appLabel);
  if (app === undefined) {
    const known = registry.apps.map((each) => each.label);
    throw new CommandError(`No installed app with label '${appLabel}'.`, {
      code: 'unknown_app',
      hint: knownNames(appLabel.slice(appLabel.lastIndexOf('.') + 1), known, { say: 'Known apps are' }),
    });
  }
  if (rest.length === 0) return app.models;
  const model = findModel(registry, label);
  const proxy = findProxy(registry, label);
  if (model === undefined && proxy?.app === app.label) {
    const { concrete } = proxy;
    const whose = concrete === undefined ? 'another model, which nothing in the database names' : concrete;
    throw new CommandError(`${proxy.app}.${proxy.name} is a proxy model: its rows are those of ${whose}.`, {
      code: 'proxy_model',
      ...(concrete === undefined ? {} : { hint: `Name ${concrete}, if you mean its rows.` }),
    });
  }
  if (model === undefined || model.app !== app.label) {
    throw new CommandError(`Unknown model: ${visible(label)}.`, {
      code: 'unknown_model',
      hint: knownModels(label, app),
    });
  }
  return [model];
}

/**
 * The models whose rows a fixture may have by this label: those of {@link modelsLabelled}, and join tables by the labels that
 * Django gives them, such as `auth.user_groups`.
 *
 * @throws CommandError for an app or a model that is not known, in Django's words.
 */
export function rowModelsLabelled(registry: Registry, label: string): readonly Model[] {
  const model = label.includes('.') ? findRowModel(registry, label) : undefined;
  return model?.app === label.split('.', 1)[0] && model !== undefined ? [model] : modelsLabelled(registry, label);
}

function knownModels(label: string, { label: app, models }: App): string {
  const names = models.map(({ name }) => `${app}.${name}`);
  const joins = joinModels({ models }).map((join) => join.label);
  return (
    didYouMean(label, [...names, ...joins]) ??
    knownNames(label, names, { say: `The app '${app}' has` }) ??
    `The app '${app}' has no models.`
  );
}
