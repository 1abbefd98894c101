import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { TestDatabase } from './databases.js';

/** A Django project on a database of the tests. */
export interface DjangoSite {
  /** Where a copy of the project is, for this test alone. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Runs one of Django's own commands, and fails with what it said where that fails. */
  manage(...args: string[]): Promise<string>;
  /** Runs Python code within the project, and resolves with what it leaves in `result`. */
  // biome-ignore lint/suspicious/noExplicitAny: whatever the code makes
  evaluate(code: string): Promise<any>;
}

const pythonOf = () => process.env.DJANGO_PYTHON ?? 'python3';

function databaseSettings({ settings: { target } }: TestDatabase): Record<string, unknown> {
  if (target.engine === 'sqlite') return { ENGINE: 'django.db.backends.sqlite3', NAME: target.filename };
  const { database: NAME, user: USER, password: PASSWORD, host: HOST, port: PORT } = target;
  return { ENGINE: 'django.db.backends.postgresql', NAME, USER, PASSWORD, HOST, PORT };
}

/** A Django project in a folder of its own that is removed after the test. */
export function djangoSite(
  db: TestDatabase,
  { userModel, env: more = {} }: { readonly userModel?: string; readonly env?: Readonly<Record<string, string>> } = {},
): DjangoSite {
  const folder = mkdtempSync(join(tmpdir(), 'manage-django-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(join(import.meta.dirname, '../django/site'), folder, { recursive: true });
  const env = {
    ...process.env,
    PYTHONDONTWRITEBYTECODE: '1',
    DJANGO_DATABASE: JSON.stringify(databaseSettings(db)),
    ...(userModel === undefined ? {} : { DJANGO_USER_MODEL: userModel }),
    ...more,
  };
  const run = async (args: readonly string[], input: string): Promise<string> => {
    const child = spawn(pythonOf(), args, { cwd: folder, env });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk) => out.push(chunk));
    child.stderr.on('data', (chunk) => err.push(chunk));
    child.stdin.on('error', () => {});
    child.stdin.end(input);
    const code = await new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', resolve);
    });
    if (code !== 0) throw new Error(`python ${args.join(' ')} ended with ${code}: ${Buffer.concat(err)}`);
    return Buffer.concat(out).toString();
  };
  return {
    folder,
    env,
    manage: (...args) => run(['manage.py', ...args], ''),
    evaluate: async (code) => JSON.parse(await run(['evaluate.py'], code)),
  };
}
