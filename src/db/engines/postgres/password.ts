import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { homeFolder } from '../../../modules/home.js';
import type { PostgresServer } from './server.js';

/**
 * The password that libpq would take where the URL has none: that of PGPASSWORD, else of the first line of the password
 * file that fits (postgresql.org/docs/current/libpq-pgpass.html). Empty where there is none.
 */
export async function findPassword(server: PostgresServer): Promise<string> {
  const { PGPASSWORD, PGPASSFILE, APPDATA } = process.env;
  if (PGPASSWORD) return PGPASSWORD;
  const home = homeFolder();
  const usual = APPDATA ? join(APPDATA, 'postgresql', 'pgpass.conf') : home && join(home, '.pgpass');
  const file = PGPASSFILE || usual;
  const lines = file === undefined ? [] : await readSecretLines(file);
  const wanted = [server.host.startsWith('/') ? 'localhost' : server.host, server.port, server.database, server.user];
  for (const line of lines) {
    const fields = line.match(/(?:\\.|[^\\:])+|(?<=:)(?=:|$)/g)?.map((field) => field.replace(/\\(.)/g, '$1')) ?? [];
    const fits = wanted.every((value, index) => fields[index] === '*' || fields[index] === String(value));
    if (fits && !line.startsWith('#')) return fields[4] ?? '';
  }
  return '';
}

/** Lines of a file that nobody else may read: libpq does not use another one. */
async function readSecretLines(file: string): Promise<string[]> {
  try {
    const { mode } = await stat(file);
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) return [];
    return (await readFile(file, 'utf8')).split(/\r?\n/);
  } catch {
    return [];
  }
}
