import { cleanUsername } from '../auth/accounts/clean-text.js';
import { normalizeEmail } from '../auth/accounts/email.js';
import { cleanField } from '../auth/accounts/fields.js';
import { userModelOf } from '../auth/accounts/user-model.js';
import { createUser, takenProblem } from '../auth/accounts/users.js';
import type { User } from '../auth/backends/user.js';
import type { Value } from '../db/dialect/dialect.js';
import { CommandError } from '../errors.js';
import { asRequestError } from './errors.js';
import { passwordProblems, type RequestOrServer, serverOf } from './login.js';

/** A new user, or Django's sentences about what is wrong, by field. */
export type SignUp =
  | { readonly user: User; readonly errors?: undefined }
  | { readonly user?: undefined; readonly errors: Readonly<Record<string, readonly string[]>> };

/**
 * Makes an account of what a visitor has typed in: values by field of the user model, such as `username` and `email`, and
 * `password`. They are cleaned and validated as Django's forms do it. The user is not logged in by that.
 *
 * @throws RequestError of status 503 where too many passwords wait to be hashed, or the database does not answer.
 */
export async function signUp(
  place: RequestOrServer,
  { password, ...texts }: Readonly<Record<string, string>> & { readonly password: string },
): Promise<SignUp> {
  const { server } = serverOf(place);
  const { write } = server.pool;
  const { username } = userModelOf(write.registry);
  try {
    const { values, errors } = await cleanSignUp(place, { password, ...texts });
    if (Object.keys(errors).length > 0) return { errors };
    const encoded = await server.rights.context.passwords.make(password);
    const pk = await createUser(write, { values, password: encoded }, { now: server.sessions.now() });
    const user = await server.rights.context.findUserByKey(pk);
    if (user === undefined) throw new CommandError('The user was deleted at once.', { code: 'user_not_found' });
    return { user };
  } catch (error) {
    // Somebody else was faster.
    if (error instanceof CommandError && error.code === 'username_taken') {
      return { errors: { [username.name]: [`A user with that ${username.verboseName} already exists.`] } };
    }
    throw asRequestError(error);
  }
}

/**
 * What is wrong with what a visitor has typed in, by field, as {@link signUp} says it; an empty object where nothing is. For
 * forms that ask for more than that, such as the password twice.
 *
 * @throws RequestError of status 503 where the database does not answer.
 */
export async function signUpProblems(
  place: RequestOrServer,
  texts: Readonly<Record<string, string>> & { readonly password: string },
): Promise<Readonly<Record<string, readonly string[]>>> {
  try {
    return (await cleanSignUp(place, texts)).errors;
  } catch (error) {
    throw asRequestError(error);
  }
}

async function cleanSignUp(
  place: RequestOrServer,
  { password, ...texts }: Readonly<Record<string, string>> & { readonly password: string },
) {
  const { write } = serverOf(place).server.pool;
  const { model, auth, username } = userModelOf(write.registry);
  const errors: Record<string, readonly string[]> = {};
  const values: Record<string, Value> = {};
  for (const [name, text] of Object.entries({ [username.name]: '', ...texts })) {
    const field = model.fields.find((each) => each.name === name);
    if (field === undefined || field.primaryKey) throw new TypeError(`The user model has no field '${name}'.`);
    const cleaned =
      field === username
        ? cleanUsername(field, text)
        : cleanField(field, name === auth.emailField ? normalizeEmail(text) : text);
    const taken = cleaned.problems === undefined && (await takenProblem(write, field, cleaned.value));
    if (cleaned.problems !== undefined) errors[name] = cleaned.problems.map(inForms);
    else if (taken) errors[name] = [`A user with that ${field.verboseName} already exists.`];
    else values[name] = cleaned.value;
  }
  const problems = password === '' ? [required] : await passwordProblems(place, password, texts);
  if (problems.length > 0) errors.password = problems;
  return { values, errors };
}

const required = 'This field is required.';

/** Forms say it in other words than models. */
const inForms = (problem: string) => (problem === 'This field cannot be blank.' ? required : problem);
