import { type SavedUser, saveSuperuser } from '../../auth/accounts/save-user.js';
import type { Context } from '../../command.js';
import type { Connection } from '../../db/connect/connection.js';
import { askUser } from './prompt.js';

/** Asks for a superuser and makes it: what `migrate` offers where there is none yet. */
export async function createSuperuserInteractively(context: Context, connection: Connection): Promise<SavedUser> {
  const wanted = await askUser(context, connection, new Map());
  const saved = await saveSuperuser(connection, wanted, {
    now: context.now(),
    hasher: context.settings.passwordHashers[0],
  });
  context.terminal.say('Superuser created successfully.');
  return saved;
}
