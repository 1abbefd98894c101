import { realpath, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Knex } from 'knex';
import { CommandError } from '../../../errors.js';
import { guardedClient, knexSettings } from '../../connect/client.js';
import { knexModules } from '../../connect/knex.js';
import { lateKnex } from '../../connect/late-knex.js';
import { createNames, type Names } from '../../connect/names.js';
import type { OpenDatabase } from '../../connect/open-database.js';
import { type ConnectOptions, poolTimeoutMs } from '../engine.js';
import { BUSY_TIMEOUT_MS } from './busy-timeout.js';
import { createSqliteDialect } from './dialect.js';
import { type LoadedDriver, loadDriver, type RawConnection } from './driver.js';
import { explainSqlite } from './errors.js';
import { identity } from './identity.js';
import { openSqliteLock } from './lock.js';
import type { SqliteTarget } from './url.js';

/** Opens an SQLite database: see `connect`. */
export async function openSqlite(
  { filename }: SqliteTarget,
  { create = false, driver, useTz = true, timeZone = 'UTC', lockTimeoutMs = BUSY_TIMEOUT_MS, poolSize }: ConnectOptions,
): Promise<OpenDatabase> {
  // Without a driver nothing is made.
  const loaded = loadDriver(driver);
  if (filename !== ':memory:') await assertUsable(filename, create);
  const names = createNames();
  const connections = new Set<RawConnection>();
  const opened = await identity(filename);
  return {
    db: openFile(filename, {
      loaded,
      names,
      busyTimeout: Math.round(lockTimeoutMs),
      onConnection: (connection) => connections.add(connection),
      // Each connection to a database in memory has a database of its own.
      ...(poolSize === undefined ? {} : { poolSize: filename === ':memory:' ? 1 : poolSize }),
    }),
    description: filename,
    interrupt() {
      for (const connection of connections) connection.interrupt?.();
    },
    dialect: createSqliteDialect({
      filename,
      timeZone: useTz ? 'UTC' : timeZone,
      cutsAtNul: loaded.cutsAtNul,
      openLock: async (name) =>
        openSqliteLock(await realName(filename), name, (path) => openFile(path, { loaded, names, busyTimeout: 0 })),
      async openSecondReader() {
        // The other driver works in this program's own thread.
        if (loaded.driver !== 'sqlite3' || opened === undefined) return undefined;
        return (await import('./second-reader.js')).openSecondReader(filename, {
          // A lock that keeps it away keeps both from reading the same.
          open: (onConnection) => openFile(filename, { loaded, names, busyTimeout: 0, onConnection }),
          isSame: async () => (await identity(filename)) === opened,
          running: connections,
        });
      },
    }),
  };
}

interface FileOptions {
  readonly loaded: LoadedDriver;
  readonly names: Names;
  readonly busyTimeout: number;
  /** Gets the connections that are made. */
  readonly onConnection?: (connection: RawConnection) => unknown;
  readonly poolSize?: number;
}

function openFile(filename: string, { loaded, names, busyTimeout, onConnection, poolSize }: FileOptions): Knex {
  const explain = (error: unknown) => explainSqlite(error, filename);
  const prepare = async (connection: RawConnection) => {
    onConnection?.(connection);
    loaded.setBusyTimeout(connection, busyTimeout);
    // With less cache than this a batch of changes is written and synced in parts, and its pages are read again and again.
    await loaded.run(connection, 'PRAGMA foreign_keys = ON; PRAGMA cache_size = -16384');
  };
  let first: Promise<RawConnection> | undefined;
  const takeFirst = () => {
    const taken = first;
    first = undefined;
    return taken;
  };
  const openPrepared = async () => {
    let connection: RawConnection | undefined;
    try {
      connection = await loaded.open(filename);
      await prepare(connection);
      return connection;
    } catch (error) {
      takeFirst();
      if (connection !== undefined) await loaded.close(connection);
      throw error;
    }
  };
  const make = () =>
    knexModules.makeInstance({
      ...knexSettings(names),
      client: guardedClient(loaded.client(takeFirst), names, explain),
      connection: { filename },
      ...(poolSize === undefined ? {} : { acquireConnectionTimeout: poolTimeoutMs }),
      pool: {
        // One connection for as long as it is open: a database in memory lives as long as its connection.
        min: 1,
        max: poolSize ?? 1,
        afterCreate: (connection: RawConnection, done: (error: unknown) => void) => {
          prepare(connection).then(() => done(null), done);
        },
      },
    });
  return lateKnex(make, {
    names,
    explain,
    async query(sql) {
      first ??= openPrepared();
      return loaded.all(await first, sql);
    },
    async close() {
      const connection = await takeFirst()?.catch(() => undefined);
      if (connection !== undefined) await loaded.close(connection);
    },
  });
}

/** The one name of a file that may be reached by several, so that all runs on it meet at the same lock. */
async function realName(filename: string): Promise<string> {
  return filename === ':memory:' ? filename : realpath(filename).catch(() => filename);
}

/** Makes sure that the file is there, or may be made; a new one, which will hold password hashes, is for this user only. */
async function assertUsable(filename: string, create: boolean): Promise<void> {
  const problem = (message: string, code: string, hint?: string) => new CommandError(message, { code, hint });
  const found = await stat(filename).catch((error: NodeJS.ErrnoException) => error);
  if (!(found instanceof Error)) {
    if (found.isFile()) return;
    throw problem(
      `'${filename}' is ${found.isDirectory() ? 'a folder' : 'no plain file'}, not an SQLite database.`,
      'not_a_database',
      'Check the database URL in the settings.',
    );
  }
  if (found.code !== 'ENOENT' && found.code !== 'ENOTDIR') {
    throw problem(
      `The database '${filename}' cannot be reached (${found.code}).`,
      'database_unreachable',
      'Give this user the right to enter its folder.',
    );
  }
  const folder = dirname(filename);
  if (
    !(await stat(folder).then(
      (entry) => entry.isDirectory(),
      () => false,
    ))
  ) {
    throw problem(
      `The database '${filename}' does not exist: there is no folder '${folder}'.`,
      'missing_folder',
      'Make the folder, or correct the database URL in the settings.',
    );
  }
  if (!create) {
    throw problem(`The database '${filename}' does not exist.`, 'missing_database');
  }
  // Where it cannot be made, the driver fails in the same way, and its error is explained.
  await writeFile(filename, '', { flag: 'wx', mode: 0o600 }).catch(() => undefined);
}
