import { CommandError } from '../../errors.js';
import type {
  AppDefinition,
  AuthBlock,
  FieldDefinition,
  FieldOverride,
  ManyToManyDefinition,
  ModelDefinition,
  ModelOverride,
} from '../../registry/types.js';

type Overrides = Readonly<Record<string, ModelOverride>>;

/** Definitions with what a project says about them. */
export interface OverriddenApps {
  readonly apps: readonly AppDefinition[];
  /** The label, in lower case, that a model has now, by the one that it had. */
  labelOf(label: string): string;
}

/** Where a model is: its app and its class name. */
interface ModelName {
  readonly app: string;
  readonly name: string;
}

/**
 * Definitions with what a project says about them, by label. Labels of apps that are not there are left: settings may be
 * about several databases. A model that is renamed keeps its table, and a field its column.
 *
 * @throws CommandError for a model that the app does not have, a field that the model does not have, or a new name that is
 * taken.
 */
export function overrideApps(apps: readonly AppDefinition[], overrides: Overrides): OverriddenApps {
  const places = new Map<string, ModelName>();
  for (const { label, models } of apps) {
    for (const name of Object.keys(models)) places.set(`${label}.${name}`.toLowerCase(), { app: label, name });
  }
  for (const label of Object.keys(overrides)) {
    const isOfApp = apps.some((app) => label.startsWith(`${app.label.toLowerCase()}.`));
    if (isOfApp && !places.has(label)) throw unknown(`model '${label}'`, label);
  }
  const renamed = renamedPlaces(places, overrides);
  const labelOf = (label: string) => {
    const place = renamed.get(label.toLowerCase());
    return place === undefined ? label : `${place.app}.${place.name}`.toLowerCase();
  };
  const labels = new Set([...apps.map(({ label }) => label), ...[...renamed.values()].map(({ app }) => app)]);
  const found = apps.flatMap(({ label, models }) =>
    Object.entries(models).map(([name, model]) => {
      const old = `${label}.${name}`.toLowerCase();
      const place = renamed.get(old) ?? { app: label, name };
      const table = model.table ?? old.replace('.', '_');
      const kept = place.name === name && place.app === label ? model : { ...model, table };
      return { place, model: overrideModel(old, relabelled(kept, labelOf), overrides[old]) };
    }),
  );
  const isAnyRenamed = renamed.size > 0;
  return {
    labelOf,
    apps: [...labels].map((label) => ({
      ...(apps.find((app) => app.label === label) ?? { label }),
      models: Object.fromEntries(
        found.filter(({ place }) => place.app === label).map(({ place, model }) => [place.name, model]),
      ),
      ...(isAnyRenamed ? { proxies: proxiesOf(apps, label, renamed) } : {}),
    })),
  };
}

/** A content type without a table, which was taken for a proxy model's, may be that of a model that has its name now. */
function proxiesOf(
  apps: readonly AppDefinition[],
  label: string,
  renamed: ReadonlyMap<string, ModelName>,
): NonNullable<AppDefinition['proxies']> {
  const proxies = apps.find((app) => app.label === label)?.proxies ?? [];
  const names = [...renamed.values()].filter(({ app }) => app === label).map(({ name }) => name.toLowerCase());
  return proxies.filter((proxy) => !names.includes((typeof proxy === 'string' ? proxy : proxy.name).toLowerCase()));
}

/** The places of the models that are renamed, by their labels. */
function renamedPlaces(places: ReadonlyMap<string, ModelName>, overrides: Overrides): Map<string, ModelName> {
  const renamed = new Map<string, ModelName>();
  for (const [label, { rename }] of Object.entries(overrides)) {
    const place = places.get(label);
    if (rename === undefined || place === undefined) continue;
    const parts = rename.split('.');
    const [app, name] = parts.length === 1 ? [place.app, parts[0]] : parts;
    if (parts.length > 2 || !app || !name) throw badName(label, rename, 'is not the name of a model');
    renamed.set(label, { app, name });
  }
  const all = new Set<string>();
  for (const [label, place] of places) {
    const { app, name } = renamed.get(label) ?? place;
    const now = `${app}.${name}`.toLowerCase();
    if (all.has(now)) throw badName(label, `${app}.${name}`, 'is the name of another model, too');
    all.add(now);
  }
  return renamed;
}

/** With references to models by the labels that these have now. */
function relabelled(model: ModelDefinition, labelOf: (label: string) => string): ModelDefinition {
  const to = <T extends { readonly to?: string }>(each: T): T =>
    each.to === undefined || each.to === 'self' ? each : { ...each, to: labelOf(each.to) };
  const through = (each: ManyToManyDefinition): ManyToManyDefinition =>
    each.through === undefined ? to(each) : { ...to(each), through: labelOf(each.through) };
  const each = <T>(record: Readonly<Record<string, T>>, change: (value: T) => T) =>
    Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
  return {
    ...model,
    fields: each(model.fields, to),
    ...(model.manyToMany === undefined ? {} : { manyToMany: each(model.manyToMany, through) }),
  };
}

function overrideModel(label: string, model: ModelDefinition, override: ModelOverride | undefined): ModelDefinition {
  if (override === undefined) return model;
  const { fields: changed = {}, rename: _, ...more } = override;
  const names = new Map<string, string>();
  for (const [name, { rename }] of Object.entries(changed)) {
    if (model.fields[name] === undefined) throw unknown(`field '${name}' of ${label}`, label);
    if (rename !== undefined) names.set(name, rename);
  }
  const fields: Record<string, FieldDefinition> = {};
  for (const [name, field] of Object.entries(model.fields)) {
    const now = names.get(name) ?? name;
    if (fields[now] !== undefined || (now !== name && model.manyToMany?.[now] !== undefined)) {
      throw badName(label, now, 'is the name of another field, too');
    }
    fields[now] = overrideField(name, field, changed[name]);
  }
  return { ...withFieldNames(model, (name) => names.get(name) ?? name), ...more, fields };
}

function overrideField(name: string, field: FieldDefinition, override: FieldOverride | undefined): FieldDefinition {
  if (override === undefined) return field;
  const { rename: _, ...changes } = override;
  // The column stays, whatever the field is called or said to be.
  return { column: field.to === undefined ? name : `${name}_id`, ...field, ...changes };
}

/** With everything that names fields by the names that these have now. */
function withFieldNames(model: ModelDefinition, nameOf: (name: string) => string): ModelDefinition {
  const all = (names: readonly string[]) =>
    names.map((path) => {
      const [sign = '', first = '', rest = ''] = /^(-?)(.*?)(__.*)?$/.exec(path)?.slice(1) ?? [];
      return `${sign}${nameOf(first)}${rest}`;
    });
  const { uniqueTogether, indexes, naturalKey, ordering, auth } = model;
  return {
    ...model,
    ...(uniqueTogether === undefined ? {} : { uniqueTogether: uniqueTogether.map(all) }),
    ...(indexes === undefined ? {} : { indexes: indexes.map((index) => ({ ...index, fields: all(index.fields) })) }),
    ...(naturalKey === undefined ? {} : { naturalKey: all(naturalKey) }),
    ...(ordering === undefined ? {} : { ordering: all(ordering) }),
    ...(auth === undefined ? {} : { auth: authWith(auth, nameOf) }),
  };
}

function authWith(auth: AuthBlock, nameOf: (name: string) => string): AuthBlock {
  const one = (name: string | undefined) => (name === undefined ? undefined : nameOf(name));
  const given = {
    emailField: one(auth.emailField),
    lastLoginField: one(auth.lastLoginField),
    activeField: one(auth.activeField),
  };
  return {
    ...auth,
    ...Object.fromEntries(Object.entries(given).filter(([, name]) => name !== undefined)),
    usernameField: nameOf(auth.usernameField),
    passwordField: nameOf(auth.passwordField),
    requiredFields: auth.requiredFields.map(nameOf),
    superuserValues: Object.fromEntries(
      Object.entries(auth.superuserValues).map(([name, value]) => [nameOf(name), value]),
    ),
  };
}

function unknown(what: string, label: string): CommandError {
  return new CommandError(`The setting \`overrides\` names the ${what}, which is not in the database.`, {
    code: 'unknown_override',
    hint: `Correct \`overrides\` at '${label}'.`,
  });
}

function badName(label: string, name: string, why: string): CommandError {
  return new CommandError(`The setting \`overrides\` gives '${label}' the name '${name}', which ${why}.`, {
    code: 'bad_override',
    hint: "Correct its `rename`: `'Order'`, or `'shop.Order'` for a model of another app.",
  });
}
