import { stat } from 'node:fs/promises';
import type { DatabaseTarget } from '../../settings/settings.js';

/** A way in which others could read a database, as a sentence. */
export interface Exposure {
  readonly kind: 'unencrypted' | 'unverified' | 'readable';
  readonly message: string;
}

/** Whether every user of this machine may read the file; Windows has no such thing. */
export async function isWorldReadable(file: string): Promise<boolean> {
  if (process.platform === 'win32') return false;
  const found = await stat(file).catch(() => undefined);
  return found !== undefined && (found.mode & 0o004) !== 0;
}

const isLocal = (host: string | undefined) =>
  host === undefined || host.startsWith('/') || host === 'localhost' || host === '::1' || /^127\./.test(host);

/** How others could read what is in the database, or what goes to it. Needs no connection. */
export async function exposuresOf(target: DatabaseTarget): Promise<Exposure[]> {
  if (target.engine === 'sqlite') {
    if (target.filename === ':memory:' || !(await isWorldReadable(target.filename))) return [];
    const message = `Every user of this machine can read ${target.filename}, with its password hashes and sessions.`;
    return [{ kind: 'readable', message }];
  }
  const { host, sslMode } = target;
  if (isLocal(host)) return [];
  if (sslMode === 'disable' || sslMode === 'allow' || sslMode === 'prefer') {
    const message = `With sslmode=${sslMode} what goes to ${host} and comes from there may be read on the way.`;
    return [{ kind: 'unencrypted', message }];
  }
  if (sslMode === 'verify-full') return [];
  return [{ kind: 'unverified', message: `With sslmode=${sslMode} another server could pretend to be ${host}.` }];
}
