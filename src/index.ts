/** The public API of manage-auth. */
export {
  checkPassword,
  identifyHasher,
  isPasswordUsable,
  type MakePasswordOptions,
  makePassword,
  passwordNeedsUpdate,
} from './auth/hashers.js';
export { type PartialUser, type ValidationOptions, validatePassword } from './auth/validators.js';
export { type Command, type Context, defineCommand, type Host, type Prompter, type Terminal } from './command.js';
export { defineMigration, type Migration, type MigrationContext } from './db/migration.js';
export { CommandError, OperationCancelled, UsageError } from './errors.js';
export { callCommand, main } from './main.js';
export { defineApp } from './registry/define.js';
export type { AppDefinition, FieldDefinition, ModelDefinition, Registry } from './registry/types.js';
export { defineConfig, type ParsedSettings, type Settings } from './settings.js';
