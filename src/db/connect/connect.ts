import { OperationCancelled } from '../../errors.js';
import type { Registry } from '../../registry/types.js';
import type { ParsedDatabase } from '../../settings/settings.js';
import type { Dialect } from '../dialect/dialect.js';
import type { ConnectOptions, PlacedTable } from '../engines/engine.js';
import { engineOf } from '../engines/engines.js';
import { closeDatabase, noteNames } from './client.js';
import type { Connection, Executor } from './connection.js';
import { namesOf } from './names.js';

export type { ConnectOptions };

/** The dialect, which tells the clients of its database which names there are as soon as it knows them. */
function noting(db: Executor, dialect: Dialect): Dialect {
  return {
    ...dialect,
    async introspect(executor, options) {
      const found = await dialect.introspect(executor, options);
      noteNames(
        db,
        [...found.tables.values()].map(({ name, columns }) => [name, columns.map((column) => column.name)] as const),
      );
      return found;
    },
  };
}

function placedTables({ models }: Registry): PlacedTable[] {
  return models.flatMap(({ schema, table, manyToMany }) => {
    if (schema === undefined) return [];
    const joins = manyToMany.filter(({ through }) => through === undefined);
    return [table, ...joins.map((relation) => relation.table)].map((name) => ({ schema, table: name }));
  });
}

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
  const opened = await engineOf(target).open(target, { ...options, placed: placedTables(registry) });
  const { db, dialect, interrupt } = opened;
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
  noteNames(db, namesOf(registry));
  return {
    alias,
    db,
    dialect: noting(db, dialect),
    registry,
    target: opened.description,
    protected: isProtected,
    close,
    ...(run && { run }),
  };
}
