import { CommandError } from '../../errors.js';
import { randomText } from './hashers/hasher.js';

/** Letters and digits: some 119 bits in 20 of them. Validators may ask for more; bcrypt reads no more than 72. */
const lengths = [20, 20, 40, 40, 60, 60];

/**
 * A password that nobody can guess and that `judge` finds nothing against; without one, twenty letters and digits.
 *
 * @throws CommandError where the validators refuse all of several.
 */
export async function generatePassword(
  judge: (password: string) => Promise<readonly string[]> = async () => [],
): Promise<string> {
  for (const length of lengths) {
    const password = randomText(length);
    if ((await judge(password)).length === 0) return password;
  }
  throw new CommandError('The passwordValidators refuse every generated password.', {
    code: 'no_password',
  });
}
