import type { Connection } from './connection.js';

/** The connections of a server: those that read, and those that write; they may be the same. */
export interface Pool {
  readonly read: Connection;
  readonly write: Connection;
  close(): Promise<void>;
}

/**
 * Opens a pool of `size` connections. Where only one connection writes at a time, one more is for writing alone, so that
 * nobody waits for a lock in the place of a reader.
 */
export async function openPool(
  open: (options: { readonly poolSize: number }) => Promise<Connection>,
  size: number,
): Promise<Pool> {
  const read = await open({ poolSize: size });
  if (!read.dialect.features.singleWriter || read.target === ':memory:') {
    return { read, write: read, close: () => read.close() };
  }
  const write = await open({ poolSize: 1 }).catch(async (error: unknown) => {
    await read.close();
    throw error;
  });
  return {
    read,
    write,
    async close() {
      await Promise.all([read.close(), write.close()]);
    },
  };
}
