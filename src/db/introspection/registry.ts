import { coreApps } from '../../registry/core.js';
import { createRegistry } from '../../registry/define.js';
import type { AppDefinition, ModelOverride, Registry } from '../../registry/types.js';
import type { Connection } from '../connect/connection.js';
import { introspectApps } from './apps.js';
import { overrideApps } from './override.js';
import { asUserModel } from './user-model.js';

/**
 * The registry of what a database itself has: its tables, with the names that its content types give to their models.
 * Tables without a key have no model. Accounts are in `wanted` where a label other than Django's own is given and the
 * database has its app, else in the model that `overrides` give an `auth` block, else in the one that is found.
 *
 * @throws CommandError where `overrides`, by label, names what is not there, and where `wanted` is not there or does not
 * tell how it keeps accounts.
 */
export async function introspectRegistry(
  connection: Pick<Connection, 'db' | 'dialect'>,
  overrides: Readonly<Record<string, ModelOverride>> = {},
  wanted = 'auth.user',
): Promise<Registry> {
  const { apps, userModel, guessed, absent, without, elsewhere, virtual } = await introspectApps(
    connection,
    connection.db,
  );
  const overridden = overrideApps(apps, overrides);
  const { maxNameLength } = connection.dialect;
  const here = (label: string) => overridden.apps.some((app) => label.startsWith(`${app.label}.`));
  const described = Object.keys(overrides).find((label) => overrides[label]?.auth !== undefined && here(label));
  const chosen =
    wanted.toLowerCase() !== 'auth.user' && here(wanted)
      ? wanted
      : described === undefined
        ? undefined
        : overridden.labelOf(described);
  return createRegistry(overridden.apps.map(withAccounts), chosen ?? overridden.labelOf(userModel), {
    maxNameLength,
    absent,
    // What somebody has named is no guess any more.
    without: [
      ...without.map((table) => ({ table, reason: 'without a primary key' })),
      ...virtual.map((table) => ({ table, reason: 'that a module of the database looks after (virtual tables)' })),
      ...elsewhere.map((table) => ({ table, reason: 'in a schema that the search path does not have' })),
    ],
    guessed: new Set([...guessed].filter((label) => overridden.labelOf(label) === label)),
  });
}

/** What somebody has said about how a model keeps accounts does not say what its new rows have. */
const withAccounts = ({ models, ...app }: AppDefinition): AppDefinition => ({
  ...app,
  models: coreApps.some(({ label }) => label === app.label)
    ? models
    : Object.fromEntries(
        Object.entries(models).map(([name, model]) => [
          name,
          model.auth === undefined ? model : asUserModel(model, model.auth),
        ]),
      ),
});
