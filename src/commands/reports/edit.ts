import type { EditedUser } from '../../auth/accounts/edit-user.js';
import type { Context } from '../../command.js';
import type { Row } from '../../db/write/rows.js';
import type { Registry } from '../../registry/types.js';

/** Says what has changed of an account, or would change. */
export function sayEdited({ terminal }: Context, username: string, { changed, address }: EditedUser, dry: boolean) {
  const would = dry ? 'would be' : 'was';
  if (changed.length === 0) terminal.say(`User '${username}' is like that already.`);
  else terminal.say(`User '${username}' ${would} changed: ${changed.join(', ')}.`);
  if (address) terminal.note(`The address that allauth has of user '${username}' ${would} changed too.`);
}

/** What ends with the change. */
export function sayWhatEnds(
  { terminal }: Context,
  { userModel: { auth } }: Registry,
  name: string,
  changed: readonly string[],
  values: Row,
) {
  if (auth?.emailField !== undefined && changed.includes(auth.emailField)) {
    terminal.note(`Links that user '${name}' was sent to choose a new password are not good any more.`);
  }
  if (auth?.activeField !== undefined && changed.includes(auth.activeField) && values[auth.activeField] === false) {
    terminal.note(`Sessions of user '${name}' end: Django lets no inactive user in.`);
  }
}
