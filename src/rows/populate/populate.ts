import type { Faker } from '@faker-js/faker';
import { makePassword } from '../../auth/passwords/hashers.js';
import type { Connection } from '../../db/connect/connection.js';
import { assertNotShadowed, readTableMap, tablesOfModels } from '../../db/introspection/table-map.js';
import { repeatableTransaction } from '../../db/transactions/transaction.js';
import { OperationCancelled } from '../../errors.js';
import { alone } from '../run-lock.js';
import { builtInSeeds, type Seed } from '../seeds.js';
import { loadFaker } from './faker.js';
import type { Populated, PopulateOptions, Seeding } from './seeding.js';
import { createWrites } from './writes.js';

/**
 * Fills a database with realistic accounts, groups, permissions of both, sessions and log entries, besides what it holds
 * already, by the seeds of this package or some of them. All of it is one transaction; memory does not grow with the numbers. No
 * account is a superuser's.
 *
 * @throws CommandError where tables or the secret key for sessions are missing, and where the search path finds other tables
 * than those that refer to each other.
 */
export async function populate(
  connection: Connection,
  options: PopulateOptions,
  seeds?: readonly Seed[],
): Promise<Populated> {
  const { seed: number, signal } = options;
  let source: Source | undefined = await openSource(options);
  const times = number === undefined ? { now: options.now, anchor: options.now } : seededTimes(options);
  return alone(connection, signal === undefined ? {} : { signal }, () =>
    repeatableTransaction(connection, async (bound) => {
      const { faker, password } = source ?? (await openSource(options));
      source = undefined;
      assertNotShadowed(await readTableMap(bound, bound.db), tablesOfModels(bound.registry.models));
      const seeding = await startSeeding(bound, { ...options, ...times }, faker, password);
      try {
        for (const { seed } of seeds ?? (await builtInSeeds())) {
          await seed(bound.db, seeding);
          await seeding.writes.done();
        }
      } catch (error) {
        await seeding.writes.abandon();
        throw error;
      }
      return seeding.made;
    }),
  );
}

/** Where values come from: the same ones each time, where there is a seed. */
type Source = Pick<Seeding, 'faker' | 'password'>;

async function openSource(options: PopulateOptions): Promise<Source> {
  const faker = await loadFaker(options.locale ?? 'en', options.seed);
  return { faker, password: await passwordOf(options, faker) };
}

const dayMs = 86_400_000;

/**
 * Times of accounts and log entries are the same in every run. Those of sessions cannot be, or all of them would be over
 * one day: they go back from the beginning of the day, or of a shorter time where sessions do not last for two weeks, so
 * that as many as ever are over.
 */
function seededTimes({ now, sessionAge }: PopulateOptions): { readonly now: Date; readonly anchor: Date } {
  const stepMs = Math.max(1, Math.min(dayMs, Math.floor((sessionAge * 1000) / 14)));
  return { now: new Date(Math.floor(now.getTime() / stepMs) * stepMs), anchor: new Date(Date.UTC(2025, 0, 1)) };
}

async function passwordOf({ password, seed, hasher }: PopulateOptions, faker: Faker): Promise<string> {
  const salt = seed === undefined ? undefined : faker.string.alphanumeric(22);
  if (password === undefined) return salt === undefined ? makePassword(null) : `!${faker.string.alphanumeric(40)}`;
  const usesSalt = salt !== undefined && (hasher === undefined || hasher.startsWith('pbkdf2'));
  return makePassword(password, { hasher, ...(usesSalt ? { salt } : {}) });
}

async function startSeeding(
  connection: Connection,
  options: Seeding['options'],
  faker: Faker,
  password: string,
): Promise<Seeding> {
  const made = { users: 0, groups: 0, memberships: 0, permissions: 0, sessions: 0, logEntries: 0 };
  return {
    connection,
    options,
    faker,
    password,
    made,
    bulk: await connection.dialect.bulk(connection.db),
    writes: createWrites(),
    advance() {
      if (options.signal?.aborted) throw new OperationCancelled();
      options.onProgress?.(made.users + made.sessions, options.users + options.sessions);
    },
  };
}
