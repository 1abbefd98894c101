import type { Engine } from './engine.js';
import { mariadb } from './mariadb/engine.js';
import type { MariadbTarget } from './mariadb/url.js';
import { postgres } from './postgres/engine.js';
import type { PostgresTarget } from './postgres/url.js';
import { sqlite } from './sqlite/engine.js';
import type { SqliteTarget } from './sqlite/url.js';

/** Where a database is. */
export type DatabaseTarget = SqliteTarget | PostgresTarget | MariadbTarget;

/** Each engine by its name: the only place where all of them are named. */
const engines: {
  readonly [Name in DatabaseTarget['engine']]: Engine<Extract<DatabaseTarget, { readonly engine: Name }>>;
} = { sqlite, postgres, mariadb };

export const allEngines: readonly Engine<DatabaseTarget>[] = Object.values(engines);

/** The engine of a database. */
export const engineOf = ({ engine }: Pick<DatabaseTarget, 'engine'>): Engine<DatabaseTarget> => engines[engine];
