import { characterCount, isDigits } from '../../python-text.js';
import { badOption, type Validator, type ValidatorOptions } from './validator.js';

/** Asks for `min_length` characters, 8 unless said (Django 5.2 contrib/auth/password_validation.py). */
export function minimumLengthValidator(options: ValidatorOptions): Validator {
  const { min_length: minimum = 8 } = options;
  if (typeof minimum !== 'number' || !Number.isInteger(minimum)) {
    throw badOption('MinimumLengthValidator', 'min_length', 'Make it a whole number.');
  }
  const unit = minimum === 1 ? 'character' : 'characters';
  const message = `This password is too short. It must contain at least ${minimum} ${unit}.`;
  return (password) => (characterCount(password) < minimum ? { code: 'password_too_short', message } : undefined);
}

/** Refuses passwords of digits only, in any script (Django 5.2 contrib/auth/password_validation.py). */
export const numericValidator: Validator = (password) =>
  isDigits(password) ? { code: 'password_entirely_numeric', message: 'This password is entirely numeric.' } : undefined;
