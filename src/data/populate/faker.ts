import type { Faker } from '@faker-js/faker';
import { CommandError } from '../../errors.js';

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
  const unknown = (cause?: unknown) =>
    new CommandError(`There are no data in the language '${locale}'.`, {
      code: 'unknown_locale',
      hint: 'Use one that faker has: en, en_GB, de, fr, es, it, nl, pl, pt_BR, ja, zh_CN and others.',
      cause,
    });
  if (locale === 'en') return import('@faker-js/faker/locale/en');
  if (!/^[a-z]{2,3}(?:_[A-Za-z]+)*$/.test(locale)) throw unknown();
  try {
    return await import(`@faker-js/faker/locale/${locale}`);
  } catch (error) {
    if (
      error instanceof Error &&
      'code' in error &&
      /^ERR_(?:MODULE_NOT_FOUND|PACKAGE_PATH)/.test(String(error.code))
    ) {
      throw unknown(error);
    }
    throw error;
  }
}
