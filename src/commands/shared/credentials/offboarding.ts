import type { OffboardOptions } from '../../../apps/offboard.js';
import type { User } from '../../../auth/accounts/find-user.js';
import { userModelOf } from '../../../auth/accounts/user-model.js';
import type { Context } from '../../../command.js';
import type { Connection } from '../../../db/connect/connection.js';
import { UsageError } from '../../../errors.js';
import { findPerson } from '../accounts/people.js';
import { auditOf } from '../actor.js';
import { selectionContext } from '../sessions/selectors.js';

/** What ends besides the account, its sessions and tokens. */
export const offboardChoices = {
  secondFactors: { type: 'boolean', describe: 'Also remove their second factors.' },
  social: { type: 'boolean', describe: 'Also remove their logins through other sites.' },
  rights: {
    type: 'boolean',
    describe: 'Also remove their groups, permissions and staff and superuser status.',
  },
  applicationsTo: {
    type: 'string',
    placeholder: 'USER',
    describe: 'Transfer their OAuth applications to this user.',
  },
} as const;

interface OffboardArguments {
  readonly secondFactors: boolean;
  readonly social: boolean;
  readonly rights: boolean;
  readonly applicationsTo: string | undefined;
  readonly force: boolean;
  readonly actor: string | undefined;
  readonly reason: string | undefined;
}

/** What is asked for. @throws UsageError where who is to get the applications is one of those who are offboarded. */
export async function offboardOptions(
  context: Context,
  connection: Connection,
  users: readonly User[],
  args: OffboardArguments,
): Promise<OffboardOptions> {
  const { settings, now, signal } = context;
  const { applicationsTo, secondFactors, social, rights, force } = args;
  const owner = applicationsTo === undefined ? undefined : await findPerson(connection, applicationsTo);
  const heir = owner?.pk;
  if (heir !== undefined && users.some(({ pk }) => String(pk) === String(heir))) {
    throw new UsageError('A user who is offboarded cannot be given applications.');
  }
  const active = userModelOf(connection.registry).auth.activeField;
  if (owner !== undefined && active !== undefined && owner[active] === false) {
    context.terminal.warn(`The user '${applicationsTo}' is not active, and gets applications that go on working.`);
  }
  return {
    ...selectionContext(context),
    ...(await auditOf(context, connection, 'offboard', args)),
    now: now(),
    apps: settings.credentialApps,
    secondFactors,
    social,
    rights,
    applicationsTo: heir,
    force,
    signal,
  };
}
