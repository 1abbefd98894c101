import { createRegistry } from '../../registry/define.js';
import type { DbContext } from '../connect/connection.js';
import { introspectApps } from './apps.js';

/** A model that accounts are in, as a database itself has it. */
export interface FoundUserModel {
  /** `members.member`. */
  readonly label: string;
  readonly table: string;
  /** Whether its columns tell how it keeps accounts. */
  readonly isKnown: boolean;
}

/**
 * The model that holds the accounts of a database whose registry names one that has no table there: as of a site with
 * Django's AUTH_USER_MODEL, before any settings say so. Undefined where the registry's is there, or none is found. With
 * `besides` it is looked for even where the registry's table is there too, left over from before.
 */
export async function findOtherUserModel(
  { db, dialect, registry }: DbContext,
  { besides = false }: { readonly besides?: boolean } = {},
): Promise<FoundUserModel | undefined> {
  const names = await dialect.tableNames(db);
  if (names.length === 0 || (!besides && names.includes(registry.userModel.table))) return undefined;
  const { apps, userModel, accounts } = await introspectApps({ dialect }, db);
  if (accounts !== undefined && accounts.label !== userModel) {
    return accounts.table === registry.userModel.table ? undefined : { ...accounts, isKnown: false };
  }
  const { label, table } = createRegistry(apps, userModel, { maxNameLength: dialect.maxNameLength }).userModel;
  return names.includes(table) && table !== registry.userModel.table ? { label, table, isKnown: true } : undefined;
}

/** What to do about it, as sentences. */
export const userModelHint = ({ label, table, isKnown }: FoundUserModel): string =>
  !isKnown
    ? `The accounts of this database are in '${table}', whose columns do not tell which are names and passwords: give '${label}' an \`auth\` block, in its definition or in \`overrides\`.`
    : `The accounts of this database are in '${table}': set \`userModel: '${label}'\` in manage.config.ts and name its app in \`apps\`.`;
