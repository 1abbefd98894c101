import type { Executor } from '../connect/connection.js';
import type { ColumnType, SchemaEditor } from '../schema/schema-editor.js';

/** What a migration knows about the model that holds the accounts. */
export interface MigrationUserModel {
  /** `auth.user`, or the label of a project's own. */
  readonly label: string;
  readonly table: string;
  /** Column of its key. */
  readonly pk: string;
  readonly pkType: ColumnType;
  /** Only for keys that are text. */
  readonly pkMaxLength: number | undefined;
  /** Migration that makes its table, as `app.name`: what a swappable dependency stands for; undefined if it has none. */
  readonly firstMigration: string | undefined;
}

export interface MigrationContext {
  readonly schema: SchemaEditor;
  readonly userModel: MigrationUserModel;
  /** A heading for what follows, as in `-- Create model Session`; `--plan` and `sqlmigrate` show it. */
  operation(description: string): void;
  /** Runs work that is not DDL (changes of data); `--plan` and `sqlmigrate` only name it. */
  run(description: string, work: (executor: Executor) => Promise<void>): Promise<void>;
}

/** One migration, as its file's default export. */
export interface Migration {
  /** `app.name`, `app.__first__`, `app.__latest__`, or `userModel` for the user model's first migration. */
  readonly dependencies: readonly string[];
  /** `false` runs it outside a transaction. */
  readonly atomic?: boolean;
  /** Names that this one stands for, as `app.name` (Django's squashed migrations). */
  readonly replaces?: readonly string[];
  up(db: Executor, context: MigrationContext): Promise<void>;
  /** Absent where it cannot be undone. */
  down?(db: Executor, context: MigrationContext): Promise<void>;
}

/** Declares a migration; it exists for the types. */
export function defineMigration(migration: Migration): Migration {
  return migration;
}
