import type { DbContext } from '../../db/connect/connection.js';
import { findField } from '../../registry/define.js';
import { defaultIterations } from '../passwords/hashers/pbkdf2.js';
import { roundsOf } from '../passwords/hashers.js';
import { userModelOf } from './user-model.js';

/** What new hashes of a project are made with, for `makePassword` and `passwordNeedsUpdate`. */
export interface NewHashes {
  readonly hasher: string | undefined;
  /** Rounds of PBKDF2. */
  readonly iterations: number;
}

/** How many accounts are looked at, by their keys and by their logins. */
const sample = 100;

/**
 * What new hashes of the accounts in this database are made with: the first of the settings' hashers, and the rounds that the
 * settings name, or else the most that the newest hashes have, and never fewer than Django 5.2's. A newer Django writes more
 * rounds than an older one, and none of its hashes is to become weaker.
 */
export async function newHashes(
  { db, registry }: Pick<DbContext, 'db' | 'registry'>,
  {
    passwordHashers,
    passwordIterations,
  }: { readonly passwordHashers: readonly string[]; readonly passwordIterations?: number | undefined },
): Promise<NewHashes> {
  const [hasher] = passwordHashers;
  if (passwordIterations !== undefined) return { hasher, iterations: passwordIterations };
  if (!hasher?.startsWith('pbkdf2')) return { hasher, iterations: defaultIterations };
  const { model, auth, password } = userModelOf(registry);
  const lastLogin = findField(model, auth.lastLoginField ?? '');
  const newest = (column: string) =>
    db(model.table)
      .whereNotNull(column)
      .where(password.column, 'like', `${hasher}$%`)
      .orderBy(column, 'desc')
      .limit(sample)
      .pluck(password.column);
  const hashes: unknown[] = [
    ...(await newest(model.primaryKey.column)),
    ...(lastLogin === undefined ? [] : await newest(lastLogin.column)),
  ];
  const rounds = hashes.map((encoded) => (typeof encoded === 'string' ? (roundsOf(encoded) ?? 0) : 0));
  return { hasher, iterations: Math.max(defaultIterations, ...rounds) };
}
