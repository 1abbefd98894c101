import { userInfo } from 'node:os';
import type { DbContext } from '../../db/connect/connection.js';
import { cleanUsername } from './clean-text.js';
import { userModelOf } from './user-model.js';
import { findUser } from './users.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** Who runs this program, or an empty text: what Python's `getpass.getuser()` says. */
export function systemUsername(env: Environment): string {
  for (const name of ['LOGNAME', 'USER', 'LNAME', 'USERNAME']) if (env[name]) return env[name];
  try {
    return userInfo().username;
  } catch {
    // In a container the user may have no name.
    return '';
  }
}

/**
 * The name to offer for a new account: that of who runs this program, in ASCII and lower case. Undefined where it is
 * taken or no user name, and for a project's own user model, whose names may be anything
 * (Django 5.2 contrib/auth/management/__init__.py, get_default_username).
 */
export async function defaultUsername(connection: DbContext, env: Environment): Promise<string | undefined> {
  const { model, username } = userModelOf(connection.registry);
  if (model.label !== 'auth.user') return undefined;
  const ascii = systemUsername(env)
    .normalize('NFKD')
    .replaceAll(/[^\x01-\x7f]| /g, '')
    .toLowerCase();
  const { value } = cleanUsername(username, ascii);
  if (typeof value !== 'string') return undefined;
  return (await findUser(connection, value, { lenient: true })) === undefined ? value : undefined;
}
