import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Connection } from '../../src/db/connect/connection.js';
import { executePlan } from '../../src/db/migrations/execute.js';
import { planSteps } from '../../src/db/migrations/plan.js';
import { migrationUserModel } from '../../src/db/migrations/user-model.js';
import { CommandError, OperationCancelled } from '../../src/errors.js';
import type { AppDefinition } from '../../src/registry/types.js';
import { readMigrations } from '../../src/schema/migration-state.js';
import { readCatalogue, withSortedColumns } from '../helpers/catalogue.js';
import { useConnections } from '../helpers/connections.js';
import { type Engine, forEachEngine, type TestDatabase } from '../helpers/databases.js';
import { temporaryFolder } from '../helpers/manage.js';
import { migrateTo, migrationSettings } from '../helpers/migrations.js';
import { goldenStates } from '../helpers/states.js';

const shop: AppDefinition = {
  label: 'shop',
  models: { Item: { fields: { name: { type: 'CharField', maxLength: 9 } } } },
};

const createItems = `await schema.createTable({ name: 'shop_item', columns: [
  { name: 'id', type: 'BigAutoField', primaryKey: true }, { name: 'name', type: 'CharField', maxLength: 9 }] });`;

/** A migration of the project as a file has it; `up` and `down` are what stands in their bodies. */
const file = (dependencies: string[], { up, down, more = '' }: { up: string; down?: string; more?: string }) =>
  `export default { dependencies: ${JSON.stringify(dependencies)}, ${more}
    async up(db, { schema, operation, run, userModel }) { ${up} },
    ${down === undefined ? '' : `async down(db, { schema, operation, run }) { ${down} },`} };`;

const project = (files: Record<string, string>) =>
  migrationSettings(
    [shop],
    temporaryFolder(Object.fromEntries(Object.entries(files).map(([name, text]) => [`migrations/shop/${name}`, text]))),
  );

const recordedOf = async (database: TestDatabase, app: string) =>
  (await database.query('SELECT name FROM django_migrations WHERE app = ? ORDER BY id', [app])).map(({ name }) => name);

const failureOf = (work: Promise<unknown>): Promise<CommandError> =>
  work.then(
    () => {
      throw new Error('It did not fail.');
    },
    (error) => error,
  );

forEachEngine((engine) => {
  const open = useConnections();
  const start = () => open(engine, { apps: [shop] });

  describe('a migration of the project', () => {
    it('is applied after those that it depends on, and undone before them', async () => {
      const { connection, database } = await start();
      const settings = project({
        '0001_initial.mjs': file(['userModel'], { up: createItems, down: "await schema.dropTable('shop_item');" }),
        '0002_fill.js': file(['shop.0001_initial'], {
          up: "await run('Fill', async (executor) => { await executor('shop_item').insert({ name: 'a?b' }); }); await db('shop_item').insert({ name: userModel.table });",
          down: "await db('shop_item').delete();",
        }),
        '_notes.js': 'throw new Error("no migration")',
        'readme.txt': '',
      });
      const result = await migrateTo(connection, 'shop', { settings });
      expect(result.applied).toEqual([
        'contenttypes.0001_initial',
        'auth.0001_initial',
        'shop.0001_initial',
        'shop.0002_fill',
      ]);
      expect(await database.query('SELECT name FROM shop_item ORDER BY id')).toEqual([
        { name: 'a?b' },
        { name: 'auth_user' },
      ]);
      expect(result.permissions.filter(({ app }) => app === 'shop').map(({ codename }) => codename)).toEqual([
        'add_item',
        'change_item',
        'delete_item',
        'view_item',
      ]);
      expect((await migrateTo(connection, 'auth.zero', { settings })).undone).toEqual([
        'shop.0002_fill',
        'shop.0001_initial',
        'auth.0001_initial',
      ]);
      expect(await connection.dialect.tableNames(connection.db)).toEqual(['django_content_type', 'django_migrations']);
    });

    it('may come from a package', async () => {
      const { connection, database } = await start();
      const folder = temporaryFolder({ 'shop/0001_initial.js': file([], { up: createItems }) });
      const bringing = { name: 'shop-package', root: folder, commands: undefined, apps: undefined, migrations: folder };
      await migrateTo(connection, 'shop', { settings: { ...migrationSettings([shop]), packages: [bringing] } });
      expect(await recordedOf(database, 'shop')).toEqual(['0001_initial']);
    });

    it('that fails leaves nothing, and keeps the ones before it', async () => {
      const { connection, database } = await start();
      const settings = project({
        '0001_initial.js': file([], { up: createItems }),
        '0002_wrong.js': file(['shop.0001_initial'], {
          up: "await schema.createTable({ name: 'shop_other', columns: [{ name: 'id', type: 'AutoField', primaryKey: true }] }); await db('shop_item').insert({ nme: 'secret value' });",
        }),
      });
      const error = await failureOf(migrateTo(connection, undefined, { settings }));
      expect(error).toBeInstanceOf(CommandError);
      expect(error.code).toBe('migration_failed');
      expect(error.message).toMatch(/^The migration shop\.0002_wrong could not be applied: .*column.*nme/);
      expect(error.message).not.toContain('secret value');
      expect(await recordedOf(database, 'shop')).toEqual(['0001_initial']);
      const tables = await connection.dialect.tableNames(connection.db);
      expect(tables).toContain('shop_item');
      expect(tables.includes('shop_other')).toBe(!connection.dialect.features.transactionalDdl);
    });

    it('that breaks references is not kept', async () => {
      const { connection, database } = await start();
      const settings = project({
        '0001_initial.js': file(['auth.0012_alter_user_first_name_max_length'], {
          up: "await db('auth_user_groups').insert({ user_id: 7, group_id: 8 });",
        }),
      });
      const error = await failureOf(migrateTo(connection, undefined, { settings }));
      const said: Record<Engine, RegExp> = {
        sqlite: /auth_user_groups.*refers to/,
        postgres: /auth_user_groups.*\(user_id\)=\(7\)/,
        mariadb: /row of 'auth_user_groups' would refer with 'user_id'/,
      };
      expect(error.message).toMatch(/^The migration shop\.0001_initial could not be applied: /);
      expect(error.message).toMatch(said[engine]);
      expect(await recordedOf(database, 'shop')).toEqual([]);
      expect(await database.query('SELECT * FROM auth_user_groups')).toEqual([]);
    });

    // PostgreSQL lets none be broken.
    if (engine !== 'postgres')
      it('may leave references alone that were broken before', async () => {
        const { connection, database } = await start();
        await migrateTo(connection, 'auth.0011');
        await database.query('INSERT INTO auth_user_groups (user_id, group_id) VALUES (7, 8)');
        expect((await migrateTo(connection, 'auth')).applied).toEqual(['auth.0012_alter_user_first_name_max_length']);
      });

    it('runs without a transaction where it says so', async () => {
      const { connection, database } = await start();
      const settings = project({
        '0001_initial.js': file([], {
          up: `${createItems} await db('shop_item').insert({ name: 'kept' }); throw new Error('stop')`,
          more: 'atomic: false,',
        }),
      });
      const error = await failureOf(migrateTo(connection, 'shop', { settings }));
      expect(error.message).toBe('The migration shop.0001_initial could not be applied: stop.');
      const hint = connection.dialect.features.transactionalDdl
        ? 'It does not run in a transaction: see what it has done.'
        : 'MariaDB cannot roll back schema changes: what was done stays, and the next run continues from there.';
      expect(error.hint).toBe(hint);
      expect(await database.query('SELECT name FROM shop_item')).toEqual([{ name: 'kept' }]);
      expect(await recordedOf(database, 'shop')).toEqual([]);
    });

    it('makes no table anew without a transaction, which would delete what refers to its rows', async () => {
      const { connection, database } = await start();
      await migrateTo(connection, 'contenttypes');
      const alter = `const before = { name: 'django_content_type', columns: [{ name: 'model', type: 'CharField', maxLength: 100 }] };
        const after = { name: 'django_content_type', columns: [{ name: 'model', type: 'CharField', maxLength: 120 }] };
        await schema.alterColumn(before, after, 'model');`;
      const settings = project({ '0001_initial.js': file([], { up: alter, more: 'atomic: false,' }) });
      const result = await migrateTo(connection, 'shop', { settings }).catch((error: Error) => error.message);
      const refused =
        'The migration shop.0001_initial could not be applied: The table "django_content_type" can only be rebuilt in a migration that runs in a transaction.';
      const said: Record<Engine, unknown> = {
        sqlite: refused,
        postgres: expect.objectContaining({ applied: ['shop.0001_initial'] }),
        mariadb: expect.objectContaining({ applied: ['shop.0001_initial'] }),
      };
      expect(result).toEqual(said[engine]);
      expect(await database.query('SELECT model FROM django_content_type')).toEqual([{ model: 'contenttype' }]);
    });

    it('that cannot be undone stays', async () => {
      const { connection, database } = await start();
      const settings = project({ '0001_initial.js': file([], { up: createItems }) });
      await migrateTo(connection, 'shop', { settings });
      const error = await failureOf(migrateTo(connection, 'shop.zero', { settings }));
      expect(error.message).toBe('The migration shop.0001_initial cannot be undone.');
      expect(await recordedOf(database, 'shop')).toEqual(['0001_initial']);
    });

    it.each<[string, Record<string, string>, RegExp]>([
      [
        'throws when it is loaded',
        { '0001.js': 'throw new Error("bad luck")' },
        /^The migration shop\.0001 cannot be loaded from .*0001\.js: bad luck/,
      ],
      [
        'is no migration',
        { '0001.js': 'export default { up() {} }' },
        /0001\.js does not export a migration as its default\.$/,
      ],
      ['has no default export', { '0001.mjs': 'export const up = 1' }, /0001\.mjs does not export a migration/],
      [
        'is there twice',
        { '0001.js': file([], { up: '' }), '0001.mjs': file([], { up: '' }) },
        /^The migration shop\.0001 is there twice: /,
      ],
    ])('that %s is refused', async (_what, files, message) => {
      const { connection } = await start();
      expect((await failureOf(migrateTo(connection, undefined, { settings: project(files) }))).message).toMatch(
        message,
      );
    });

    it("of one of Django's apps is refused", async () => {
      const { connection } = await start();
      const root = temporaryFolder({ 'migrations/auth/0013_mine.js': file([], { up: '' }) });
      const error = await failureOf(migrateTo(connection, undefined, { settings: migrationSettings([shop], root) }));
      expect(error.message).toMatch(/0013_mine\.js is a migration of 'auth', an app of Django/);
    });
  });

  describe('recording alone', () => {
    const settings = () =>
      project({ '0001_initial.js': file([], { up: createItems, down: "await schema.dropTable('shop_item');" }) });

    it('does nothing else with `fake`, forwards and backwards', async () => {
      const { connection, database } = await start();
      const given = settings();
      const result = await migrateTo(connection, 'shop', { settings: given, fake: true });
      expect(result).toMatchObject({ applied: ['shop.0001_initial'], faked: ['shop.0001_initial'] });
      expect(await connection.dialect.tableNames(connection.db)).toEqual(['django_migrations']);
      expect((await migrateTo(connection, 'shop.zero', { settings: given, fake: true })).faked).toEqual([
        'shop.0001_initial',
      ]);
      expect(await recordedOf(database, 'shop')).toEqual([]);
    });

    it('is done for first migrations whose tables are there with `fakeInitial`', async () => {
      const { connection, database } = await start();
      await migrateTo(connection, 'contenttypes.0001');
      const before = await readCatalogue(database);
      await database.query('DELETE FROM django_migrations');
      // The second run is not to take them for what the first one has made.
      for (const _ of [1, 2]) {
        const error = await failureOf(migrateTo(connection, 'contenttypes.0001'));
        expect(error.message).toMatch(
          /^The migration contenttypes\.0001_initial could not be applied: .*already exists\.$/,
        );
        expect([error.code, error.hint]).toEqual(['tables_exist', expect.stringMatching(/^Nothing of it was/)]);
      }
      expect((await migrateTo(connection, 'contenttypes.0001', { fakeInitial: true })).faked).toEqual([
        'contenttypes.0001_initial',
      ]);
      expect(await readCatalogue(database)).toEqual(before);
      expect((await migrateTo(connection, undefined, { settings: settings(), fakeInitial: true })).faked).toEqual([]);
    });

    it('is refused for tables that lack a column', async () => {
      const { connection, database } = await start();
      await migrateTo(connection, 'contenttypes');
      await database.query('DELETE FROM django_migrations');
      const error = await failureOf(migrateTo(connection, 'contenttypes', { fakeInitial: true }));
      expect(error.message).toContain(
        'The tables of contenttypes.0001_initial are there already, but "django_content_type" has no column "name".',
      );
    });
  });

  it('records a squashed migration as all that it replaces, and as itself', async () => {
    const { connection, database } = await start();
    const one = file([], { up: createItems, down: "await schema.dropTable('shop_item');" });
    const two = file(['shop.0001_initial'], { up: '', down: '' });
    const squashed = file([], {
      up: createItems,
      down: "await schema.dropTable('shop_item');",
      more: "replaces: ['shop.0001_initial', 'shop.0002_more'],",
    });
    const settings = project({ '0001_initial.js': one, '0002_more.js': two, '0001_to_2.js': squashed });
    expect((await migrateTo(connection, 'shop', { settings })).applied).toEqual(['shop.0001_to_2']);
    expect(await recordedOf(database, 'shop')).toEqual(['0001_initial', '0002_more', '0001_to_2']);
    expect((await migrateTo(connection, 'shop', { settings })).applied).toEqual([]);
    expect((await migrateTo(connection, 'shop.zero', { settings })).undone).toEqual(['shop.0001_to_2']);
    expect(await recordedOf(database, 'shop')).toEqual([]);
  });

  it('keeps two runs apart: one waits, and neither fails', async () => {
    const { connection, database, again } = await start();
    const others = [await again(), await again()];
    let waited = 0;
    const run = (each: Connection) => migrateTo(each, undefined, { onWait: () => waited++ });
    const results = await Promise.all([connection, ...others].map(run));
    expect(results.map(({ applied }) => applied.length).toSorted((a, b) => a - b)).toEqual([0, 0, 18]);
    expect(waited).toBe(2);
    expect(
      await database.query('SELECT count(*) AS n, count(DISTINCT name) AS d FROM django_migrations'),
    ).toMatchObject([{ n: engine === 'sqlite' ? 18 : '18' }]);
  });

  it('stops between two migrations when it is asked to', async () => {
    const { connection, database } = await start();
    const stop = new AbortController();
    const error = await failureOf(
      migrateTo(connection, undefined, {
        signal: stop.signal,
        onDone: ({ migration }) => migration.key === 'auth.0001_initial' && stop.abort(),
      }),
    );
    expect(error).toBeInstanceOf(OperationCancelled);
    expect(await recordedOf(database, 'admin')).toEqual([]);
    expect((await migrateTo(connection)).applied).toHaveLength(16);
  });

  it('notices that another program was faster', async () => {
    const { connection, database } = await start();
    await migrateTo(connection, 'auth.0011');
    const state = await readMigrations(connection, migrationSettings());
    const steps = planSteps(state, { kind: 'all', apps: ['auth'] });
    await database.query(
      "INSERT INTO django_migrations (app, name, applied) VALUES ('auth', '0012_alter_user_first_name_max_length', '2026-01-01')",
    );
    const userModel = migrationUserModel(connection.registry, state);
    const error = await failureOf(
      executePlan(connection, steps, { userModel, now: () => new Date(), isFake: async () => false }),
    );
    expect(error.message).toBe(
      'Another program has applied auth.0012_alter_user_first_name_max_length in the meantime; nothing was done twice.',
    );
    expect(await recordedOf(database, 'auth')).toHaveLength(12);
  });

  it('undoes nothing but what was agreed to', async () => {
    const { connection } = await start();
    await migrateTo(connection);
    const error = await failureOf(
      migrateTo(connection, 'auth.0010', { mayUndo: new Set(['auth.0012_alter_user_first_name_max_length']) }),
    );
    expect(error.message).toBe(
      'Another run has applied auth.0011_update_proxy_permissions in the meantime; nothing was undone.',
    );
    expect((await migrateTo(connection)).applied).toEqual([]);
  });

  it('reads records whose time is none', async () => {
    const none: Record<Engine, string> = { sqlite: 'long ago', postgres: 'infinity', mariadb: '0000-00-00 00:00:00' };
    const { connection, database } = await start();
    await migrateTo(connection);
    await database.query('UPDATE django_migrations SET applied = ?', [none[engine]]);
    expect((await migrateTo(connection)).applied).toEqual([]);
  });

  it('writes the time as Django does', async () => {
    const { connection, database } = await start();
    await migrateTo(connection, 'sessions', { now: () => new Date('2026-11-21T07:08:09.120Z') });
    const [row] = await database.query('SELECT applied FROM django_migrations');
    expect(row).toEqual({
      applied: engine === 'postgres' ? '2026-11-21 07:08:09.12+00' : '2026-11-21 07:08:09.120000',
    });
  });

  it('keeps names of permissions that somebody has changed, and makes those again that are missing', async () => {
    const { connection, database } = await start();
    await migrateTo(connection);
    await database.query("UPDATE auth_permission SET name = 'Can do it' WHERE codename = 'add_user'");
    await database.query("DELETE FROM auth_permission WHERE codename = 'view_user'");
    await database.query(
      "INSERT INTO django_content_type (app_label, model) VALUES ('blog', 'post'), ('auth', 'gone')",
    );
    await database.query(
      "INSERT INTO auth_permission (name, codename, content_type_id) VALUES ('Can x', 'x', 7), ('Can y', 'y', 4)",
    );
    const result = await migrateTo(connection);
    expect(result.renamed).toEqual([]);
    expect(result.permissions).toEqual([{ app: 'auth', model: 'user', codename: 'view_user', name: 'Can view user' }]);
    const rows = await database.query(
      "SELECT name FROM auth_permission WHERE codename IN ('x', 'y', 'add_user') ORDER BY id",
    );
    expect(rows).toEqual([{ name: 'Can do it' }, { name: 'Can x' }, { name: 'Can y' }]);
    expect(await database.query('SELECT model FROM django_content_type WHERE id > 6 ORDER BY id')).toEqual([
      { model: 'post' },
      { model: 'gone' },
    ]);
  });

  it('makes no table of accounts where the project has its own, and lets the log refer to that', async () => {
    const folder = join(import.meta.dirname, '../../examples/members');
    const {
      apps: [members],
    } = JSON.parse(readFileSync(new URL('../django/site/members.json', import.meta.url), 'utf8'));
    const { connection, database } = await open(engine, { apps: [members], userModel: 'members.member' });
    const settings = migrationSettings([members], folder);
    const result = await migrateTo(connection, undefined, { settings });
    const order = [...goldenStates(engine).order, 'members.0001_initial'];
    expect(result.applied.toSorted()).toEqual(order.toSorted());
    expect(result.applied.indexOf('admin.0001_initial')).toBeGreaterThan(
      result.applied.indexOf('members.0001_initial'),
    );
    const { tables } = await connection.dialect.introspect(connection.db);
    expect([...tables.keys()].filter((name) => name.startsWith('auth_user'))).toEqual([]);
    expect(tables.get('django_admin_log')?.constraints).toContainEqual(
      expect.objectContaining({
        kind: 'foreign',
        columns: ['user_id'],
        references: { table: 'members_member', columns: ['id'] },
      }),
    );
    const golden = JSON.parse(readFileSync(new URL(`../data/golden/members/${engine}.json`, import.meta.url), 'utf8'));
    expect(withSortedColumns(await readCatalogue(database))).toEqual(golden);
    expect((await database.query('SELECT app_label, model FROM django_content_type ORDER BY id')).at(-1)).toEqual({
      app_label: 'members',
      model: 'member',
    });
    const back = await migrateTo(connection, 'contenttypes.zero', { settings });
    expect(back.undone).toHaveLength(18);
  });
});
