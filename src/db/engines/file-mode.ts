import { stat } from 'node:fs/promises';

/** Whether every user of this machine may read the file; Windows has no such thing. */
export async function isWorldReadable(file: string): Promise<boolean> {
  if (process.platform === 'win32') return false;
  const found = await stat(file).catch(() => undefined);
  return found !== undefined && (found.mode & 0o004) !== 0;
}
