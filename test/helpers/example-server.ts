import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';
import type { TestDatabase } from './databases.js';
import { temporaryFolder } from './manage.js';

export const secretKey = 'not-a-secret-0123456789-abcdefghijklmnopqrstuvwxyz-0123456789';

export interface ExampleServer {
  /** Without a slash at the end. */
  readonly url: string;
  readonly process: ChildProcess;
  /** What it has written to standard error. */
  errors(): string;
}

/** Starts examples/server as somebody does who tries it; it ends with the test. */
export async function startExample(
  db: Pick<TestDatabase, 'url'>,
  env: Readonly<Record<string, string>> = {},
): Promise<ExampleServer> {
  const { PATH, HOME, MANAGE_SQLITE_DRIVER } = process.env;
  const driver = MANAGE_SQLITE_DRIVER === undefined ? {} : { MANAGE_SQLITE_DRIVER };
  const child = spawn(process.execPath, [join(import.meta.dirname, '../../examples/server/server.js')], {
    cwd: temporaryFolder(),
    env: { PATH, HOME, ...driver, PORT: '0', DATABASE_URL: db.url, SECRET_KEY: secretKey, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /http:\S+(?=\/$)/.exec(line)?.[0];
    if (url !== undefined) {
      child.stdout.resume();
      return { url, process: child, errors: () => errors };
    }
  }
  throw new Error(`The example did not start: ${errors}`);
}
