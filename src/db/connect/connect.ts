import { OperationCancelled } from '../../errors.js';
import type { Registry } from '../../registry/types.js';
import type { ParsedDatabase } from '../../settings/settings.js';
import type { ConnectOptions } from '../engines/engine.js';
import { engineOf } from '../engines/engines.js';
import { closeDatabase } from './client.js';
import type { Connection } from './connection.js';

export type { ConnectOptions };

/**
 * Opens a database and makes sure that it can be reached.
 *
 * @throws CommandError with a sentence and a hint where there is no driver, no server, no such database or file, or no
 * permission; never with a password in it. OperationCancelled where `signal` is aborted.
 */
export async function connect(
  { alias, target, protected: isProtected }: ParsedDatabase,
  registry: Registry,
  options: ConnectOptions = {},
): Promise<Connection> {
  const { db, dialect, description, interrupt } = await engineOf(target).open(target, options);
  const close = () => closeDatabase(db, interrupt);
  const { signal, run } = options;
  signal?.addEventListener('abort', interrupt);
  try {
    signal?.throwIfAborted();
    await dialect.verify(db);
  } catch (error) {
    await close();
    throw signal?.aborted ? new OperationCancelled() : error;
  } finally {
    signal?.removeEventListener('abort', interrupt);
  }
  return { alias, db, dialect, registry, target: description, protected: isProtected, close, ...(run && { run }) };
}
