import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readCatalogue } from '../helpers/catalogue.js';
import { createDatabase, forEachEngine, type TestDatabase } from '../helpers/databases.js';
import { manage, temporaryFolder } from '../helpers/manage.js';
import { goldenStates } from '../helpers/states.js';

const shop = { label: 'shop', models: { Item: { fields: { name: { type: 'CharField', maxLength: 9 } } } } } as const;
const config = { apps: [shop, { label: 'bare', models: {} }] } as const;
const empty = (dependencies: string, more = '') =>
  `export default { dependencies: [${dependencies}], ${more} async up() {}, async down() {} };`;
const files = {
  'migrations/shop/0001_initial.js': empty(''),
  'migrations/shop/0002_more.js': empty("'shop.0001_initial', 'userModel'"),
  'migrations/shop/0001_to_2.js': empty("'userModel'", "replaces: ['shop.0001_initial', 'shop.0002_more'],"),
};

forEachEngine((engine) => {
  const { order } = goldenStates(engine);
  let db: TestDatabase;
  beforeEach(async () => {
    db = await createDatabase(engine);
  });
  afterEach(() => db.drop());
  const show = (...args: string[]) => manage(['showmigrations', ...args], { db });

  const listed = (mark: (key: string) => string) =>
    ['admin', 'auth', 'contenttypes', 'sessions']
      .flatMap((app) => {
        const own = order.filter((key) => key.startsWith(`${app}.`));
        return [app, ...own.map((key) => ` [${mark(key)}] ${key.slice(app.length + 1)}`)];
      })
      .map((line) => `${line}\n`)
      .join('');

  it("shows Django's sample database as Django does, the apps that are not declared last", async () => {
    const sample = await createDatabase(engine, { from: 'sample' });
    const { stdout, stderr, exitCode } = await manage(['showmigrations'], { db: sample });
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
    expect(stdout).toBe(`${listed(() => 'X')}blogapp (not declared)\n [X] 0001_initial\n`);
    const { json } = await manage(['showmigrations', '--json'], { db: sample });
    expect(json.apps.at(-1)).toMatchObject({ app: 'blogapp', declared: false, migrations: [{ name: '0001_initial' }] });
    await sample.drop();
  });

  it('shows an empty database, and makes nothing in it', async () => {
    expect((await show()).stdout).toBe(listed(() => ' '));
    expect((await show('--plan')).stdout).toBe(order.map((key) => `[ ]  ${key}\n`).join(''));
    expect(await readCatalogue(db)).toEqual({});
  });

  it('shows what is applied, and when', async () => {
    await manage(['migrate', 'auth', '0001', '-v0'], { db, now: '2026-11-21T07:24:22.5Z' });
    const done = ['contenttypes.0001_initial', 'auth.0001_initial'];
    expect((await show()).stdout).toBe(listed((key) => (done.includes(key) ? 'X' : ' ')));
    expect((await show('contenttypes', '-v2')).stdout).toBe(
      'contenttypes\n [X] 0001_initial (applied at 2026-11-21 07:24:22)\n [ ] 0002_remove_content_type_name\n',
    );
    expect((await show('sessions', 'contenttypes', '-l')).stdout.split('\n')[0]).toBe('sessions');
    expect((await show('admin', '-p', '-v2')).stdout).toBe(
      `[X]  contenttypes.0001_initial
[X]  auth.0001_initial ... (contenttypes.0001_initial)
[ ]  admin.0001_initial ... (auth.0001_initial, contenttypes.0001_initial)
[ ]  admin.0002_logentry_remove_auto_add ... (admin.0001_initial)
[ ]  admin.0003_logentry_add_action_flag_choices ... (admin.0002_logentry_remove_auto_add)
`,
    );
    const { json } = await show('contenttypes', '--json');
    expect(json).toMatchObject({ database: 'default' });
    expect(json.apps).toEqual([
      {
        app: 'contenttypes',
        migrations: [
          { name: '0001_initial', applied: true, appliedAt: '2026-11-21T07:24:22.500000+00:00' },
          { name: '0002_remove_content_type_name', applied: false, appliedAt: null },
        ],
      },
    ]);
    expect((await show('sessions', '--plan', '--json')).json.plan).toEqual([
      { migration: 'sessions.0001_initial', applied: false, dependencies: [] },
    ]);
  });

  it('shows squashed migrations, and apps without any', async () => {
    const cwd = temporaryFolder(files);
    const run = async (...args: string[]) => (await manage(args, { db, cwd, config })).stdout;
    const list = ['showmigrations', 'shop', 'bare'];
    expect(await run(...list)).toBe('shop\n [ ] 0001_to_2 (2 squashed migrations)\nbare\n (no migrations)\n');
    await run('migrate', 'shop', '-v0');
    expect(await run(...list)).toBe('shop\n [X] 0001_to_2 (2 squashed migrations)\nbare\n (no migrations)\n');
    await db.query("DELETE FROM django_migrations WHERE name = '0001_to_2'");
    expect(await run(...list)).toContain(
      " [-] 0001_to_2 (2 squashed migrations) Run 'manage migrate' to finish recording.\n",
    );
    await run('migrate', '-v0');
    expect(await run(...list)).toContain(' [X] 0001_to_2 (2 squashed migrations)\n');
    expect(await run('showmigrations', 'bare', '--plan')).toBe('(no migrations)\n');
  });

  it('refuses apps that it does not know, and two lists at once', async () => {
    const { exitCode, stdout, stderr } = await show('auht', 'sessions');
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain("No installed app with label 'auht'.");
    expect(stderr).toContain('Did you mean auth?');
    expect((await show('--list', '--plan')).exitCode).toBe(2);
  });
});

describe('a missing SQLite file', () => {
  it('is an error, and stays missing', async () => {
    const cwd = temporaryFolder();
    for (const command of ['showmigrations', 'sqlmigrate auth 0001']) {
      const { exitCode, stderr } = await manage(command.split(' '), { cwd, env: { DATABASE_URL: 'sqlite:///new.db' } });
      expect({ command, exitCode }).toEqual({ command, exitCode: 1 });
      expect(stderr).toContain('does not exist');
    }
  });
});
