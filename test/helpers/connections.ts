import { afterEach } from 'vitest';
import { type ConnectOptions, connect } from '../../src/db/connect/connect.js';
import type { Connection } from '../../src/db/connect/connection.js';
import { coreApps } from '../../src/registry/core.js';
import { createRegistry } from '../../src/registry/define.js';
import type { AppDefinition } from '../../src/registry/types.js';
import { createDatabase, type Engine, sqliteDriver, type TestDatabase } from './databases.js';

export interface OpenOptions extends ConnectOptions {
  readonly from?: 'empty' | 'sample';
  readonly apps?: readonly AppDefinition[];
  readonly userModel?: string;
}

export interface Opened {
  readonly database: TestDatabase;
  readonly connection: Connection;
  /** A further connection to the same database. */
  again(): Promise<Connection>;
}

/** Gives tests databases with open connections; after each test both are gone. */
export function useConnections(): (engine: Engine, options?: OpenOptions) => Promise<Opened> {
  const undo: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const step of undo.splice(0).reverse()) await step();
  });
  return async (engine, { from = 'empty', apps = [], userModel, ...options } = {}) => {
    const database = await createDatabase(engine, { from });
    undo.push(() => database.drop());
    const registry = createRegistry([...coreApps, ...apps], userModel);
    const again = async () => {
      const connection = await connect(database.settings, registry, { driver: sqliteDriver, ...options });
      undo.push(() => connection.close());
      return connection;
    };
    return { database, connection: await again(), again };
  };
}
