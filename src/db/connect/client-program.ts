import type { ParsedDatabase } from '../../settings/settings.js';
import type { ClientOptions, ClientProgram } from '../engines/engine.js';
import { engineOf } from '../engines/engines.js';

/** The command-line client of a database (Django 5.2 db/backends/postgresql/client.py, sqlite3/client.py). */
export async function clientProgram({ target }: ParsedDatabase, options: ClientOptions): Promise<ClientProgram> {
  return engineOf(target).clientProgram(target, options);
}
