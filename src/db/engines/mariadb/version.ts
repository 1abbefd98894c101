import type { Executor } from '../../connect/connection.js';
import { rowsOf } from './rows-of.js';

/** What a server is. */
export interface ServerVersion {
  readonly isMariadb: boolean;
  /** Whether it has a type for UUIDs: MariaDB since 10.7. */
  readonly hasUuid: boolean;
}

export async function readVersion(executor: Executor): Promise<ServerVersion> {
  const [row] = await rowsOf<{ version: string }>(executor, 'SELECT VERSION() AS version');
  return versionOf(row?.version ?? '');
}

export function versionOf(text: string): ServerVersion {
  const isMariadb = /mariadb/i.test(text);
  const [, major = 0, minor = 0] = (/(\d+)\.(\d+)/.exec(text.replace(/^5\.5\.5-/, '')) ?? []).map(Number);
  return { isMariadb, hasUuid: isMariadb && (major > 10 || (major === 10 && minor >= 7)) };
}
