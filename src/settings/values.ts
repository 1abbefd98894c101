import { durationSeconds, knownNames } from '../text.js';

/** Sentences about what is wrong; they are collected and reported at once. */
export type Problems = string[];

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const secondsWanted = 'a whole number of seconds above 0';

/** A number of seconds, or a text such as `2h`. */
const secondsIn = (value: unknown): number | undefined => {
  const seconds = typeof value === 'string' ? durationSeconds(value) : value;
  return typeof seconds === 'number' && Number.isSafeInteger(seconds) ? seconds : undefined;
};

/** Reads typed values out of what a config file exports; a wrong one is a problem and counts as absent. */
export function readers(source: Record<string, unknown>, problems: Problems, prefix = '') {
  const read = <T>(key: string, is: (value: unknown) => value is T, expected: string): T | undefined => {
    const value = Object.hasOwn(source, key) ? source[key] : undefined;
    if (value === undefined || is(value)) return value;
    problems.push(`\`${prefix}${key}\` must be ${expected}.`);
    return undefined;
  };
  return {
    text: (key: string) => read(key, (v): v is string => typeof v === 'string' && v !== '', 'text, and not empty'),
    flag: (key: string) => read(key, (v): v is boolean => typeof v === 'boolean', 'true or false'),
    seconds: (key: string, { least = 1 }: { readonly least?: number } = {}) => {
      const value = read(
        key,
        (v): v is number | string => (secondsIn(v) ?? -1) >= least,
        least === 0 ? 'a whole number of seconds' : secondsWanted,
      );
      return value === undefined ? undefined : secondsIn(value);
    },
    texts: (key: string) =>
      read(
        key,
        (v): v is string[] => Array.isArray(v) && v.every((item) => typeof item === 'string' && item !== ''),
        'an array of texts',
      ),
    record: (key: string) => read(key, isRecord, 'an object') ?? {},
    known(names: readonly string[]): void {
      for (const key of Object.keys(source)) {
        if (names.includes(key)) continue;
        problems.push(`\`${prefix}${key}\` is not a setting. ${knownNames(key, names)}`);
      }
    },
  };
}

/** Django 5.2 conf/global_settings.py, PASSWORD_HASHERS: the algorithm's name behind each class. */
const hasherClasses: Readonly<Record<string, string>> = {
  PBKDF2PasswordHasher: 'pbkdf2_sha256',
  PBKDF2SHA1PasswordHasher: 'pbkdf2_sha1',
  Argon2PasswordHasher: 'argon2',
  BCryptSHA256PasswordHasher: 'bcrypt_sha256',
  BCryptPasswordHasher: 'bcrypt',
  ScryptPasswordHasher: 'scrypt',
  MD5PasswordHasher: 'md5',
};
const hashers = Object.values(hasherClasses);
const defaultHashers = ['pbkdf2_sha256', 'pbkdf2_sha1', 'argon2', 'bcrypt_sha256', 'scrypt'];

/** Django's class names are taken too, so that a list can be copied from a Django project. */
function lastPart(name: string, module: string): string {
  return name.startsWith(module) ? name.slice(module.length) : name;
}

export function parseHashers(names: readonly string[] | undefined, problems: Problems): string[] {
  if (names === undefined) return defaultHashers;
  if (names.length === 0) problems.push('`passwordHashers` is empty: name at least one, such as pbkdf2_sha256.');
  return names.map((name) => {
    const last = lastPart(name, 'django.contrib.auth.hashers.');
    const known = Object.hasOwn(hasherClasses, last) ? hasherClasses[last] : hashers.find((hasher) => hasher === last);
    if (known !== undefined) return known;
    const hint = knownNames(name, hashers);
    problems.push(`\`passwordHashers\` names '${name}', which is unknown. ${hint}`);
    return name;
  });
}

/** Some three seconds of work. */
const mostIterations = 10_000_000;

export function parseIterations(value: unknown, problems: Problems): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= mostIterations) return value;
  problems.push(`\`passwordIterations\` must be a whole number from 1 to ${mostIterations}.`);
  return undefined;
}

/** Django 5.2 contrib/auth/password_validation.py, with the options that each takes. */
const validators: Readonly<Record<string, readonly string[]>> = {
  UserAttributeSimilarityValidator: ['user_attributes', 'max_similarity'],
  MinimumLengthValidator: ['min_length'],
  CommonPasswordValidator: ['password_list_path'],
  NumericPasswordValidator: [],
};

/** A password validator and its options, by Django's names. */
export interface ParsedValidator {
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
}

export function parseValidators(value: unknown, problems: Problems): readonly ParsedValidator[] {
  const names = Object.keys(validators);
  if (value === undefined) return names.map((name) => ({ name, options: {} }));
  const wrong = '`passwordValidators` must be an array of names, or of objects with `name` and `options`.';
  if (!Array.isArray(value)) {
    problems.push(wrong);
    return [];
  }
  return value.flatMap((item: unknown) => {
    const { name, options = {} } = isRecord(item) ? item : { name: item };
    if (typeof name !== 'string' || !isRecord(options)) {
      problems.push(wrong);
      return [];
    }
    const last = lastPart(name, 'django.contrib.auth.password_validation.');
    const known = Object.hasOwn(validators, last) ? validators[last] : undefined;
    if (known === undefined) {
      const hint = knownNames(last, names);
      problems.push(`\`passwordValidators\` names '${name}', which is unknown. ${hint}`);
      return [];
    }
    for (const option of Object.keys(options).filter((key) => !known.includes(key))) {
      const hint = known.length === 0 ? 'It takes none.' : `Known are ${known.join(', ')}.`;
      problems.push(`\`passwordValidators\` gives ${last} the option '${option}', which it does not have. ${hint}`);
    }
    return [{ name: last, options }];
  });
}
