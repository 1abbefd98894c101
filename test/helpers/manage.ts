import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { onTestFinished } from 'vitest';
import { main } from '../../src/app/main.js';
import type { Host } from '../../src/command.js';
import type { Settings } from '../../src/settings/settings.js';
import { type Answers, scriptedTerminal } from './terminal.js';

export { Cancel } from './terminal.js';

/** A database that has a URL: what `createDatabase` makes. */
interface Database {
  readonly url: string;
}

export interface ManageOptions {
  /** The database `default`, or several by alias. */
  readonly db?: Database | Readonly<Record<string, Database>>;
  /** The script of the terminal; without it nobody can be asked. */
  readonly answers?: Answers;
  readonly stdin?: string | Uint8Array;
  /** All of the environment besides PATH and HOME. */
  readonly env?: Readonly<Record<string, string>>;
  readonly now?: Date | string;
  /** By default a new empty folder. */
  readonly cwd?: string;
  /** Written to manage.config.json in `cwd`. */
  readonly config?: Settings;
}

export interface ManageResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** stdout parsed, where it is JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into documents of any shape
  readonly json: any;
}

/** A new folder that is removed after the test, with these files: their text by their path. */
export function temporaryFolder(files: Readonly<Record<string, string>> = {}): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'manage-test-')));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

function prepare({ db, env, cwd = temporaryFolder(), config }: ManageOptions) {
  const databases: Readonly<Record<string, Database>> =
    db === undefined
      ? {}
      : typeof db.url === 'string'
        ? { default: { url: db.url } }
        : (db as Record<string, Database>);
  if (config !== undefined) writeFileSync(join(cwd, 'manage.config.json'), JSON.stringify(config));
  const urls = Object.entries(databases).map(([alias, { url }]) => [
    alias === 'default' ? 'DATABASE_URL' : `DATABASE_URL_${alias.toUpperCase()}`,
    url,
  ]);
  const { PATH, HOME, XDG_CACHE_HOME, MANAGE_SQLITE_DRIVER } = process.env;
  const driver = MANAGE_SQLITE_DRIVER === undefined ? {} : { MANAGE_SQLITE_DRIVER };
  return { cwd, env: { PATH, HOME, XDG_CACHE_HOME, ...driver, ...Object.fromEntries(urls), ...env } };
}

function parsed(stdout: string): unknown {
  try {
    return JSON.parse(stdout);
  } catch {
    return undefined;
  }
}

function collector() {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write(chunk, _, done) {
      chunks.push(Buffer.from(chunk));
      done();
    },
  });
  return { stream, text: () => Buffer.concat(chunks).toString() };
}

/** Runs one command line in this process. */
export async function manage(args: readonly string[], options: ManageOptions = {}): Promise<ManageResult> {
  const { cwd, env } = prepare(options);
  const terminal = options.answers === undefined ? undefined : scriptedTerminal(options.answers);
  const out = collector();
  const err = collector();
  const now = options.now;
  const host: Host = {
    stdin: Readable.from(options.stdin === undefined ? [] : [Buffer.from(options.stdin)]),
    stdout: out.stream,
    stderr: err.stream,
    env,
    cwd: () => cwd,
    ...(terminal === undefined ? {} : { terminal }),
    ...(now === undefined ? {} : { now: () => new Date(now) }),
  };
  const exitCode = await main([...args], host);
  terminal?.finish();
  const stdout = out.text();
  return { exitCode, stdout, stderr: err.text(), json: parsed(stdout) };
}

/** Runs the built program as a process of its own, without a terminal. */
export async function runManage(
  args: readonly string[],
  options: Omit<ManageOptions, 'answers' | 'now'> & { readonly tty?: false; readonly killed?: AbortSignal } = {},
): Promise<ManageResult> {
  const { cwd, env } = prepare(options);
  const child = spawn(process.execPath, [join(import.meta.dirname, '../../bin/manage.js'), ...args], { cwd, env });
  const chunks = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  child.stdout.on('data', (chunk) => chunks.stdout.push(chunk));
  child.stderr.on('data', (chunk) => chunks.stderr.push(chunk));
  child.stdin.on('error', () => {});
  child.stdin.end(options.stdin ?? '');
  options.killed?.addEventListener('abort', () => child.kill('SIGKILL'));
  const exitCode = await new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => (code === null ? reject(new Error(`killed by ${signal}`)) : resolve(code)));
  });
  const stdout = Buffer.concat(chunks.stdout).toString();
  return { exitCode, stdout, stderr: Buffer.concat(chunks.stderr).toString(), json: parsed(stdout) };
}
