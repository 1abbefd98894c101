import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';
import { createDatabase, databasesLike, type TestDatabase } from './databases.js';

/** A Django project on a database of the tests. */
export interface DjangoSite {
  /** Where a copy of the project is, for this test alone. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Runs one of Django's own commands, and fails with what it said where that fails. */
  manage(...args: string[]): Promise<string>;
  /** Runs Python code within the project, in one process for all calls, and resolves with what it leaves in `result`. */
  // biome-ignore lint/suspicious/noExplicitAny: whatever the code makes
  evaluate(code: string): Promise<any>;
}

const pythonOf = () => process.env.DJANGO_PYTHON ?? 'python3';

function databaseSettings({ settings: { target } }: TestDatabase): Record<string, unknown> {
  if (target.engine === 'sqlite') return { ENGINE: 'django.db.backends.sqlite3', NAME: target.filename };
  const { database: NAME, user: USER, password: PASSWORD = '', host: HOST, port: PORT } = target;
  if (target.engine === 'postgres')
    return { ENGINE: 'django.db.backends.postgresql', NAME, USER, PASSWORD, HOST, PORT };
  const OPTIONS = { charset: 'utf8mb4' };
  return { ENGINE: 'django.db.backends.mysql', NAME, USER, PASSWORD, HOST, PORT: String(PORT ?? 3306), OPTIONS };
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
  let evaluator: ReturnType<typeof startEvaluator> | undefined;
  const run = async (args: readonly string[]): Promise<string> => {
    const child = spawn(pythonOf(), args, { cwd: folder, env });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk) => out.push(chunk));
    child.stderr.on('data', (chunk) => err.push(chunk));
    child.stdin.end();
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
    manage: (...args) => run(['manage.py', ...args]),
    async evaluate(code) {
      evaluator ??= startEvaluator(folder, env);
      const { result, error } = await evaluator(code);
      if (error !== undefined) throw new Error(error);
      return result;
    },
  };
}

/** A database that Django has migrated, with its own user model. */
export const createDjangoDatabase = databasesLike(async (engine) => {
  const db = await createDatabase(engine);
  await djangoSite(db).manage('migrate', '-v0');
  return db;
});

/** Starts Python with the project loaded; it ends with the test. */
function startEvaluator(cwd: string, env: DjangoSite['env']) {
  const child = spawn(pythonOf(), ['evaluate.py'], { cwd, env, stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(async () => {
    const ended = new Promise((resolve) => child.once('close', resolve));
    child.stdin.end();
    await ended;
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return async (code: string): Promise<{ result?: unknown; error?: string }> => {
    child.stdin.write(`${JSON.stringify(code)}\n`);
    const { value, done } = await lines.next();
    if (done) throw new Error('Python has ended: its standard error says why.');
    return JSON.parse(value);
  };
}
