import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { ClientOptions, ClientProgram } from '../engine.js';
import type { MariadbTarget } from './url.js';

/** The client's name of its own, or that of MySQL's, which MariaDB's had too. */
const programs = ['mariadb', 'mysql'];

/** Django 5.2 db/backends/mysql/client.py. It ends at the first error by itself where nobody sits at it. */
export function mariadbProgram(target: MariadbTarget, { args }: ClientOptions): ClientProgram {
  const { host, port, socket, user, password, database, defaultsFile, sslCa } = target;
  const option = (name: string, value: string | number | undefined) =>
    value === undefined ? [] : [`${name}=${value}`];
  const folders = (process.env.PATH ?? '').split(delimiter);
  const found = programs.find((name) => folders.some((folder) => existsSync(join(folder, name))));
  return {
    program: found ?? 'mysql',
    args: [
      // It is only taken as the first one.
      ...option('--defaults-file', defaultsFile),
      ...option('--user', user),
      ...option('--socket', socket),
      ...(socket === undefined ? option('--host', host) : []),
      ...option('--port', port),
      ...option('--ssl-ca', sslCa),
      '--default-character-set=utf8mb4',
      ...args,
      ...(database === undefined ? [] : [database]),
    ],
    env: password === undefined ? {} : { MYSQL_PWD: password },
  };
}
