import { readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { CommandError } from '../../../errors.js';
import type { ServerPlace } from '../../dialect/server-errors.js';
import type { MariadbTarget } from './url.js';

/** Where to connect, with everything that the servers' own clients would find out by themselves found out. */
export interface MariadbServer {
  readonly host: string;
  readonly port: number;
  readonly socket: string | undefined;
  readonly user: string;
  readonly password: string | undefined;
  readonly database: string;
}

/** Groups of an option file that clients read (mariadb.com/kb/en/configuring-mariadb-with-option-files). */
const clientGroups: ReadonlySet<string> = new Set([
  'client',
  'client-server',
  'client-mariadb',
  'mysql',
  'mariadb-client',
]);

/** What an option file says to clients, by name. */
export function parseOptionFile(text: string): ReadonlyMap<string, string> {
  const options = new Map<string, string>();
  let group = '';
  for (const line of text.split(/\r?\n/)) {
    const trimmed = line.trim();
    const header = /^\[([^\]]+)\]/.exec(trimmed)?.[1];
    if (header !== undefined) group = header.trim().toLowerCase();
    if (header !== undefined || trimmed === '' || /^[#;!]/.test(trimmed) || !clientGroups.has(group)) continue;
    const [, name = '', value = ''] = /^([^=\s]+)\s*(?:=\s*(.*))?$/.exec(trimmed) ?? [];
    const quoted = /^(["'])(.*)\1$/.exec(value)?.[2];
    options.set(name.toLowerCase().replaceAll('_', '-'), quoted ?? value);
  }
  return options;
}

async function readOptions(file: string | undefined): Promise<ReadonlyMap<string, string>> {
  if (file === undefined) return new Map();
  try {
    return parseOptionFile(await readFile(file, 'utf8'));
  } catch (cause) {
    throw new CommandError(`The option file '${file}' cannot be read.`, {
      code: 'bad_settings',
      hint: 'Correct `defaults-file` in the database URL.',
      cause,
    });
  }
}

/** The servers of a target, in the order in which they are tried. */
export type MariadbServers = readonly [MariadbServer, ...MariadbServer[]];

export function placeOf({ host, port, socket, user, database }: MariadbServer): ServerPlace {
  return { server: socket ?? `${host}:${port}`, user, database };
}

/** @throws CommandError where no database is named, or the option file cannot be read. */
export async function serversOf(target: MariadbTarget): Promise<MariadbServers> {
  const first = await firstOf(target);
  const others = target.others ?? [];
  return [
    first,
    ...others.map(({ host, port }) => ({
      ...first,
      socket: host?.startsWith('/') ? host : undefined,
      host: host ?? first.host,
      port: port ?? first.port,
    })),
  ];
}

async function firstOf(target: MariadbTarget): Promise<MariadbServer> {
  const options = await readOptions(target.defaultsFile);
  const option = (name: string) => options.get(name) || undefined;
  const database = target.database ?? option('database');
  if (database === undefined) {
    throw new CommandError('The database URL names no database.', {
      code: 'bad_settings',
      hint: 'Write mysql://user:password@host:3306/name.',
    });
  }
  const host = target.host ?? option('host');
  return {
    host: host ?? 'localhost',
    port: target.port ?? (Number(option('port')) || 3306),
    socket: target.socket ?? (target.host === undefined ? option('socket') : undefined),
    user: target.user ?? option('user') ?? userInfo().username,
    password: target.password ?? option('password') ?? (process.env.MYSQL_PWD || undefined),
    database,
  };
}
