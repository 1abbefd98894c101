import type pg from 'pg';
import { CommandError } from '../../../errors.js';
import type { SessionAttrs } from './url.js';

/** What a server says of itself. */
export interface ServerRole {
  /** Whether it follows another one. */
  readonly standby: boolean;
  /** Whether transactions only read where they do not say otherwise: also on each standby. */
  readonly readOnly: boolean;
}

export const roleSql =
  "SELECT pg_catalog.pg_is_in_recovery() AS standby, pg_catalog.current_setting('transaction_read_only') = 'on' AS \"readOnly\"";

const misfits: Readonly<
  Record<Exclude<SessionAttrs, 'any' | 'prefer-standby'>, (role: ServerRole) => string | undefined>
> = {
  'read-write': ({ standby, readOnly }) => (standby ? 'is a standby' : readOnly ? 'can only be read' : undefined),
  'read-only': ({ standby, readOnly }) => (standby || readOnly ? undefined : 'takes changes'),
  primary: ({ standby }) => (standby ? 'is a standby' : undefined),
  standby: ({ standby }) => (standby ? undefined : 'is not a standby'),
};

/** Makes sure that a server is one of those that are asked for. @throws CommandError of code `unsuitable_server`. */
export async function assertRole(client: pg.Client, server: string, wanted: SessionAttrs): Promise<void> {
  if (wanted === 'any' || wanted === 'prefer-standby') return;
  const { rows } = await client.query<ServerRole>(roleSql);
  const [role] = rows;
  const misfit = role === undefined ? undefined : misfits[wanted](role);
  if (misfit === undefined) return;
  throw new CommandError(
    `The PostgreSQL server at ${server} ${misfit}, and the database URL asks for target_session_attrs=${wanted}.`,
    { code: 'unsuitable_server', hint: 'Name further servers in the database URL, or another target_session_attrs.' },
  );
}
