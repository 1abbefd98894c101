import type { Knex } from 'knex';
import type { Connection } from '../db/connect/connection.js';
import type { Row } from '../db/write/rows.js';
import type { AppDefinition, Model } from '../registry/types.js';

/** What a credential is for: by this, commands choose which are ended. */
export const credentialGroups = ['session', 'token', 'second_factor', 'social', 'application', 'password'] as const;
export type CredentialGroup = (typeof credentialGroups)[number];

/** What a row says about a credential. Nothing of it is a secret: all of it is shown. */
export interface CredentialState {
  /** Whether it is in force, whatever may be said of its account. */
  readonly live: boolean;
  /** Why it is not: `expired`, `revoked`, `blacklisted`, `unconfirmed`. */
  readonly state?: string;
  /** Moments, as the row has them. */
  readonly expires?: Row[string] | undefined;
  readonly lastUsed?: Row[string] | undefined;
  readonly created?: Row[string] | undefined;
  /** What a person tells it apart by: the name of a device, a provider, the `jti` of a token. */
  readonly name?: string | undefined;
}

/** The models of an app as a database has them, and the connection that knows them. */
export interface AppTables {
  readonly connection: Connection;
  /**
   * The model with this class name.
   *
   * @throws Error where the version that was found has none.
   */
  model(name: string): Model;
  /** Whether the version that was found has the model, and the field in it. */
  has(model: string, field?: string): boolean;
}

/** Rows that are to be ended: their tables, and what narrows a query on their model to them. */
export interface EndScope {
  readonly tables: AppTables;
  readonly model: Model;
  readonly now: Date;
  /** Narrows a query on the model's table to the rows that are meant. */
  narrow<Q extends Knex.QueryBuilder>(query: Q): Q;
  /** Deletes them, with what refers to them as their models say; resolves with how many there were. */
  remove(): Promise<number>;
}

/** Rows of one model that let a person in, or are a part of that. */
export interface CredentialKind {
  readonly kind: string;
  readonly group: CredentialGroup;
  /** Class name of the model. */
  readonly model: string;
  /** Field that refers to the user; undefined for what is nobody's. */
  readonly user?: string;
  /** Only rows whose fields have these values: where one model has several kinds. */
  readonly where?: Row;
  /** No rows whose fields have one of these values: those are of kinds of their own. */
  readonly unless?: Readonly<Record<string, readonly Row[string][]>>;
  /** Fields that are read, none of which is a secret; those that a version does not have are left out. */
  readonly fields: readonly string[];
  /** Rows that refer to this one are counted, under these names: by model and field. */
  readonly counts?: Readonly<Record<string, readonly [model: string, field: string]>>;
  /** Fields of rows that this one refers to, under these names: a path such as `application__name`. */
  readonly paths?: Readonly<Record<string, string>>;
  describe(row: Row, now: Date): CredentialState;
  /** Of a second factor: stands in for another one that was lost, and is none by itself. */
  readonly backup?: true;
  /** Lets in though the account is not active: nobody looks at that. */
  readonly inactiveToo?: true;
  /** Ends the rows that are meant, and resolves with how many; by default they are deleted. */
  end?(scope: EndScope): Promise<number>;
  /** How a token that was handed out is found: values of fields of its row; undefined for what is none of this kind. */
  recognise?(token: string, tables: AppTables): Row | undefined;
}

/** Rows that go with the credentials of a group, and are none themselves: the list of sessions that a user is shown. */
export interface CredentialTrace {
  readonly group: CredentialGroup;
  readonly model: string;
  readonly user: string;
}

/** What is known of where a session is used. */
export interface SessionPlace {
  readonly address?: string | undefined;
  readonly browser?: string | undefined;
  readonly lastUsed?: string | undefined;
}

export interface PruneOptions {
  readonly now: Date;
  /** Seconds after which an OAuth refresh token that is not used is over; undefined keeps them, as their package does. */
  readonly refreshAge?: number | undefined;
  /** Days that logs are kept where they are cleaned up; undefined means what their package has. */
  readonly logAge?: number | undefined;
}

/** Rows of one model that are over, by the rule of their package. */
export interface PruneStep {
  readonly model: Model;
  /** Which rows: a condition that is put into several statements. Nothing that stays may refer to them. */
  where(executor: Connection['db']): Knex.Raw;
  /** Whether the condition holds for no row that another one refers to. */
  readonly unreferred?: true;
}

/** A clean-up that a package has a command for. */
export interface PruneRule {
  /** What `prune --only` calls it. */
  readonly name: string;
  /** What does it in Django: the package's own commands. */
  readonly commands?: readonly string[];
  /** Only where it is asked for by name. */
  readonly onRequest?: true;
  steps(tables: AppTables, options: PruneOptions): Promise<readonly PruneStep[]> | readonly PruneStep[];
}

/** Rows that count failed logins, by which people are locked out. */
export interface LockoutRows {
  readonly model: string;
  /** Fields: the name that was typed, the address, how often, and when last. */
  readonly username: string;
  readonly address: string;
  readonly failures: string;
  readonly time: string;
  /** Failures from which on a login is refused, unless the site says otherwise. */
  readonly limit: number;
}

/** A third-party app that holds credentials of users, or rows about them. */
export interface CredentialApp {
  /** The package that the app comes with, as people install it. */
  readonly package: string;
  /** Its models with all fields that any of the versions has. */
  readonly app: AppDefinition;
  /** Names of tables by which it is found, where it has none of its own: those that it makes for a project's models. */
  readonly tables?: RegExp;
  /** Models, and fields (`AccessToken.token_checksum`), that some of the versions do not have. */
  readonly optional?: readonly string[];
  /** Fields that hold secrets, by model: they are never shown, and an anonymised dump has none of them. */
  readonly secrets?: Readonly<Record<string, readonly string[]>>;
  /** Those of the secrets that are digests: `AuthToken.digest`. Who reads the others can use them. */
  readonly hashed?: readonly string[];
  /** Further models that an anonymised dump leaves out, besides all that have secrets or credentials. */
  readonly personal?: readonly string[];
  readonly kinds?: readonly CredentialKind[];
  readonly traces?: readonly CredentialTrace[];
  /** What is known of where these sessions are used, by key. */
  sessions?(tables: AppTables, keys: readonly string[]): Promise<ReadonlyMap<string, SessionPlace>>;
  readonly lockouts?: LockoutRows;
  readonly prune?: readonly PruneRule[];
}

/** Declares an app that holds credentials: its models, how they are found, how they are ended, and what in them is secret. */
export function defineCredentials(app: CredentialApp): CredentialApp {
  return app;
}

const millisecondsOf = (moment: Row[string] | undefined) => Date.parse(String(moment));

/** Whether a moment of a row has come; one that is not set never comes. */
export function isPast(moment: Row[string] | undefined, now: Date): boolean {
  return moment !== null && moment !== undefined && millisecondsOf(moment) <= now.getTime();
}
