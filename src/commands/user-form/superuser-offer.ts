import { userModelOf } from '../../auth/accounts/user-model.js';
import type { Context } from '../../command.js';
import type { Connection } from '../../db/connect/connection.js';
import { selectRows } from '../../db/write/rows.js';
import { createSuperuserInteractively } from './superuser-prompt.js';

async function hasSuperuser(connection: Connection): Promise<boolean> {
  const { model, auth } = userModelOf(connection.registry);
  const options = { fields: [model.primaryKey.name], limit: 1 };
  return (await selectRows(connection, model, { ...auth.superuserValues }, options)).length > 0;
}

/** Offers the person at the terminal to make a superuser where there is none yet, as Django's syncdb once did. */
export async function offerSuperuser(context: Context, connection: Connection): Promise<void> {
  const { terminal } = context;
  if (!terminal.interactive || terminal.json || terminal.verbosity === 0) return;
  const { table } = connection.registry.userModel;
  if (!(await connection.dialect.tableNames(connection.db)).includes(table)) return;
  if (await hasSuperuser(connection)) return;
  terminal.note('You have no superuser yet.');
  let answer = await terminal.ask('Would you like to create one now? (yes/no): ');
  while (answer !== 'yes' && answer !== 'no') answer = await terminal.ask('Please enter either "yes" or "no": ');
  if (answer === 'yes') await createSuperuserInteractively(context, connection);
}
