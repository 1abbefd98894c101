import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { ClientOptions, ClientProgram } from '../engine.js';
import { openFirst } from './first-server.js';
import { type MariadbServer, serversOf } from './server.js';
import type { MariadbTarget } from './url.js';

/** MariaDB's client, and MySQL's, whose name MariaDB's had too. */
const programs = ['mariadb', 'mysql'] as const;

/** What MariaDB's client calls the ways to connect: it knows no ssl-mode. */
const tlsOptions: Readonly<Record<MariadbTarget['sslMode'], readonly string[]>> = {
  disabled: ['--skip-ssl'],
  preferred: [],
  required: ['--ssl'],
  verify_ca: ['--ssl'],
  verify_identity: ['--ssl', '--ssl-verify-server-cert'],
};

/**
 * Django 5.2 db/backends/mysql/client.py. It ends at the first error by itself where nobody sits at it. It takes one server: of
 * several it is given the first that answers.
 */
export async function mariadbProgram(target: MariadbTarget, { args }: ClientOptions): Promise<ClientProgram> {
  const { user, password, database, defaultsFile, sslMode, sslCa } = target;
  const { host, port, socket } = target.others === undefined ? target : await firstServer(target);
  const option = (name: string, value: string | number | undefined) =>
    value === undefined ? [] : [`${name}=${value}`];
  const folders = (process.env.PATH ?? '').split(delimiter);
  const program = programs.find((name) => folders.some((folder) => existsSync(join(folder, name)))) ?? 'mysql';
  return {
    program,
    args: [
      // It is only taken as the first one.
      ...option('--defaults-file', defaultsFile),
      ...option('--user', user),
      ...option('--socket', socket),
      ...(socket === undefined ? option('--host', host) : []),
      ...option('--port', port),
      ...option('--ssl-ca', sslCa),
      ...(program === 'mariadb' ? tlsOptions[sslMode] : [`--ssl-mode=${sslMode.toUpperCase()}`]),
      '--default-character-set=utf8mb4',
      ...args,
      ...(database === undefined ? [] : [database]),
    ],
    env: password === undefined ? {} : { MYSQL_PWD: password },
  };
}

async function firstServer(target: MariadbTarget): Promise<MariadbServer> {
  const { connection, server } = await openFirst(await serversOf(target), { target });
  connection.destroy();
  return server;
}
