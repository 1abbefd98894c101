import { characterCount, nonWord } from '../../python-text.js';
import { badOption, type Validator, type ValidatorOptions } from './validator.js';

const name = 'UserAttributeSimilarityValidator';
const defaultAttributes = ['username', 'first_name', 'last_name', 'email'];

/**
 * The upper bound of how alike two texts are, from 0 to 1: characters that they share, in any order, twice, by the length
 * of both (Python's difflib.SequenceMatcher.quick_ratio).
 */
export function quickRatio(a: string, b: string): number {
  const [left, right] = [[...a], [...b]];
  if (left.length + right.length === 0) return 1;
  const available = new Map<string, number>();
  for (const character of right) available.set(character, (available.get(character) ?? 0) + 1);
  let matches = 0;
  for (const character of left) {
    const count = available.get(character) ?? 0;
    if (count > 0) matches += 1;
    available.set(character, count - 1);
  }
  return (2 * matches) / (left.length + right.length);
}

/** Whether the password is so much longer that the ratio cannot reach `maxSimilarity` (exceeds_maximum_length_ratio). */
function isMuchLonger(password: number, value: number, maxSimilarity: number): boolean {
  return password >= 10 * value && value < (maxSimilarity / 2) * password;
}

function readOptions(options: ValidatorOptions): { attributes: readonly string[]; maxSimilarity: number } {
  const { user_attributes: attributes = defaultAttributes, max_similarity: maxSimilarity = 0.7 } = options;
  if (!Array.isArray(attributes) || !attributes.every((attribute) => typeof attribute === 'string')) {
    throw badOption(name, 'user_attributes', 'Make it an array of field names.');
  }
  if (typeof maxSimilarity !== 'number' || !(maxSimilarity >= 0.1)) {
    throw badOption(name, 'max_similarity', 'Make it a number of at least 0.1.');
  }
  return { attributes, maxSimilarity };
}

/** Compares with the user's name and address, and their parts (Django 5.2 contrib/auth/password_validation.py). */
export function similarityValidator(options: ValidatorOptions): Validator {
  const { attributes, maxSimilarity } = readOptions(options);
  return (password, { user, verboseName }) => {
    const lower = password.toLowerCase();
    const length = characterCount(lower);
    const isSimilar = (part: string) =>
      !isMuchLonger(length, characterCount(part), maxSimilarity) && quickRatio(lower, part) >= maxSimilarity;
    for (const attribute of attributes) {
      const value = user[attribute];
      if (typeof value !== 'string' || value === '') continue;
      const text = value.toLowerCase();
      if ([...text.split(nonWord), text].some(isSimilar)) {
        const message = `The password is too similar to the ${verboseName(attribute)}.`;
        return { code: 'password_too_similar', message };
      }
    }
    return undefined;
  };
}
