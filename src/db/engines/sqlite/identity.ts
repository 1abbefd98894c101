import { stat } from 'node:fs/promises';

/** What tells a file from another one that had its name before, or undefined. */
export async function identity(path: string): Promise<string | undefined> {
  return stat(path, { bigint: true }).then(
    ({ dev, ino, birthtimeNs }) => `${dev}:${ino}:${birthtimeNs}`,
    () => undefined,
  );
}
