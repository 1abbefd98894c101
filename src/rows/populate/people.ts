import type { Faker } from '@faker-js/faker';

/** Somebody who could have an account. */
export interface Person {
  readonly first: string;
  readonly last: string;
  /** Different for each: letters, digits, dots and dashes. */
  readonly login: string;
  readonly email: string;
  readonly joined: Date;
  readonly lastLogin: Date | undefined;
  readonly active: boolean;
}

const dayMs = 86_400_000;

/** Addresses are of domains that nobody can have (RFC 2606). */
const domains = ['example.com', 'example.org', 'example.net'];

/** A person who joined within the three years before `now`; `number` makes the login one of its own. */
export function makePerson(faker: Faker, { number, now }: { readonly number: number; readonly now: Date }): Person {
  const first = faker.person.firstName();
  const last = faker.person.lastName();
  const login = `${wordOf(first)}.${wordOf(last)}${number}`;
  const joinedAgo = faker.number.float({ min: 0, max: 3 * 365 * dayMs });
  const seen = faker.number.float({ min: 0, max: 1 });
  return {
    first,
    last,
    login,
    email: `${login}@${faker.helpers.arrayElement(domains)}`,
    joined: new Date(now.getTime() - Math.round(joinedAgo)),
    lastLogin: seen < 0.15 ? undefined : new Date(now.getTime() - Math.round(joinedAgo * (1 - seen))),
    active: faker.number.float({ min: 0, max: 1 }) < 0.95,
  };
}

/** Letters and digits of ASCII, as far as there are any: they are good in an address too. */
function wordOf(name: string): string {
  const ascii = name.normalize('NFKD').replace(/[^A-Za-z0-9]/g, '');
  return (ascii || 'user').toLowerCase().slice(0, 40);
}
