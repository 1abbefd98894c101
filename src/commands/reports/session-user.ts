import { userModelOf } from '../../auth/accounts/user-model.js';
import type { Context } from '../../command.js';
import type { Connection } from '../../db/connect/connection.js';
import { selectRows } from '../../db/write/rows.js';
import { CommandError } from '../../errors.js';
import { findField } from '../../registry/define.js';
import { reportSession } from '../../sessions/admin/report.js';
import { visible } from '../../text.js';
import { selectionContext } from '../shared/sessions/selectors.js';

/** Shows whose a session is, with the document of that. */
export async function showSessionUser(context: Context, connection: Connection, key: string) {
  const { terminal, settings } = context;
  const { session, userId, user, verdict } = await reportSession(connection, key, selectionContext(context));
  if (session.verified === false) {
    throw new CommandError("The session's signature is not valid.", {
      code: 'bad_signature',
      hint: '`manage decode_session` shows its data.',
    });
  }
  if (user === null) {
    throw new CommandError(`The user of this session, ${userId}, does not exist.`, {
      code: 'user_not_found',
      hint: 'The account has been deleted since the login, or is in another database: --database names one.',
    });
  }
  if (userId !== undefined && user === undefined) {
    throw new CommandError(`The user of this session, ${userId}, is in another model than the settings say.`, {
      code: 'other_user_model',
      hint: verdict.reasons.at(-1) ?? '',
    });
  }
  // Who it was is worth knowing of a session that is over, too.
  for (const reason of verdict.reasons) terminal.warn(reason);
  const backend = session.data._auth_user_backend;
  const known = settings.authenticationBackends.map((each) => (typeof each === 'string' ? each : each.name));
  if (typeof backend === 'string' && !known.includes(backend)) {
    terminal.warn(
      `Its backend, ${visible(backend)}, is not in \`authenticationBackends\`: Django ignores the session.`,
    );
  }
  if (userId === undefined || user === undefined) {
    terminal.say('The session is anonymous.');
    return { json: { user: null } };
  }
  const { model, auth, username } = userModelOf(connection.registry);
  const names = [username.name, auth.emailField ?? 'email', 'first_name', 'last_name'];
  const fields = [...new Set(names)].filter((name) => findField(model, name) !== undefined);
  const [row = {}] = await selectRows(connection, model, { [model.primaryKey.name]: user.pk }, { fields });
  const shown = { id: userId, ...row };
  const lines = Object.entries(shown).map(([name, value]) => `${name}: ${visible(String(value ?? ''))}\n`);
  await terminal.write(lines.join(''));
  return { json: { user: { pk: user.pk, ...shown } } };
}
