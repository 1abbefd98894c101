/**
 * Apps and models as plain data. Names of field types, and of what a field may say, are Django's, because fixtures,
 * `inspectdb` and permissions speak in them (Django 5.2 db/models/fields/__init__.py).
 */

import type { FieldType } from './field-types.js';

export type { FieldType };

/** A literal default, or one that is computed for every new row. */
export type FieldDefault =
  | { readonly value: string | number | boolean | null }
  | { readonly computed: 'now' | 'today' | 'uuid4' | 'emptyObject' | 'emptyList' };

/** What the items of an array are. */
export type ElementDefinition = Pick<
  FieldDefinition,
  'type' | 'maxLength' | 'maxDigits' | 'decimalPlaces' | 'baseField' | 'size' | 'dbType'
>;

/** What a project writes for one column. */
export interface FieldDefinition {
  readonly type: FieldType;
  /** Column name; by default the field's name, with `_id` behind it for references. */
  readonly column?: string;
  readonly maxLength?: number;
  /** Who reads it can log in with it, or needs no more than that: it is in no message, but for the beginning of a key. */
  readonly secret?: boolean;
  readonly maxDigits?: number;
  readonly decimalPlaces?: number;
  /** What the items of an ArrayField are; another ArrayField where each is an array in its turn. */
  readonly baseField?: ElementDefinition;
  /** Items that an ArrayField has at most. */
  readonly size?: number;
  /**
   * The column's type as the database spells it, where it is not the one that Django makes for the field. An OtherField
   * has to say it: `point`, `money`.
   */
  readonly dbType?: string;
  readonly null?: boolean;
  readonly blank?: boolean;
  readonly unique?: boolean;
  /** An index of its own; references have one unless this is false. */
  readonly dbIndex?: boolean;
  readonly primaryKey?: boolean;
  readonly default?: FieldDefault;
  /** Whether the database has a default of its own (Django's `db_default`): what is not given is left to it. */
  readonly dbDefault?: boolean;
  /**
   * Whether the database computes the column from others (Django's GeneratedField): fixtures have it, nothing writes it, and
   * nothing is found by it.
   */
  readonly computed?: boolean;
  /** Label of the model that a ForeignKey or OneToOneField refers to, such as `auth.user`; `self` for its own. */
  readonly to?: string;
  /** Field of that model whose values the column has, where it is not its key: a unique one. */
  readonly toField?: string;
  /** `false` where the database has no constraint for the reference. */
  readonly dbConstraint?: boolean;
  readonly onDelete?: 'CASCADE' | 'PROTECT' | 'RESTRICT' | 'SET_NULL' | 'SET_DEFAULT' | 'DO_NOTHING';
  /**
   * On a OneToOneField: whether the model inherits from the one that it refers to, so that a row of it is a part of that
   * one's row (Django's multi-table inheritance). See {@link ModelDefinition.extends} for the usual way to say it.
   */
  readonly parentLink?: boolean;
  readonly verboseName?: string;
}

/** What a project writes for a many-to-many relation. */
export interface ManyToManyDefinition {
  readonly to: string;
  /** Join table; by default `<table>_<name>`. */
  readonly table?: string;
  /** Column of the join table that refers to this model; by default `<model>_id`, `from_<model>_id` to itself. */
  readonly column?: string;
  /** Column of the join table that refers to the other model; by default `<model>_id`, `to_<model>_id` to itself. */
  readonly reverseColumn?: string;
  /** Column of the join table's key; by default `id`. */
  readonly keyColumn?: string;
  /** Type of the join table's key; by default `BigAutoField`. */
  readonly autoField?: 'AutoField' | 'BigAutoField';
  readonly blank?: boolean;
  readonly verboseName?: string;
  /** Label of a model of its own that is the join table; such links are not written by dumpdata, as in Django. */
  readonly through?: string;
}

/** How accounts are kept in a model: only a user model has this. Commands leave out what is absent. */
export interface AuthBlock {
  readonly usernameField: string;
  readonly emailField?: string;
  /** Fields that createsuperuser asks for besides the username (Django's REQUIRED_FIELDS). */
  readonly requiredFields: readonly string[];
  readonly passwordField: string;
  readonly lastLoginField?: string;
  readonly activeField?: string;
  /** What makes an account a superuser, such as `{ is_superuser: true, is_staff: true }`. */
  readonly superuserValues: Readonly<Record<string, string | number | boolean>>;
  /** Name of the many-to-many relation to groups. */
  readonly groups?: string;
  /** Name of the many-to-many relation to permissions. */
  readonly permissions?: string;
  /**
   * Label of the model that Django's AUTH_USER_MODEL names, where that inherits from this one: its rows have a part in this
   * model's table, user name and password included. References to the user model are to it, and no account can be made.
   */
  readonly partOf?: string;
}

export interface IndexDefinition {
  readonly name?: string;
  readonly fields: readonly string[];
}

/** What a project writes for one model. */
export interface ModelDefinition {
  /** By default `<app>_<model>`. */
  readonly table?: string;
  /**
   * The schema that its table and join tables are in, where that is another one than the search path of the database finds
   * first. Only PostgreSQL has such schemas. No schema before it may have a table of that name.
   */
  readonly schema?: string;
  /**
   * Labels of the models that it inherits from, with tables of their own. For each that no field refers to with
   * `parentLink`, it has a `<parent>_ptr`; that of the first is its key, unless another field is.
   */
  readonly extends?: string | readonly string[];
  readonly fields: Readonly<Record<string, FieldDefinition>>;
  /** Names of the fields that are the key together, two at least, in its order (Django's `CompositePrimaryKey`). */
  readonly primaryKey?: readonly string[];
  readonly manyToMany?: Readonly<Record<string, ManyToManyDefinition>>;
  /** Field names, or paths through references such as `content_type__app_label`, in the order of the natural key. */
  readonly naturalKey?: readonly string[];
  /** Labels of models whose rows must be loaded first for natural keys to resolve. */
  readonly naturalKeyDependencies?: readonly string[];
  readonly ordering?: readonly string[];
  readonly uniqueTogether?: readonly (readonly string[])[];
  readonly indexes?: readonly IndexDefinition[];
  readonly verboseName?: string;
  readonly verboseNamePlural?: string;
  /** By default add, change, delete and view. */
  readonly defaultPermissions?: readonly string[];
  /** Further permissions: codename to name. */
  readonly permissions?: Readonly<Record<string, string>>;
  readonly managed?: boolean;
  /** Columns that the database computes from others: fixtures may have them, nothing writes them, and dumps are without them. */
  readonly computed?: readonly string[];
  /** Rows say who did what, or let somebody in: they do not leave the database in anonymised and portable fixtures. */
  readonly personal?: boolean;
  /** Present on models that can hold accounts. */
  readonly auth?: AuthBlock;
  /** Set on `auth.User`: it has no table while `userModel` names another model. */
  readonly swappable?: 'userModel';
}

/** What a project says about a model that is taken from a database, by label: what the database does not tell, or tells wrongly. */
export interface ModelOverride extends Partial<Omit<ModelDefinition, 'fields' | 'extends' | 'schema'>> {
  /** Its true class name (`Order`), with its app where that is another one (`shop.Order`). */
  readonly rename?: string;
  readonly fields?: Readonly<Record<string, FieldOverride>>;
}

/** What a project says about one column. */
export interface FieldOverride extends Partial<FieldDefinition> {
  /** The field's true name. */
  readonly rename?: string;
}

/** What a project writes for a proxy model: one with a content type and permissions of its own, and the rows of another. */
export interface ProxyDefinition
  extends Pick<ModelDefinition, 'verboseName' | 'verboseNamePlural' | 'defaultPermissions' | 'permissions'> {
  /** Its class name, such as `DraftPost`. */
  readonly name: string;
  /** Label of the model, or of the other proxy, that it is a proxy of; without it nobody knows whose rows it has. */
  readonly of?: string;
  /** The model of its app that gets its content type behind it; by default that of a proxy is made behind those of all models. */
  readonly before?: string;
}

/** What a project writes for one app: see {@link defineApp}. */
export interface AppDefinition {
  readonly label: string;
  readonly verboseName?: string;
  readonly defaultAutoField?: 'AutoField' | 'BigAutoField';
  /** Models by their class name, in the order in which they are dumped and get their content types. */
  readonly models: Readonly<Record<string, ModelDefinition>>;
  /** Proxy models: they have content types and permissions, and no table. A name alone stands for `{ name }`. */
  readonly proxies?: readonly (string | ProxyDefinition)[];
}

/** A concrete field with everything worked out. */
export interface Field extends Omit<FieldDefinition, 'column' | 'null' | 'blank' | 'unique' | 'primaryKey' | 'to'> {
  readonly name: string;
  readonly column: string;
  readonly null: boolean;
  readonly blank: boolean;
  readonly unique: boolean;
  readonly dbIndex: boolean;
  readonly primaryKey: boolean;
  readonly verboseName: string;
  /** Label of the model that it refers to, in lower case. */
  readonly to?: string;
  /** Label of the proxy of that model by which it does so. */
  readonly toProxy?: string;
}

/** A many-to-many relation with everything worked out. */
export interface ManyToMany {
  readonly name: string;
  readonly to: string;
  /** Label of the proxy of that model by which it refers to it. */
  readonly toProxy?: string;
  readonly table: string;
  readonly column: string;
  readonly reverseColumn: string;
  readonly keyColumn: string;
  readonly autoField: 'AutoField' | 'BigAutoField';
  readonly verboseName: string;
  readonly through?: string;
}

/** A model with everything worked out. */
export interface Model
  extends Required<
    Pick<ModelDefinition, 'ordering' | 'uniqueTogether' | 'indexes' | 'managed' | 'computed' | 'personal'>
  > {
  readonly app: string;
  /** Class name, such as `User`. */
  readonly name: string;
  /** Class name in lower case: what `django_content_type.model` holds. */
  readonly modelName: string;
  /** `auth.user`. */
  readonly label: string;
  readonly table: string;
  readonly schema?: string;
  /** All that are written. */
  readonly fields: readonly Field[];
  /** All that dumps have, in their order: also those that the database computes. */
  readonly dumped: readonly Field[];
  readonly manyToMany: readonly ManyToMany[];
  /** Where several fields are the key, `pk`: a field without a column, whose values are those of `keyFields` together. */
  readonly primaryKey: Field;
  /** The fields that have columns of the key, in its order: `primaryKey` itself, or several. */
  readonly keyFields: readonly Field[];
  readonly naturalKey?: readonly string[];
  readonly naturalKeyDependencies: readonly string[];
  readonly verboseName: string;
  readonly verboseNamePlural: string;
  readonly defaultPermissions: readonly string[];
  readonly permissions: Readonly<Record<string, string>>;
  readonly auth?: AuthBlock;
}

/** What has a content type and permissions. */
export type TypedModel = Pick<
  Model,
  'app' | 'name' | 'modelName' | 'label' | 'verboseName' | 'defaultPermissions' | 'permissions'
>;

/** A proxy model with everything worked out. */
export interface ProxyModel extends TypedModel {
  /** Label of what it is a proxy of: a model, or another proxy. Undefined where nobody knows. */
  readonly of: string | undefined;
  /** Label of the model whose rows it has. */
  readonly concrete: string | undefined;
  /** The model of its app that has its content type behind it. */
  readonly before: string | undefined;
}

export interface App {
  readonly label: string;
  readonly verboseName: string;
  readonly models: readonly Model[];
  readonly proxies: readonly ProxyModel[];
}

/** The apps and models in force for one database: declared ones, or those read from the database itself. */
export interface Registry {
  /** In the order of dumps and of new content type ids. A swapped `auth.User` is not among the models. */
  readonly apps: readonly App[];
  /** Every model, in the order of `apps`. */
  readonly models: readonly Model[];
  /** The model that holds the accounts. */
  readonly userModel: Model;
  /**
   * Only where the models were read from a database: labels of those whose names nothing in it says, so that they are
   * guesses, which must not be written anywhere.
   */
  readonly guessed?: ReadonlySet<string>;
  /** Only where the models were read from a database: labels of Django's own that it has no table of. */
  readonly absent?: ReadonlySet<string>;
  /** Tables of the database that have no model, where models were taken from it, with the reason as the end of a sentence. */
  readonly without?: readonly { readonly table: string; readonly reason: string }[];
}
