import type { Connection as RawConnection } from 'mysql2';
import { CommandError } from '../../../errors.js';
import { runRaw } from './connection.js';

/** What a node of a Galera cluster says of itself (galeracluster.com/library/documentation/galera-status-variables.html). */
export interface NodeState {
  /** Whether it takes statements. */
  readonly ready: boolean;
  /** Whether the nodes that it knows are most of the cluster. */
  readonly primary: boolean;
  /** `Synced`, `Donor/Desynced`, `Joined`, `Joining: …` */
  readonly state: string;
}

/** The state of a node; undefined where the server is none of a cluster. */
export async function readNode(connection: RawConnection): Promise<NodeState | undefined> {
  const rows = await runRaw<{ Variable_name: string; Value: string }>(
    connection,
    `SHOW GLOBAL STATUS WHERE Variable_name IN
      ('wsrep_ready', 'wsrep_cluster_status', 'wsrep_local_state_comment', 'wsrep_provider_name')`,
  );
  const values = new Map(rows.map((row) => [row.Variable_name, row.Value]));
  if (!values.get('wsrep_provider_name')) return undefined;
  return {
    ready: values.get('wsrep_ready') === 'ON',
    primary: values.get('wsrep_cluster_status') === 'Primary',
    state: values.get('wsrep_local_state_comment') ?? '',
  };
}

/** @throws CommandError of code `unsuitable_server` for a node that takes no statements, and if `strict` one that lags behind. */
export function assertInStep({ ready, primary, state }: NodeState, server: string, strict: boolean): void {
  const hint = 'Use another node, or try again when it is.';
  if (!primary) {
    const message = `The node at ${server} is cut off from the greater part of its cluster.`;
    throw new CommandError(message, {
      code: 'unsuitable_server',
      hint: 'Use another node, or wait until they meet again.',
    });
  }
  if (ready && (!strict || state === 'Synced')) return;
  throw new CommandError(`The node at ${server} is not in step with its cluster: it says '${state}'.`, {
    code: 'unsuitable_server',
    hint,
  });
}

/**
 * Tells a session to see what was committed on other nodes before, and the server to repeat single statements that lose
 * against those of other nodes.
 */
export async function joinCluster(connection: RawConnection): Promise<void> {
  await runRaw(connection, 'SET SESSION wsrep_sync_wait = 1, wsrep_retry_autocommit = 10');
}
