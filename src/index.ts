/** The public API of manage-auth. */

export { callCommand, main } from './app/main.js';
export { type OpenProject, openProject, type ProjectOptions } from './app/project.js';
export { type CreatedToken, createAuthToken, createJwt, createKnoxToken } from './apps/create.js';
export {
  type Credential,
  type CredentialOptions,
  listCredentials,
  type UserCredentials,
} from './apps/credentials.js';
export { type CredentialApp, type CredentialKind, defineCredentials } from './apps/define.js';
export {
  type AffectedRows,
  type DeletionOptions,
  type DeletionPreview,
  deleteUser,
  previewDeletion,
} from './apps/delete-user.js';
export type { EndedCredentials } from './apps/end.js';
export { type EraseOptions, eraseUser } from './apps/erase-user.js';
export { type ExportedTable, exportUser } from './apps/export-user.js';
export {
  type FoundApp,
  type FoundApps,
  findApps,
  registerApps,
  type UnknownVersion,
} from './apps/find.js';
export { findLockouts, type Lockout, listLockouts, type Unlocked, unlock } from './apps/lockouts.js';
export {
  type Offboarded,
  type OffboardOptions,
  type OffboardPlan,
  offboard,
  planOffboarding,
} from './apps/offboard.js';
export { type PruneOptions, type PruneResult, previewPruning, prune } from './apps/prune.js';
export { type RecognisedToken, recogniseToken } from './apps/recognise.js';
export { blacklistToken, type RefreshedTokens, type RefreshOptions, refreshTokens } from './apps/refresh.js';
export { listSecondFactors, type ResetFactors, resetSecondFactors, type UserFactors } from './apps/second-factors.js';
export { type ListedToken, listTokens, revokeTokens, type TokenFilter } from './apps/tokens.js';
export { type LogEntry, type LogFilter, listLog } from './audit/read.js';
export { type Actor, type AuditOptions, findActor, type LogEvent, writeLog } from './audit/write.js';
export { type ActivationOptions, setActive } from './auth/accounts/activation.js';
export { type Addressee, listAddresses } from './auth/accounts/addresses.js';
export { type EditedUser, type EditOptions, editUser, type UserEdit } from './auth/accounts/edit-user.js';
export {
  type FindUserOptions,
  findUser,
  findUserByEmail,
  findUserByKey,
  type User,
  type UserOrKey,
} from './auth/accounts/find-user.js';
export { importUsers } from './auth/accounts/import/import-users.js';
export { readImportRows } from './auth/accounts/import/read-rows.js';
export { listUsers, type UserFilter } from './auth/accounts/list-users.js';
export { mergeUsers, undoMerge } from './auth/accounts/merge-users.js';
export {
  changePassword,
  type HashingOptions,
  type SetPasswordOptions,
  setPassword,
  touchLastLogin,
  verifyPassword,
} from './auth/accounts/password.js';
export { makeResetLink } from './auth/accounts/reset-link.js';
export {
  type SavedUser,
  type SaveOptions,
  saveSuperuser,
  saveUser,
  type WantedUser,
} from './auth/accounts/save-user.js';
export {
  type CheckTokenOptions,
  checkResetToken,
  encodeUid,
  makeResetToken,
  sessionAuthHash,
  type TokenOptions,
  type TokenUser,
} from './auth/accounts/tokens.js';
export { createUser, type NewUser, storePasswordHash, updateUser } from './auth/accounts/users.js';
export { auditPasswords } from './auth/passwords/audit.js';
export { convertForeignHash } from './auth/passwords/foreign/convert.js';
export { generatePassword } from './auth/passwords/generate.js';
export {
  checkPassword,
  identifyHasher,
  isPasswordUsable,
  type MakePasswordOptions,
  makePassword,
  passwordNeedsUpdate,
} from './auth/passwords/hashers.js';
export { type PartialUser, type ValidationOptions, validatePassword } from './auth/passwords/validators.js';
export { readAccess, readUserAccess } from './auth/permissions/access.js';
export { applyAccess, dumpAccess, planAccess } from './auth/permissions/apply.js';
export { type EditedGroup, editGroup, type GroupEdit } from './auth/permissions/edit-group.js';
export {
  addToGroups,
  grantPermissions,
  type PermissionHolder,
  removeFromGroups,
  revokePermissions,
} from './auth/permissions/grants.js';
export { findGroup, findPermissions, type Group, requireGroup } from './auth/permissions/groups.js';
export { createGroup, deleteGroup, renameGroup } from './auth/permissions/manage-groups.js';
export { type GroupDeletion, previewGroupDeletion } from './auth/permissions/preview-group.js';
export { hasPerm, permissionsOf } from './auth/permissions/rights.js';
export { type SyncResult, syncPermissions } from './auth/permissions/sync.js';
export { whoCan } from './auth/permissions/who-can.js';
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
export * as signing from './crypto/signing/signing.js';
export type { Connection, DbContext, Executor } from './db/connect/connection.js';
export { type ResetOptions, type ResetResult, resetDatabase } from './db/connect/reset.js';
export type { Value } from './db/dialect/dialect.js';
export { introspectRegistry } from './db/introspection/registry.js';
export { defineMigration, type Migration, type MigrationContext } from './db/migrations/migration.js';
export type { ColumnDefinition, SchemaEditor, TableDefinition } from './db/schema/schema-editor.js';
export { type TransactionOptions, transaction } from './db/transactions/transaction.js';
export type { Row } from './db/write/rows.js';
export { CommandError, OperationCancelled, UsageError } from './errors.js';
export { type DumpFixtureOptions, dumpFixture } from './fixtures/dump/dump-fixture.js';
export { type OpenFixturesOptions, openFixtures } from './fixtures/find/open-fixtures.js';
export type { FixtureSource } from './fixtures/find/source.js';
export type { Difference } from './fixtures/load/comparison.js';
export { type LoadOptions, type LoadResult, loadFixtures } from './fixtures/load/load-fixtures.js';
export { defineApp } from './registry/define.js';
export type {
  AppDefinition,
  Field,
  FieldDefinition,
  Model,
  ModelDefinition,
  ModelOverride,
  Registry,
} from './registry/types.js';
export { type ClearedRows, clear } from './rows/clear.js';
export { type ClearPlan, planClearing } from './rows/clear-plan.js';
export { type FlushOptions, type FlushPreview, type FlushResult, flush, flushSql, previewFlush } from './rows/flush.js';
export { populate } from './rows/populate/populate.js';
export type { Populated, PopulateOptions } from './rows/populate/seeding.js';
export { createSql, type SqlPart } from './schema/app-sql.js';
export type { CheckContext, CheckedDatabase, Finding, Level } from './schema/checks/finding.js';
export { type CheckOptions, runChecks } from './schema/checks/run.js';
export { type Inspected, type InspectOptions, inspectDatabase } from './schema/inspect.js';
export { type MigrateOptions, type MigrateResult, migrate } from './schema/migrate.js';
export { readMigrations } from './schema/migration-state.js';
export { findStaleContentTypes, removeContentTypes, type StaleContentTypes } from './schema/stale-content-types.js';
export { type ClearOptions, clearExpiredSessions } from './sessions/admin/clear.js';
export {
  countSessions,
  revokeSessions,
  revokeUserSessions,
  type SelectionCount,
  selectedSessions,
} from './sessions/admin/revoke.js';
export type { InspectedSession, SelectionContext, SessionSelection } from './sessions/admin/selection.js';
export { type SessionStats, sessionStats } from './sessions/admin/stats.js';
export { type DecodedSession, decodeSession, encodeSession, type SessionKeys } from './sessions/codec/codec.js';
export { type CreatedSession, type CreateSessionOptions, createSession } from './sessions/store/create.js';
export { type ExpiryOptions, endsWithBrowser, sessionAge, sessionExpiry } from './sessions/store/expiry.js';
export {
  cycleSession,
  deleteSession,
  type LoadSessionOptions,
  loadSession,
  type SaveSessionOptions,
  type Session,
  type StoredSession,
  saveSession,
} from './sessions/store/stored-session.js';
export { findSessionUser, type SessionUser } from './sessions/store/users.js';
export { defineConfig, type ParsedSettings, type Settings } from './settings/settings.js';
export { type GeneratedKeys, generateKeys } from './tokens/generate.js';
export { type Algorithm, type Jwk, jwks, type KeyMaterial, type Keys, type NamedKey } from './tokens/key-ring.js';
export {
  type CreateTokenOptions,
  createToken,
  type DecodedToken,
  decodeToken,
  type TokenKeys,
  type TokenType,
  type VerifyTokenOptions,
  verifyToken,
} from './tokens/token.js';
