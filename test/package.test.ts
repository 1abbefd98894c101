import { execFile } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..');
const sqlite3Binary = 'node_modules/sqlite3/build/Release/node_sqlite3.node';
const password = { DJANGO_SUPERUSER_PASSWORD: 'correct horse battery' };

/** What is published, installed into an empty folder as a user installs it. */
describe('the packed tarball', () => {
  let folder: string;
  let files: string[];

  const manage = (args: string[], env: NodeJS.ProcessEnv = {}) =>
    run(process.execPath, ['node_modules/manage-auth/bin/manage.js', ...args], {
      cwd: folder,
      env: { ...process.env, ...env },
    });

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'manage-package-'));
    const { stdout } = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
      cwd: root,
    });
    const packed = JSON.parse(stdout) as unknown;
    const [{ filename, files: entries }] = Object.values(packed as object) as [
      { filename: string; files: { path: string }[] },
    ];
    files = entries.map(({ path }) => path);
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'fresh', private: true, type: 'module' }));
    const hasSqlite3 = existsSync(join(root, sqlite3Binary));
    const packages = [join(folder, filename), ...(hasSqlite3 ? ['sqlite3@6'] : [])];
    // Without install scripts nothing compiles, which takes minutes; sqlite3's binary is the one of this checkout.
    await run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', ...packages], { cwd: folder });
    if (hasSqlite3) {
      mkdirSync(join(folder, sqlite3Binary, '..'), { recursive: true });
      copyFileSync(join(root, sqlite3Binary), join(folder, sqlite3Binary));
    }
  }, 300_000);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('holds the program, its types and migrations, and nothing else', () => {
    expect(files).toEqual(
      expect.arrayContaining(['bin/manage.js', 'dist/src/index.js', 'dist/src/index.d.ts', 'README.md']),
    );
    expect(files.filter((file) => file.startsWith('dist/migrations/') && file.endsWith('.js'))).toHaveLength(18);
    expect(
      files.filter(
        (file) =>
          !/^(bin|dist|docs|examples)\/|^(package\.json|(README|CHANGELOG|CONTRIBUTING)\.md|LICENSE|NOTICE)$/.test(
            file,
          ),
      ),
    ).toEqual([]);
  });

  test('makes a database with a superuser', async () => {
    const created = await manage(
      ['createsuperuser', '--migrate', '--no-input', '--username', 'admin', '--email', 'admin@example.com'],
      password,
    );
    expect(created.stdout).toContain('Superuser created successfully.');
    const { stdout } = await manage(['showmigrations', '--json']);
    expect(JSON.parse(stdout)).toBeTypeOf('object');
  });

  const compile = async (files: Readonly<Record<string, string>>) => {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    const compilerOptions = {
      module: 'nodenext',
      target: 'es2023',
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      skipLibCheck: false,
      types: ['node'],
      typeRoots: [join(root, 'node_modules/@types')],
    };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: Object.keys(files) }));
    const compiled = run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder]);
    await compiled.catch(({ stdout }: { stdout: string }) => Promise.reject(new Error(stdout)));
  };

  test('has types for the strictest of compilers, and an API that a program can use', async () => {
    await compile({
      'program.ts': `import { callCommand, checkPassword, defineApp, defineCommand, defineConfig, makePassword } from 'manage-auth';
        import type { Connection, Field, Model, Registry, Row, SessionUser, User, Value } from 'manage-auth';
        export * as web from 'manage-auth/web';
        export * as node from 'manage-auth/web/node';
        export * as express from 'manage-auth/web/express';
        export * as fastify from 'manage-auth/web/fastify';
        export * as hono from 'manage-auth/web/hono';
        export type Named = [Connection, Field, Model, Registry, Row, SessionUser, User, Value];
        export const rows = (connection: Connection) => connection.db('auth_user').where({ is_active: true }).select('id');
        const encoded: string = await makePassword('secret', { iterations: 1 });
        console.log(await checkPassword('secret', encoded), typeof callCommand, typeof defineApp, typeof defineCommand, typeof defineConfig);`,
    });
    const { stdout } = await run(process.execPath, ['program.js'], { cwd: folder });
    expect(stdout).toBe('true function function function function\n');
  });

  test('shows a program that fails where it did, in lines that can be read', async () => {
    writeFileSync(
      join(folder, 'fails.js'),
      "import { createUser, openProject } from 'manage-auth';\nconst { connect } = await openProject();\nawait createUser(await connect('nowhere'), {});\n",
    );
    const { stderr } = await run(process.execPath, ['fails.js'], { cwd: folder }).catch((failed) => failed);
    expect(stderr).toMatch(/^\s+throw new UsageError\(/m);
    expect(stderr).toMatch(/^\s+at (?:async )?openConnection \(/m);
    for (const line of stderr.split('\n')) expect(line.length).toBeLessThan(300);
  });

  test('does what docs/library.md shows', async () => {
    const blocks = [...readFileSync(join(root, 'docs/library.md'), 'utf8').matchAll(/```ts\n([\s\S]*?)```/g)];
    const names = new Set<string>();
    const [first = '', ...rest] = blocks.map(([, text = '']) =>
      text.replace(/^import \{([^}]*)\} from 'manage-auth';\n/gm, (_, list: string) => {
        for (const name of list.split(',')) names.add(name.trim());
        return '';
      }),
    );
    expect(rest.length).toBeGreaterThan(8);
    const table = "await connection.db.raw('CREATE TABLE shop_profile (user_id integer, motto text)');\n";
    await compile({
      'library.ts': `import { ${[...names].join(', ')} } from 'manage-auth';\n${[first, table, ...rest].join('\n')}`,
    });
    const env = { ...process.env, SECRET_KEY: 'x'.repeat(50), DATABASE_URL: 'sqlite:///library.sqlite3' };
    await manage(['migrate'], env);
    const { stdout } = await run(process.execPath, ['library.js'], { cwd: folder, env });
    expect(stdout).toContain("true ada\n[ 'ada' ]\ntrue [ 'auth.view_group', 'auth.view_user' ]\n3600\n1 ");
    expect(stdout).toContain('{ cart: [ 7 ] } true\n');
  });

  test('runs the example project', async () => {
    cpSync(join(root, 'examples/members'), folder, { recursive: true });
    rmSync(join(folder, 'db.sqlite3'), { force: true });
    await manage(
      ['createsuperuser', '--migrate', '--no-input', '--email', 'ada@example.com', '--field', 'full_name=Ada Lovelace'],
      password,
    );
    expect((await manage(['countmembers'])).stdout).toBe('1 member.\n');
    expect(JSON.parse((await manage(['countmembers', '--active', '--json'])).stdout)).toEqual({ count: 1 });
    expect((await manage(['help'])).stdout).toContain('countmembers');
    expect((await manage(['check', '--tag', 'schema'])).stdout).toContain('no issues');
    await manage(['migrate', 'members', 'zero', '--no-input']);
    expect((await manage(['showmigrations', 'members'])).stdout).toContain('[ ] 0001_initial');
    expect(readFileSync(join(root, 'examples/members/README.md'), 'utf8')).toContain('countmembers');
  });

  /** Runs the example's own tests; says how many passed and failed. */
  const testBlog = async (env: NodeJS.ProcessEnv = process.env) => {
    cpSync(join(root, 'examples/blog'), join(folder, 'blog'), { recursive: true });
    const { stdout } = await run(process.execPath, ['--test', '--test-reporter=tap', 'test/blog.test.js'], {
      cwd: join(folder, 'blog'),
      env,
    }).catch((failed: { stdout: string }) => failed);
    return {
      passed: Number(/^# pass (\d+)$/m.exec(stdout)?.[1]),
      failed: Number(/^# fail (\d+)$/m.exec(stdout)?.[1]),
      stdout,
    };
  };

  test('runs the tests of the blog', async () => {
    expect(await testBlog()).toMatchObject({ passed: 4, failed: 0 });
  });

  test('runs them without sqlite3 where Node has SQLite itself, and says what is missing elsewhere', async () => {
    rmSync(join(folder, 'node_modules/sqlite3'), { recursive: true, force: true });
    const { MANAGE_SQLITE_DRIVER: _, ...env } = process.env;
    const outcome = await testBlog(env);
    if (isBuiltin('node:sqlite')) {
      expect(outcome).toMatchObject({ passed: 4, failed: 0 });
    } else {
      expect(outcome).toMatchObject({ passed: 0 });
      const { stderr } = await manage(['migrate'], { MANAGE_SQLITE_DRIVER: undefined }).catch((error) => error);
      expect(stderr).toContain('sqlite3');
      expect(stderr).toContain('22.13');
    }
  });
});
