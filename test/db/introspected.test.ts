import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { connect } from '../../src/db/connect/connect.js';
import { introspectRegistry } from '../../src/db/introspection/registry.js';
import { type AppDefinition, defineApp } from '../../src/index.js';
import { coreApps } from '../../src/registry/core.js';
import { createRegistry, findModel } from '../../src/registry/define.js';
import type { Field, Registry } from '../../src/registry/types.js';
import type { Settings } from '../../src/settings/settings.js';
import { blogApp } from '../helpers/blog-app.js';
import { createDatabase, type Engine, forEachEngine, sqliteDriver, type TestDatabase } from '../helpers/databases.js';
import { manage } from '../helpers/manage.js';

/** What SQLite's column types do not tell. */
const unknowable: Record<Engine, readonly string[]> = { sqlite: ['took', 'price'], postgres: [], mariadb: ['took'] };

const shop: AppDefinition = defineApp({
  label: 'shop',
  models: {
    Account: {
      table: 'people',
      naturalKey: ['email'],
      fields: {
        id: { type: 'UUIDField', primaryKey: true, default: { computed: 'uuid4' } },
        password: { type: 'CharField', maxLength: 128 },
        last_login: { type: 'DateTimeField', null: true, blank: true },
        email: { type: 'CharField', maxLength: 200, unique: true },
        is_active: { type: 'BooleanField', default: { value: true } },
        is_superuser: { type: 'BooleanField', default: { value: false } },
        boss: { type: 'ForeignKey', to: 'self', null: true, blank: true },
      },
      manyToMany: {
        groups: { to: 'auth.group' },
        friends: { to: 'self' },
      },
      auth: {
        usernameField: 'email',
        emailField: 'email',
        requiredFields: [],
        passwordField: 'password',
        lastLoginField: 'last_login',
        activeField: 'is_active',
        superuserValues: { is_superuser: true },
        groups: 'groups',
      },
    },
    OrderLine: {
      verboseName: 'order line',
      uniqueTogether: [['account', 'position']],
      indexes: [{ name: 'line_place', fields: ['position', 'code'] }],
      fields: {
        code: { type: 'CharField', maxLength: 12, primaryKey: true },
        account: { type: 'ForeignKey', to: 'shop.account' },
        position: { type: 'PositiveIntegerField' },
        note: { type: 'TextField', dbIndex: true },
        data: { type: 'JSONField', null: true, blank: true },
      },
    },
    Invoice: {
      fields: {
        line: { type: 'OneToOneField', to: 'shop.orderline', primaryKey: true },
        paid: { type: 'DateField', null: true, blank: true },
      },
    },
  },
});

forEachEngine((engine) => {
  let db: TestDatabase;
  afterEach(() => db.drop());

  const introspected = async () => {
    const connection = await connect(db.settings, createRegistry(coreApps), { driver: sqliteDriver });
    try {
      return await introspectRegistry(connection);
    } finally {
      await connection.close();
    }
  };

  describe("a database of Django's", () => {
    beforeEach(async () => {
      db = await createDatabase(engine, { from: 'sample' });
    });

    test('is dumped as Django dumps it', async () => {
      const { stdout, exitCode } = await manage(['--introspect', 'dumpdata', '--precision', 'milliseconds'], { db });
      expect(exitCode).toBe(0);
      const golden = await readFile(new URL(`../data/golden/dumps/${engine}/dump.json`, import.meta.url), 'utf8');
      const without = (text: string) => {
        const records: { model: string; fields: Record<string, unknown> }[] = JSON.parse(text);
        for (const { model, fields } of records) {
          if (model === 'blogapp.post') for (const name of unknowable[engine]) delete fields[name];
          // Django gives groups in no order.
          if (Array.isArray(fields.groups)) fields.groups.sort();
          if (Array.isArray(fields.tags)) fields.tags.sort();
        }
        return records;
      };
      expect(without(stdout)).toEqual(without(golden));
    });

    test('is dumped as Django dumps it in all fields where the settings say what types do not tell', async () => {
      const config = {
        apps: 'introspect',
        overrides: {
          'blogapp.Post': {
            fields: {
              took: { type: 'DurationField' },
              price: { type: 'DecimalField', maxDigits: 12, decimalPlaces: 3 },
            },
          },
          'elsewhere.thing': { fields: {} },
        },
      } as const;
      const { stdout } = await manage(['dumpdata', 'blogapp', '--precision', 'milliseconds'], { db, config });
      const golden = await readFile(new URL(`../data/golden/dumps/${engine}/blog.json`, import.meta.url), 'utf8');
      const sorted = (text: string) =>
        JSON.parse(text).map(({ fields: { tags = [], ...fields }, ...record }: { fields: { tags?: string[] } }) => ({
          ...record,
          fields: { ...fields, tags: tags.sort() },
        }));
      expect(sorted(stdout)).toEqual(sorted(golden));
    });

    test.each([
      [{ 'blogapp.pst': {} }, "the model 'blogapp.pst'"],
      [{ 'blogapp.post': { fields: { tok: {} } } }, "the field 'tok' of blogapp.post"],
      [{ 'blogapp.post': { fields: { took: { type: 'Duration' } } } }, "has the type 'Duration'"],
      [{ 'blogapp.post': { feilds: {} } }, '`overrides.blogapp.post.feilds` is unknown. Did you mean fields?'],
      [
        { 'blogapp.post': { fields: { took: { tpye: 'X' } } } },
        '`overrides.blogapp.post.fields.took.tpye` is unknown.',
      ],
    ])('says what is wrong in the overrides %j', async (overrides, sentence) => {
      const config = { apps: 'introspect', overrides: overrides as Settings['overrides'] } as const;
      const { exitCode, stderr } = await manage(['dumpdata', 'blogapp'], { db, config });
      expect(exitCode).toBe(1);
      expect(stderr).toContain(sentence);
    });

    test('check warns of overrides for models that are not there', async () => {
      const overrides = { 'blog.post': { fields: {} }, 'blogapp.Post': { fields: {} } };
      const config = { apps: 'introspect', overrides } as const;
      const { json } = await manage(['check', '--tag', 'models', '--json'], { db, config });
      expect(json.findings).toMatchObject([{ id: 'manage.W035', level: 'WARNING', object: 'overrides.blog.post' }]);
    });

    test('deletes what the settings say that a reference deletes', async () => {
      const config = (onDelete: 'CASCADE' | 'SET_NULL') =>
        ({
          apps: 'introspect',
          overrides: { 'blogapp.post': { fields: { author: { onDelete }, parent: { onDelete: 'CASCADE' } } } },
        }) as const;
      const rows = async (onDelete: 'CASCADE' | 'SET_NULL') =>
        (await manage(['clear_models', 'auth.User', '--dry-run', '--json'], { db, config: config(onDelete) })).json
          .tables;
      expect(await rows('CASCADE')).toContainEqual({ table: 'blogapp_post', rows: 12 });
      expect(await rows('SET_NULL')).toContainEqual({ table: 'blogapp_post', rows: 12, column: 'author_id' });
    });

    test('has no unknown apps', async () => {
      const { json } = await manage(['--introspect', 'flush', '--dry-run', '--json'], { db });
      expect(json.tables).toHaveLength(12);
      const config = { apps: 'introspect' } as const;
      expect((await manage(['flush', '--no-input', '--json'], { db, config })).json).toMatchObject({ contentTypes: 8 });
    });

    test('knows apps without tables: nothing is left to ask about', async () => {
      await db.query(
        "INSERT INTO django_migrations (app, name, applied) VALUES ('later', '0001_data', '2026-01-01 00:00:00')",
      );
      for (const table of ['blogapp_post_tags', 'blogapp_post', 'blogapp_tag', 'django_session'])
        await db.query(`DROP TABLE ${table}`);
      const { exitCode, stderr, json } = await manage(['--introspect', 'flush', '--no-input', '--json'], { db });
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
      // Those without a table may be of proxy models, and stay.
      expect(json.contentTypes).toBe(8);
      expect((await manage(['inspectdb', '--json'], { db })).json.apps).toEqual([]);
      expect((await manage(['--introspect', 'dumpdata', 'later'], { db })).stdout).toMatch(/^\[\]\s*$/);
    });

    test('keeps decimals whole where their places are not known', async () => {
      const { stdout } = await manage(['--introspect', 'dumpdata', 'blogapp.post'], { db });
      expect(stdout).toMatch(/"price": "-123456789.125"/);
    });
  });

  test('models are what they were made from', async () => {
    db = await createDatabase(engine);
    const config = { userModel: 'shop.account', apps: [shop] };
    const { stdout } = await manage(['sqlall', 'contenttypes', 'auth', 'admin', 'sessions', 'shop'], { db, config });
    for (const statement of stdout.trim().split('\n').slice(1, -1)) await db.query(statement);
    const names = [
      ['shop', 'account'],
      ['shop', 'orderline'],
      ['shop', 'invoice'],
    ];
    for (const [index, [app, model]] of names.entries()) {
      const id = index + 1;
      await db.query('INSERT INTO django_content_type (id, app_label, model) VALUES (?, ?, ?)', [id, app, model]);
      await db.query('INSERT INTO auth_permission (name, content_type_id, codename) VALUES (?, ?, ?)', [
        `Can add ${model === 'orderline' ? 'order line' : model}`,
        id,
        `add_${model}`,
      ]);
    }

    const registry = await introspected();
    const declared = createRegistry([...coreApps, shop], 'shop.account');
    expect(registry.userModel).toMatchObject({ label: 'shop.account', table: 'people' });
    expect(findModel(registry, 'auth.user')).toBeUndefined();
    // MariaDB has no index over a whole long text.
    const visible = (_: string, value: unknown) =>
      engine === 'mariadb' && (value as Field | null)?.type === 'TextField'
        ? { ...(value as Field), dbIndex: false }
        : value;
    // The order of relations, and on SQLite the width of their keys, are not in the database.
    const comparable = (from: Registry, label: string) => {
      const model = findModel(from, label);
      const manyToMany = model?.manyToMany.map(({ autoField: _, ...relation }) => relation) ?? [];
      return JSON.parse(
        JSON.stringify({ ...model, manyToMany: manyToMany.sort((a, b) => (a.name < b.name ? -1 : 1)) }),
        visible,
      );
    };
    for (const label of ['shop.account', 'shop.orderline', 'shop.invoice']) {
      expect(comparable(registry, label)).toEqual(comparable(declared, label));
    }
  });

  test('a database that is not of Django has models too', async () => {
    db = await createDatabase(engine);
    await db.query('CREATE TABLE "order" (number integer PRIMARY KEY, made date, total double precision)');
    await db.query('CREATE TABLE "odd table" (a integer, b integer, PRIMARY KEY (a, b))');
    await db.query(`INSERT INTO "order" VALUES (7, '2026-01-02', 1.5)`);
    const { stdout, exitCode } = await manage(['--introspect', 'dumpdata', 'tables'], { db });
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toEqual([{ model: 'tables.order', pk: 7, fields: { made: '2026-01-02', total: 1.5 } }]);
  });
});

test('the app of the samples is what its models say', async () => {
  const db = await createDatabase('postgres', { from: 'sample' });
  const connection = await connect(db.settings, createRegistry(coreApps), { driver: sqliteDriver });
  const registry = await introspectRegistry(connection);
  await connection.close();
  await db.drop();
  const declared = findModel(createRegistry([...coreApps, blogApp]), 'blogapp.post');
  const found = findModel(registry, 'blogapp.post');
  expect(found?.manyToMany).toEqual(declared?.manyToMany);
  const kind = (fields: typeof registry.userModel.fields = []) =>
    fields.map(({ name, type, to, null: optional, unique, maxLength }) => ({
      name,
      type,
      to,
      optional,
      unique,
      maxLength,
    }));
  const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);
  expect(kind(found?.fields).sort(byName)).toEqual(kind(declared?.fields).sort(byName));
});
