import { afterEach, beforeEach, expect, test } from 'vitest';
import { createAppsSite } from '../helpers/apps-site.js';
import { blogApp } from '../helpers/blog-app.js';
import { createDatabase, type Engine, forEachEngine, type TestDatabase } from '../helpers/databases.js';
import { manage } from '../helpers/manage.js';

const integer: Record<Engine, string> = { sqlite: 'INTEGER', postgres: 'integer', mariadb: 'integer' };

forEachEngine((engine) => {
  let db: TestDatabase;
  const run = (args: string[], options = {}) => manage(['remove_stale_contenttypes', ...args], { db, ...options });
  const types = (app: string) =>
    db.query('SELECT model FROM django_content_type WHERE app_label = ? ORDER BY model', [app]);

  beforeEach(async () => {
    db = await createDatabase(engine, { from: 'sample' });
    await db.query("INSERT INTO django_content_type (id, app_label, model) VALUES (900, 'auth', 'ghost')");
    await db.query(
      "INSERT INTO auth_permission (id, name, content_type_id, codename) VALUES (900, 'Can', 900, 'add_ghost')",
    );
    await db.query(
      'INSERT INTO auth_user_user_permissions (user_id, permission_id) SELECT min(id), 900 FROM auth_user',
    );
    await db.query('UPDATE django_admin_log SET content_type_id = 900');
  });
  afterEach(() => db.drop());

  test('asks, and removes the content type with its permissions and their links', async () => {
    const question = /Content type for auth\.ghost\n.*1 row of auth_permission.*Type 'yes'/s;
    const kept = await run(['--no-input', '--json']);
    expect(kept.json).toMatchObject({ stale: [], removed: [], granted: [{ app: 'auth', model: 'ghost', grants: 1 }] });
    expect(kept.stderr).toContain('auth.ghost stays: 1 grant of its permissions to users or groups would go with it');
    expect(await types('auth')).toHaveLength(4);
    const { exitCode, stdout, stderr } = await run(['--include-granted'], { answers: [[question, 'yes']] });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toContain('Removed 1 content type');
    expect(await types('auth')).toEqual([{ model: 'group' }, { model: 'permission' }, { model: 'user' }]);
    expect(await db.query('SELECT * FROM auth_permission WHERE id = 900')).toEqual([]);
    expect(await db.query('SELECT * FROM auth_user_user_permissions WHERE permission_id = 900')).toEqual([]);
    expect(await db.query('SELECT * FROM django_admin_log WHERE content_type_id IS NOT NULL')).toEqual([]);
    expect((await db.query('SELECT * FROM django_admin_log')).length).toBeGreaterThan(0);
    expect(await types('blogapp')).toHaveLength(2);
  });

  test('leaves them after any other answer, with --dry-run, and where nobody can answer', async () => {
    const no = await run(['--include-granted'], { answers: [['auth.ghost', 'y']] });
    const noJson = await run(['--include-granted', '--json'], { answers: [['auth.ghost', 'y']] });
    expect(noJson.json).toMatchObject({ removed: [], cancelled: true });
    expect(no).toMatchObject({ exitCode: 0, stdout: "Stale content types of 'auth' remain.\n" });
    expect((await run(['--include-granted'])).exitCode).toBe(2);
    const dry = await run(['--include-granted', '--dry-run', '--json']);
    expect((await run(['--include-granted', '--dry-run', '-v0'])).stdout).toContain('Content type for auth.ghost');
    expect(dry.json).toMatchObject({ dryRun: true, stale: [{ app: 'auth', model: 'ghost' }], removed: [] });
    expect(await types('auth')).toContainEqual({ model: 'ghost' });
  });

  test('leaves content types of unknown apps, and of tables that are there', async () => {
    await db.query("INSERT INTO django_content_type (id, app_label, model) VALUES (901, 'blogapp', 'ghost')");
    await run(['--no-input']);
    expect(await types('blogapp')).toHaveLength(3);
    const { stderr } = await run(['--no-input', '--include-stale-apps']);
    expect(stderr).toContain("blogapp.post stays: its table 'blogapp_post' is still there");
    expect(stderr).toContain("The content type ghost of the app 'blogapp' stays: migrations of the app are recorded");
    expect(await types('blogapp')).toHaveLength(3);
    await db.query("DELETE FROM django_migrations WHERE app = 'blogapp'");
    const { stderr: later } = await run(['--no-input', '--include-stale-apps']);
    expect(later).toContain("The content type blogapp.ghost stays: the table 'blogapp_post' may be its.");
    expect(await types('blogapp')).toHaveLength(3);
  });

  test('leaves those of apps whose tables have other names', async () => {
    const named = [
      ['django_comments', 'comment', 'django_comments'],
      ['sites', 'site', 'django_site'],
      ['social_django', 'usersocialauth', 'social_auth_usersocialauth'],
      ['books', 'category', 'all_categories'],
    ];
    for (const [index, [app, model, table]] of named.entries()) {
      await db.query(`CREATE TABLE ${table} (id ${integer[engine]} PRIMARY KEY)`);
      await db.query(
        `INSERT INTO django_content_type (id, app_label, model) VALUES (${910 + index}, '${app}', '${model}')`,
      );
    }
    for (const more of [[], ['--introspect']]) {
      await run(['--no-input', '--include-stale-apps', '--include-granted', ...more]);
      for (const [app = ''] of named) expect(await types(app), app).toHaveLength(1);
    }
  });

  test('leaves those of stale apps whose permissions somebody holds, until that is asked for', async () => {
    await db.query(
      "INSERT INTO django_content_type (id, app_label, model) VALUES (903, 'gone', 'thing'), (904, 'gone', 'other')",
    );
    await db.query(
      "INSERT INTO auth_permission (id, name, content_type_id, codename) VALUES (903, 'Can', 903, 'add_thing')",
    );
    await db.query('INSERT INTO auth_group_permissions (group_id, permission_id) SELECT min(id), 903 FROM auth_group');
    const kept = await run(['--no-input', '--include-stale-apps', '--json']);
    expect(kept.json.granted).toEqual([
      { app: 'auth', model: 'ghost', grants: 1 },
      { app: 'gone', model: 'thing', grants: 1 },
    ]);
    expect(kept.stderr).toContain('gone.thing stays: 1 grant of its permissions');
    expect(await types('gone')).toEqual([{ model: 'thing' }]);
    const question = /1 row of auth_group_permissions \(auth\.Group\.permissions\)\n/;
    await run(['--include-stale-apps', '--include-granted'], {
      answers: [
        ['auth.ghost', 'no'],
        [question, 'yes'],
      ],
    });
    expect(await types('gone')).toEqual([]);
  });

  test('leaves content types of proxy models, declared and introspected', async () => {
    await db.query("INSERT INTO django_content_type (id, app_label, model) VALUES (902, 'blogapp', 'draftpost')");
    const apps = [{ ...blogApp, proxies: ['DraftPost'] }];
    await run(['--no-input'], { config: { apps } });
    const { stderr } = await run(['--no-input', '--introspect', '--include-stale-apps', '-v2']);
    expect(stderr).toContain('blogapp.draftpost stays: it is taken for that of a proxy model');
    expect(await types('blogapp')).toContainEqual({ model: 'draftpost' });
    const printed = await manage(['inspectdb'], { db });
    expect(printed.stdout).toMatch(/proxies: \[\{\s+name: 'Draftpost',\s+defaultPermissions: \[\],/);
    expect((await run(['--no-input'], { config: { apps: [blogApp] } })).exitCode).toBe(0);
    expect(await types('blogapp')).not.toContainEqual({ model: 'draftpost' });
  });

  test('removes those of apps without any table where told to, introspected too', async () => {
    await db.query("INSERT INTO django_content_type (id, app_label, model) VALUES (903, 'gone', 'thing')");
    await run(['--no-input', '--introspect']);
    expect(await types('gone')).toHaveLength(1);
    await run(['--no-input', '--introspect', '--include-stale-apps']);
    expect(await types('gone')).toEqual([]);
  });

  test('refuses where a table of no model refers to them', async () => {
    await db.query(
      `CREATE TABLE tagged (id ${integer[engine]} PRIMARY KEY, ct ${integer[engine]} REFERENCES django_content_type (id))`,
    );
    await db.query('INSERT INTO tagged VALUES (1, 900)');
    const { exitCode, stderr } = await run(['--no-input', '--include-granted']);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("1 row of 'tagged'");
    expect(await types('auth')).toContainEqual({ model: 'ghost' });
  });

  test('is silent where there is nothing to do, and refuses on protected databases', async () => {
    const config = { databases: { default: { url: db.url, protected: true } } };
    expect((await run(['--no-input'], { config })).stderr).toContain('--allow-protected default');
    await run(['--no-input', '--include-granted']);
    expect(await run(['--no-input'])).toMatchObject({ exitCode: 0, stdout: '', stderr: '' });
    // Models that Django does not manage are views, too, or in another schema.
    const views = [
      'VIEW legacy_extract',
      ...(engine === 'postgres' ? ['MATERIALIZED VIEW auth_sums', 'TABLE far.auth_star'] : ['VIEW auth_sums']),
    ];
    if (engine === 'postgres') await db.query('CREATE SCHEMA far');
    for (const view of views) await db.query(`CREATE ${view} AS SELECT 1 AS id`);
    await db.query(
      "INSERT INTO django_content_type (app_label, model) VALUES ('auth', 'extract'), ('auth', 'sums'), ('old', 'extract')",
    );
    if (engine === 'postgres') {
      await db.query("INSERT INTO django_content_type (app_label, model) VALUES ('auth', 'star')");
    }
    const kept = await run(['--no-input', '--include-stale-apps', '--json']);
    expect(kept.json.removed).toEqual([]);
    expect(await types('old')).toHaveLength(1);
    expect((await types('auth')).length).toBe(engine === 'postgres' ? 6 : 5);
    const empty = await createDatabase(engine);
    expect(await run(['--no-input'], { db: empty })).toMatchObject({ exitCode: 0, stdout: '', stderr: '' });
    await empty.drop();
  });
});

test('removes nothing of a site with many apps that the settings do not declare', async () => {
  const db = await createAppsSite();
  const count = async () => (await db.query('SELECT id FROM django_content_type')).length;
  const before = await count();
  for (const more of [[], ['--introspect']]) {
    const args = ['remove_stale_contenttypes', '--include-stale-apps', '--include-granted', '--no-input', ...more];
    expect(await manage(args, { db })).toMatchObject({ exitCode: 0, stdout: '' });
  }
  expect(await count()).toBe(before);
  await db.drop();
});
