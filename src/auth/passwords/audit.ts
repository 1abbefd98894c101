import type { Connection } from '../../db/connect/connection.js';
import type { Value } from '../../db/dialect/dialect.js';
import { passOver, readPages } from '../../db/read/pages.js';
import { findField } from '../../registry/define.js';
import { userModelOf } from '../accounts/user-model.js';
import { identifyHasher, isPasswordUsable, passwordNeedsUpdate, passwordState } from './hashers.js';

/** What an account's stored password comes to. */
export type PasswordKind =
  | 'current'
  | 'outdated'
  | 'other'
  | 'unverifiable'
  | 'unusable'
  | 'empty'
  | 'unknown'
  | 'broken'
  | 'too_long';

export interface PasswordGroup {
  readonly kind: PasswordKind;
  /** `pbkdf2_sha256`; null for what has none. */
  readonly algorithm: string | null;
  /** Rounds, cost or the like, as the hash has it. */
  readonly cost: string | null;
  readonly accounts: number;
  /** Of those, who may log in by their flags. */
  readonly active: number;
  readonly staff: number;
  readonly superusers: number;
  readonly neverLoggedIn: number;
}

export interface PasswordAudit {
  readonly accounts: number;
  readonly groups: readonly PasswordGroup[];
  /** Active accounts with a hash that the settings, or the Django that was asked about, do not verify. */
  readonly cannotLogIn: number;
}

export interface AuditPasswordsOptions {
  /** Algorithms that the settings verify, the preferred one first. */
  readonly hashers: readonly string[];
  /** Whether stock Django of a version, such as `5.1`, is asked about in place of the settings. */
  readonly targetDjango?: string | undefined;
  readonly signal?: AbortSignal;
  readonly onProgress?: (accounts: number) => void;
}

/** Hashers that Django brings, by the release from which on, and up to which, it does (its release notes). */
const django: Readonly<Record<string, readonly [from: number, before: number]>> = {
  pbkdf2_sha256: [104, Number.POSITIVE_INFINITY],
  pbkdf2_sha1: [104, Number.POSITIVE_INFINITY],
  bcrypt_sha256: [106, Number.POSITIVE_INFINITY],
  bcrypt: [104, Number.POSITIVE_INFINITY],
  argon2: [110, Number.POSITIVE_INFINITY],
  scrypt: [400, Number.POSITIVE_INFINITY],
  md5: [104, Number.POSITIVE_INFINITY],
  sha1: [104, 501],
  unsalted_md5: [104, 501],
  unsalted_sha1: [104, 501],
};

const versionNumber = (text: string): number => {
  const [major = 0, minor = 0] = text.split('.').map(Number);
  return major * 100 + minor;
};

/** Whether stock Django of this version has a hasher that verifies hashes of an algorithm, in its default list or not. */
export function isVerifiedByDjango(algorithm: string, version: string): boolean {
  const [from, before] = django[algorithm] ?? [Number.POSITIVE_INFINITY, 0];
  return versionNumber(version) >= from && versionNumber(version) < before;
}

function costOf(encoded: string, algorithm: string): string | null {
  const parts = encoded.split('$');
  if (algorithm.startsWith('pbkdf2')) return parts[1] ?? null;
  if (algorithm.startsWith('bcrypt')) return parts[3] ?? null;
  if (algorithm === 'argon2') return parts.find((part) => part.startsWith('m=')) ?? null;
  return algorithm === 'scrypt' ? `${parts[1]},${parts[3]},${parts[4]}` : null;
}

/** Judges one stored password. */
export function judgeStored(
  encoded: Value | undefined,
  { hashers, targetDjango }: Pick<AuditPasswordsOptions, 'hashers' | 'targetDjango'>,
  maxLength: number | undefined,
): Pick<PasswordGroup, 'kind' | 'algorithm' | 'cost'> {
  const none = (kind: PasswordKind) => ({ kind, algorithm: null, cost: null });
  if (typeof encoded !== 'string' || encoded === '') return none('empty');
  if (!isPasswordUsable(encoded)) return none('unusable');
  const algorithm = identifyHasher(encoded);
  if (algorithm === undefined) return none('unknown');
  const of = (kind: PasswordKind) => ({ kind, algorithm, cost: costOf(encoded, algorithm) });
  if (maxLength !== undefined && encoded.length > maxLength) return of('too_long');
  if (passwordState(encoded) === 'broken') return of('broken');
  const verified =
    targetDjango === undefined ? hashers.includes(algorithm) : isVerifiedByDjango(algorithm, targetDjango);
  if (!verified) return of('unverifiable');
  const [hasher] = hashers;
  if (algorithm !== hasher) return of('other');
  return of(passwordNeedsUpdate(encoded, { hasher }) ? 'outdated' : 'current');
}

const cannotLogIn: ReadonlySet<PasswordKind> = new Set(['unverifiable', 'empty', 'unknown', 'broken', 'too_long']);

/** Counts accounts by what their stored passwords come to. Memory stays the same however many there are. */
export async function auditPasswords(connection: Connection, options: AuditPasswordsOptions): Promise<PasswordAudit> {
  const { model, auth, password } = userModelOf(connection.registry);
  const names = new Set([
    model.primaryKey.name,
    password.name,
    auth.activeField,
    auth.lastLoginField,
    'is_staff',
    'is_superuser',
    ...Object.keys(auth.superuserValues),
  ]);
  const fields = model.fields.filter(({ name }) => names.has(name));
  const at = (name: string | undefined) => fields.findIndex((field) => field.name === name);
  const [passwordAt, activeAt, loginAt, staffAt] = [
    at(password.name),
    at(auth.activeField),
    at(auth.lastLoginField),
    at('is_staff'),
  ];
  const flags = Object.entries(auth.superuserValues).map(([name, value]) => [at(name), value] as const);
  const groups = new Map<string, { -readonly [K in keyof PasswordGroup]: PasswordGroup[K] }>();
  let [accounts, shut] = [0, 0];
  for await (const page of readPages(connection, connection.db, model, { fields, onBadValue: passOver })) {
    options.signal?.throwIfAborted();
    for (const row of page) {
      const { kind, algorithm, cost } = judgeStored(
        row[passwordAt],
        options,
        findField(model, password.name)?.maxLength,
      );
      const key = `${kind} ${algorithm} ${cost}`;
      const group = groups.get(key) ?? {
        kind,
        algorithm,
        cost,
        accounts: 0,
        active: 0,
        staff: 0,
        superusers: 0,
        neverLoggedIn: 0,
      };
      groups.set(key, group);
      const active = activeAt === -1 || row[activeAt] === true;
      group.accounts++;
      if (active) group.active++;
      if (staffAt !== -1 && row[staffAt] === true) group.staff++;
      if (flags.length > 0 && flags.every(([place, value]) => row[place] === value)) group.superusers++;
      if (loginAt !== -1 && row[loginAt] === null) group.neverLoggedIn++;
      if (active && cannotLogIn.has(kind)) shut++;
    }
    accounts += page.length;
    options.onProgress?.(accounts);
  }
  return { accounts, groups: [...groups.values()].sort((a, b) => b.accounts - a.accounts), cannotLogIn: shut };
}
