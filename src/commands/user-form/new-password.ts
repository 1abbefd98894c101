import { validatePassword } from '../../auth/passwords/validators.js';
import type { Context } from '../../command.js';
import type { Row } from '../../db/write/rows.js';
import type { Model } from '../../registry/types.js';

/** Says what speaks against a password, in Django's sentences. */
export type Judge = (password: string) => Promise<string[]>;

/** Judges by the validators of the settings, for the owner of the password as far as it is known. */
export function passwordJudge({ settings }: Pick<Context, 'settings'>, model: Model, user: Row): Judge {
  const options = { validators: settings.passwordValidators, model, root: settings.root };
  return (password) => validatePassword(password, user, options);
}

/**
 * Asks for a new password, twice, until both are equal and either good or wanted all the same
 * (Django 5.2 contrib/auth/management/commands/createsuperuser.py). `bypass` is the question about a bad one.
 */
export async function askNewPassword(
  { terminal }: Pick<Context, 'terminal'>,
  judge: Judge,
  bypass: string,
): Promise<string> {
  for (;;) {
    const password = await terminal.askSecret('Password: ');
    if ((await terminal.askSecret('Password (again): ')) !== password) {
      terminal.warn("Error: Your passwords didn't match.");
    } else if (password.trim() === '') {
      terminal.warn("Error: Blank passwords aren't allowed.");
    } else {
      const problems = await judge(password);
      if (problems.length === 0) return password;
      for (const problem of problems) terminal.warn(problem);
      if ((await terminal.ask(bypass)).toLowerCase() === 'y') return password;
    }
  }
}
