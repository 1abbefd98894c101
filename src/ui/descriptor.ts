import { fstatSync, statSync } from 'node:fs';
import type { Host } from '../command.js';

/**
 * The file descriptor behind a stream of this process where that is a file, a pipe or nothing at all; undefined for
 * terminals, for the streams of other hosts, and on Windows. Node takes as long to make a stream as to start half of this
 * program, so that what only asks or writes a little does without.
 */
export function plainDescriptor(host: Host, which: 'stdout' | 'stderr'): number | undefined {
  if (host !== (process as Host) || process.platform === 'win32') return undefined;
  const descriptor = which === 'stdout' ? 1 : 2;
  try {
    const stat = fstatSync(descriptor);
    if (stat.isFile() || stat.isFIFO() || stat.isSocket()) return descriptor;
    return stat.isCharacterDevice() && stat.rdev === statSync('/dev/null').rdev ? descriptor : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a stream of the host goes to a terminal. */
export const isTerminal = (host: Host, which: 'stdout' | 'stderr'): boolean =>
  plainDescriptor(host, which) === undefined && host[which].isTTY === true;
