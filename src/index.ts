/** The public API of manage-auth. */
export { type ActivationOptions, setActive } from './auth/activation.js';
export {
  checkPassword,
  identifyHasher,
  isPasswordUsable,
  type MakePasswordOptions,
  makePassword,
  passwordNeedsUpdate,
} from './auth/hashers.js';
export { listUsers, type UserFilter } from './auth/list-users.js';
export { type SavedUser, type SaveOptions, saveSuperuser, saveUser, type WantedUser } from './auth/save-user.js';
export {
  type CheckTokenOptions,
  checkResetToken,
  encodeUid,
  makeResetToken,
  sessionAuthHash,
  type TokenOptions,
  type TokenUser,
} from './auth/tokens.js';
export { createUser, findUser, type NewUser, setPassword } from './auth/users.js';
export { type PartialUser, type ValidationOptions, validatePassword } from './auth/validators.js';
export {
  type Arguments,
  type Command,
  type CommandInfo,
  type CommandList,
  type CommandUsage,
  type Context,
  defineCommand,
  type Host,
  type OptionSpec,
  type Options,
  type PositionalSpec,
  type Positionals,
  type Progress,
  type Prompter,
  type Result,
  type Style,
  type Terminal,
} from './command.js';
export { type ClearedRows, clear } from './data/clear.js';
export { type ClearPlan, planClearing } from './data/clear-plan.js';
export { type FlushOptions, type FlushPreview, type FlushResult, flush, flushSql, previewFlush } from './data/flush.js';
export { type Inspected, type InspectOptions, inspectDatabase } from './data/inspect.js';
export { type MigrateOptions, type MigrateResult, migrate } from './data/migrate.js';
export { readMigrations } from './data/migration-state.js';
export { type SyncResult, syncPermissions } from './data/permissions.js';
export type { PopulateOptions } from './data/populate/filling.js';
export { type Populated, populate } from './data/populate/populate.js';
export { findStaleContentTypes, removeContentTypes, type StaleContentTypes } from './data/stale-content-types.js';
export type { Connection, Executor } from './db/connection.js';
export { introspectRegistry } from './db/introspected/registry.js';
export { defineMigration, type Migration, type MigrationContext } from './db/migration.js';
export type { ColumnDefinition, SchemaEditor, TableDefinition } from './db/schema-editor.js';
export { type TransactionOptions, transaction } from './db/transaction.js';
export { CommandError, OperationCancelled, UsageError } from './errors.js';
export { type DumpFixtureOptions, dumpFixture } from './fixtures/dump-fixture.js';
export type { Difference } from './fixtures/load/comparison.js';
export { type LoadOptions, type LoadResult, loadFixtures } from './fixtures/load-fixtures.js';
export { type OpenFixturesOptions, openFixtures } from './fixtures/open-fixtures.js';
export type { FixtureSource } from './fixtures/source.js';
export { callCommand, main } from './main.js';
export { type OpenProject, openProject, type ProjectOptions } from './project.js';
export { defineApp } from './registry/define.js';
export type { AppDefinition, FieldDefinition, ModelDefinition, ModelOverride, Registry } from './registry/types.js';
export { type ClearOptions, clearExpiredSessions } from './sessions/clear.js';
export { type DecodedSession, decodeSession, encodeSession, type SessionKeys } from './sessions/codec.js';
export { type CreatedSession, type CreateSessionOptions, createSession } from './sessions/create.js';
export {
  countSessions,
  revokeSessions,
  revokeUserSessions,
  type SelectionCount,
  selectedSessions,
} from './sessions/revoke.js';
export type { InspectedSession, SelectionContext, SessionSelection } from './sessions/selection.js';
export * as signing from './sessions/signing.js';
export { type SessionStats, sessionStats } from './sessions/stats.js';
export { defineConfig, type ParsedSettings, type Settings } from './settings.js';
