import { type AuditOptions, findActor } from '../../audit/write.js';
import type { Context } from '../../command.js';
import type { Connection } from '../../db/connect/connection.js';

/** Options of every command that changes accounts, rights or credentials. */
export const actorOptions = {
  actor: {
    type: 'string',
    placeholder: 'USER',
    describe:
      "Who the entry in the admin's log says did it; by default MANAGE_ACTOR, or `audit.actor` of the settings.",
  },
} as const;

/** With {@link actorOptions}: what the entry says besides. */
export const reasonOption = {
  reason: { type: 'string', placeholder: 'TEXT', describe: 'Why, for the log.' },
} as const;

/**
 * What functions that write the log are told: who did it, and when. Without an actor nothing is written.
 *
 * @throws CommandError where no account has the actor's name.
 */
export async function auditOf(
  { settings, now }: Pick<Context, 'settings' | 'now'>,
  connection: Connection,
  command: string,
  { actor: given, reason }: { readonly actor?: string | undefined; readonly reason?: string | undefined },
): Promise<AuditOptions> {
  const username = given ?? settings.audit.actor;
  const actor = username === undefined ? undefined : await findActor(connection, username, { command, reason });
  return { actor, now: now() };
}
