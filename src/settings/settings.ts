import type { CredentialApp } from '../apps/define.js';
import type { DatabaseTarget } from '../db/engines/engines.js';
import type { AppDefinition, ModelOverride } from '../registry/types.js';
import type { ParsedRequestSettings, RequestSettings } from './requests.js';
import type { ParsedTokenSettings, TokenSettings } from './tokens.js';
import type { ParsedValidator } from './values.js';

/** One database as a config file writes it. */
export interface DatabaseSettings {
  readonly url: string;
  /** Destructive commands then need `--allow-protected ALIAS`. */
  readonly protected?: boolean;
}

/** What a config file exports. Everything has a default. */
export interface Settings extends RequestSettings {
  readonly databases?: Readonly<Record<string, DatabaseSettings | undefined>>;
  readonly secretKey?: string;
  readonly secretKeyFallbacks?: readonly string[];
  readonly useTz?: boolean;
  readonly timeZone?: string;
  readonly userModel?: string;
  /** The project's own apps, after the four of Django; `introspect` takes all models from the database itself. */
  readonly apps?: readonly (AppDefinition | CredentialApp)[] | 'introspect';
  /** What a database does not tell about the models that are taken from it, by label. */
  readonly overrides?: Readonly<Record<string, ModelOverride>>;
  /**
   * Names of packages that bring commands, apps and migrations. A package says where in its package.json:
   * `"manage": { "commands": "./dist/commands", "apps": "./dist/apps.js", "migrations": "./dist/migrations" }`; without
   * that its folders `commands` and `migrations` are taken.
   */
  readonly packages?: readonly string[];
  readonly passwordValidators?: readonly (
    | string
    | { readonly name: string; readonly options?: Readonly<Record<string, unknown>> }
  )[];
  readonly passwordHashers?: readonly string[];
  /** Rounds of PBKDF2 for new hashes; by default the most that the newest hashes in the database have, and at least 1,000,000. */
  readonly passwordIterations?: number;
  readonly fixtureDirs?: readonly string[];
  /** The user whose name stands at the entries that commands write into the admin's log; without one they write none. */
  readonly audit?: { readonly actor?: string };
  readonly tokens?: TokenSettings;
}

export type { DatabaseTarget };

export interface ParsedDatabase {
  readonly alias: string;
  readonly target: DatabaseTarget;
  readonly protected: boolean;
}

/** A package that brings commands, apps or migrations; the paths are absolute. */
export interface SettingsPackage {
  readonly name: string;
  readonly root: string;
  readonly commands: string | undefined;
  readonly migrations: string | undefined;
  /** A module whose default export is an app definition, or an array of them. */
  readonly apps: string | undefined;
}

/** Settings after precedence, defaults and validation. */
export interface ParsedSettings extends ParsedRequestSettings {
  /** Folder of the config file, or the working directory: where `commands/`, `migrations/` and `seeds/` are. */
  readonly root: string;
  readonly configFile: string | undefined;
  /** The `.env` files that were read. */
  readonly envFiles: readonly string[];
  /** What is most likely not meant, and no error: full sentences. */
  readonly warnings: readonly string[];
  readonly databases: Readonly<Record<string, ParsedDatabase>>;
  readonly secretKey: string | undefined;
  readonly secretKeyFallbacks: readonly string[];
  readonly useTz: boolean;
  readonly timeZone: string;
  readonly userModel: string;
  /** Whether models are taken from the database itself. */
  readonly introspect: boolean;
  /** For models that are taken from the database. */
  readonly overrides: Readonly<Record<string, ModelOverride>>;
  /** All apps: the four of Django, then those of packages, then the project's own. */
  readonly apps: readonly AppDefinition[];
  /** Those of them that say which credentials they hold. */
  readonly credentialApps: readonly CredentialApp[];
  readonly packages: readonly SettingsPackage[];
  readonly passwordValidators: readonly ParsedValidator[];
  readonly passwordHashers: readonly string[];
  readonly passwordIterations: number | undefined;
  /** Absolute paths. */
  readonly fixtureDirs: readonly string[];
  readonly audit: { readonly actor: string | undefined };
  readonly tokens: ParsedTokenSettings;
  /** `sqlite3` or `node:sqlite` where `MANAGE_SQLITE_DRIVER` chose one. */
  readonly sqliteDriver: 'sqlite3' | 'node:sqlite' | undefined;
}

type ConfigEnvironment = Readonly<Record<string, string | undefined>>;

type KeysOf<T> = T extends unknown ? keyof T : never;
type ValueOf<T, K> = T extends unknown ? (K extends keyof T ? T[K] : never) : never;

/**
 * Makes keys that `Known` does not have an error, those of objects within it too: TypeScript looks for them in objects that
 * are passed, and not in those that a function returns. What is in arrays is left alone.
 */
type Refused<Given, Known> = Given extends string | number | boolean | null | undefined | readonly unknown[]
  ? unknown
  : Given extends (...args: never[]) => unknown
    ? unknown
    : { [K in keyof Given]: K extends KeysOf<Known> ? Refused<Given[K], NonNullable<ValueOf<Known, K>>> : never };

/** Declares a project's settings; it exists for the types. A function of the environment may stand in their place. */
export function defineConfig(settings: Settings): Settings;
export function defineConfig<R extends Settings>(
  settings: (env: ConfigEnvironment) => (R & Refused<R, Settings>) | Promise<R & Refused<R, Settings>>,
): (env: ConfigEnvironment) => R | Promise<R>;
export function defineConfig<T>(settings: T): T {
  return settings;
}
