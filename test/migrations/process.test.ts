import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createDatabase, forEachEngine, type TestDatabase } from '../helpers/databases.js';
import { runManage, temporaryFolder } from '../helpers/manage.js';

const config = {
  apps: [{ label: 'shop', models: { Item: { fields: { name: { type: 'CharField', maxLength: 9 } } } } }],
};

/** Makes a table, says so in a file, and waits as long as that file is the only one. */
const hanging = `
import { existsSync, writeFileSync } from 'node:fs';
export default {
  dependencies: ['sessions.0001_initial', 'auth.0012_alter_user_first_name_max_length'],
  async up(db, { schema }) {
    await schema.createTable({ name: 'shop_item', columns: [{ name: 'id', type: 'AutoField', primaryKey: true }] });
    writeFileSync(new URL('../../reached', import.meta.url), '');
    while (!existsSync(new URL('../../go', import.meta.url))) await new Promise((resolve) => setTimeout(resolve, 20));
  },
};`;

forEachEngine((engine) => {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await createDatabase(engine);
  });
  afterEach(() => db.drop());

  const project = (migration: string) =>
    temporaryFolder({ 'manage.config.json': JSON.stringify(config), 'migrations/shop/0001_initial.mjs': migration });

  it('goes on where a run was killed in the middle of a migration', async () => {
    const cwd = project(hanging);
    const killed = spawn(process.execPath, [join(import.meta.dirname, '../../bin/manage.js'), 'migrate'], {
      cwd,
      env: { PATH: process.env.PATH, DATABASE_URL: db.url },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const ended = new Promise((resolve) => killed.once('close', (_code, signal) => resolve(signal)));
    while (!existsSync(join(cwd, 'reached')) && killed.exitCode === null) await sleep(20);
    killed.kill('SIGKILL');
    expect(await ended).toBe('SIGKILL');
    const recorded = await db.query("SELECT count(*) AS n FROM django_migrations WHERE app = 'shop'");
    expect(Number(recorded[0]?.n)).toBe(0);

    const again = temporaryFolder({
      go: '',
      'manage.config.json': JSON.stringify(config),
      'migrations/shop/0001_initial.mjs': hanging,
    });
    const result = await runManage(['migrate', '--json'], { db, cwd: again });
    expect(result).toMatchObject({ exitCode: 0, stderr: '' });
    expect(result.json.applied).toEqual(['shop.0001_initial']);
    expect((await runManage(['migrate', '--check'], { db, cwd: again })).exitCode).toBe(0);
  });

  it('lets one of several runs at once do the work, and the others wait', async () => {
    const cwd = project(
      'export default { dependencies: [], async up() { await new Promise((go) => setTimeout(go, 300)); } };',
    );
    const results = await Promise.all([1, 2, 3].map(() => runManage(['migrate'], { db, cwd })));
    expect(results.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0]);
    const applied = results.map(({ stdout }) => stdout.match(/ OK$/gm)?.length ?? 0);
    expect(applied.toSorted((a, b) => a - b)).toEqual([0, 0, 19]);
    for (const { stdout, stderr } of results) {
      if (/ OK$/m.test(stdout)) continue;
      expect(stdout).toContain('  No migrations to apply.');
      expect(stderr).toMatch(/^(?:Another run is migrating this database: waiting for it to end\.\n)?$/);
    }
    expect(Number((await db.query('SELECT count(*) AS n FROM django_migrations'))[0]?.n)).toBe(19);
    expect(Number((await db.query('SELECT count(*) AS n FROM auth_permission'))[0]?.n)).toBe(24);
  });
});
