import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  checkResetToken,
  encodeUid,
  makeResetToken,
  sessionAuthHash,
  type TokenUser,
} from '../../src/auth/accounts/tokens.js';

interface Vector extends TokenUser {
  readonly username: string;
  readonly session_auth_hash: string;
  /** By a clock in UTC. */
  readonly now: string;
  readonly reset_token: string;
  readonly uidb64: string;
}
const { secret_key: secretKey, users } = JSON.parse(
  readFileSync(new URL('../data/vectors/users.json', import.meta.url), 'utf8'),
) as { readonly secret_key: string; readonly users: readonly [Vector, ...Vector[]] };

describe.each(users)('user $username', (user) => {
  const now = new Date(`${user.now}Z`);

  test('has the session hash that Django makes', () => {
    expect(sessionAuthHash(user, { secretKey })).toBe(user.session_auth_hash);
  });

  test('gets the reset token that Django makes', () => {
    expect(makeResetToken(user, { secretKey, now })).toBe(user.reset_token);
    expect(checkResetToken(user, user.reset_token, { secretKey, now })).toBe(true);
    expect(encodeUid(user.pk)).toBe(user.uidb64);
  });
});

test('the session hash of a known password column', () => {
  const hash = sessionAuthHash(
    { password: 'pbkdf2_sha256$1000000$abc$def' },
    { secretKey: 'django-insecure-test-key-0123456789' },
  );
  expect(hash).toBe('7845b1f2741d59a5e08fc809705f6a02d7b0e4d5f90cf634cedb284d7c919a0d');
});

describe('a reset token', () => {
  const [user] = users;
  const token = user.reset_token;
  const now = new Date(`${user.now}Z`);
  const later = (seconds: number) => new Date(now.getTime() + seconds * 1000);

  test('is good for three days, or for as long as is asked for', () => {
    expect(checkResetToken(user, token, { secretKey, now: later(259_200) })).toBe(true);
    expect(checkResetToken(user, token, { secretKey, now: later(259_201) })).toBe(false);
    expect(checkResetToken(user, token, { secretKey, now: later(61), timeout: 60 })).toBe(false);
  });

  test('is good with a fallback key', () => {
    expect(checkResetToken(user, token, { secretKey: 'new', now })).toBe(false);
    expect(checkResetToken(user, token, { secretKey: 'new', secretKeyFallbacks: ['old', secretKey], now })).toBe(true);
  });

  test('ends with a new password, a login, another address and for another user', () => {
    for (const change of [
      { password: 'other' },
      { last_login: '2025-03-04T05:05:00+00:00' },
      { email: 'a@example.com' },
      { pk: user.pk.toString().slice(1) },
    ]) {
      expect(checkResetToken({ ...user, ...change }, token, { secretKey, now })).toBe(false);
    }
  });

  test.each([
    '',
    '-',
    'x',
    `${token}-`,
    `-${token}`,
    token.slice(0, -1),
    `${token}0`,
    token.toUpperCase(),
    `z${token}`,
  ])('is not %j', (bad) => {
    expect(checkResetToken(user, bad, { secretKey, now })).toBe(false);
  });

  test('counts by the clock of its time zone', () => {
    const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kathmandu'];
    const stamps = zones.map((timeZone) => {
      const made = makeResetToken(user, { secretKey, now, timeZone });
      expect(checkResetToken(user, made, { secretKey, now, timeZone })).toBe(true);
      return Number.parseInt(made, 36);
    });
    const [utc = 0] = stamps;
    expect(stamps.map((stamp) => (stamp - utc) / 60)).toEqual([0, 60, -300, 345]);
  });
});
