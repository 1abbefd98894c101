import type { ParsedSettings } from './settings.js';

/** What stands for a secret. */
const redacted = '********';

/**
 * Settings as name and value in JSON, in the order of their names. Secrets are hidden unless they are asked for; apps
 * are shown by their labels.
 */
export function settingsLines(
  settings: ParsedSettings,
  { secrets }: { readonly secrets: boolean },
): Map<string, string> {
  const hide = <T>(value: T) => (secrets || value === undefined ? value : redacted);
  const {
    databases,
    secretKey,
    secretKeyFallbacks,
    session,
    csrf,
    tokens,
    apps,
    credentialApps: _,
    packages,
    root,
    configFile,
    envFiles,
    warnings,
    ...rest
  } = settings;
  const values: [string, unknown][] = [
    ...Object.entries(rest),
    ['apps', apps.map(({ label }) => label)],
    ['packages', packages.map(({ name }) => name)],
    [
      'authenticationBackends',
      rest.authenticationBackends.map((each) => (typeof each === 'string' ? each : each.name)),
    ],
    ['secretKey', hide(secretKey)],
    ['secretKeyFallbacks', secretKeyFallbacks.map(hide)],
    ...Object.entries(session).map(([name, value]): [string, unknown] => [`session.${name}`, value]),
    ...Object.entries(csrf).map(([name, value]): [string, unknown] => [`csrf.${name}`, value]),
    ...Object.entries({ ...tokens, keys: tokens.keys.map((each) => ({ ...each, key: hide(each.key) })) }).map(
      ([name, value]): [string, unknown] => [`tokens.${name}`, value],
    ),
    ...Object.values(databases).map(({ alias, target, protected: isProtected }): [string, unknown] => [
      `databases.${alias}`,
      { ...target, ...('password' in target ? { password: hide(target.password) } : {}), protected: isProtected },
    ]),
  ];
  return new Map(
    values
      .map(([name, value]): [string, string] => [name, JSON.stringify(value) ?? 'undefined'])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

export interface SettingDifference {
  readonly name: string;
  readonly value: string | undefined;
  readonly default: string | undefined;
}

/** Every setting with the value that it has without a project's own. */
export function compareSettings(
  settings: ReadonlyMap<string, string>,
  defaults: ReadonlyMap<string, string>,
): SettingDifference[] {
  const names = [...new Set([...settings.keys(), ...defaults.keys()])].sort();
  return names.map((name) => ({ name, value: settings.get(name), default: defaults.get(name) }));
}
