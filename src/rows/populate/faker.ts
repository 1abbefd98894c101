import type { Faker } from '@faker-js/faker';
import { CommandError } from '../../errors.js';
import { knownNames } from '../../text.js';

/**
 * A source of believable values in a language (`en`, `de_AT`). With the same seed it gives the same values again.
 *
 * @throws CommandError for a language that there is not.
 */
export async function loadFaker(locale: string, seed: number | undefined): Promise<Faker> {
  const { faker } = await importLocale(locale);
  faker.seed(seed);
  return faker;
}

async function importLocale(locale: string): Promise<{ readonly faker: Faker }> {
  if (locale === 'en') return import('@faker-js/faker/locale/en');
  const { allLocales } = await import('@faker-js/faker');
  // The base is what all languages share: it has no names.
  const known = Object.keys(allLocales).filter((name) => name !== 'base');
  const name = locale.replaceAll('-', '_');
  if (!known.includes(name)) {
    throw new CommandError(`There are no data in the language '${locale}'.`, {
      code: 'unknown_locale',
      hint: knownNames(name, known.sort(), { say: 'Choose one of' }),
    });
  }
  return import(`@faker-js/faker/locale/${name}`);
}
