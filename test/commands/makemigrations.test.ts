import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createDatabase, forEachEngine, type TestDatabase } from '../helpers/databases.js';
import { type ManageOptions, manage, temporaryFolder } from '../helpers/manage.js';
import { secretKey } from '../sessions/site.js';

const env = { SECRET_KEY: secretKey };

const account = `Account: {
      naturalKey: ['email'],
      fields: {
        id: { type: 'UUIDField', primaryKey: true, default: { computed: 'uuid4' } },
        password: { type: 'CharField', maxLength: 128 },
        last_login: { type: 'DateTimeField', null: true, blank: true },
        email: { type: 'EmailField', maxLength: 254, unique: true },
        is_active: { type: 'BooleanField', default: { value: true } },
        is_superuser: { type: 'BooleanField', default: { value: false } },
      },
      manyToMany: { groups: { to: 'auth.group', blank: true } },
      auth: {
        usernameField: 'email', emailField: 'email', requiredFields: [], passwordField: 'password',
        lastLoginField: 'last_login', activeField: 'is_active', superuserValues: { is_superuser: true }, groups: 'groups',
      },
    },`;
const first = `Note: {
      fields: {
        id: { type: 'BigAutoField', primaryKey: true },
        title: { type: 'CharField', maxLength: 50 },
        owner: { type: 'ForeignKey', to: 'shop.account' },
        old: { type: 'IntegerField', null: true },
      },
      uniqueTogether: [['title', 'owner']],
    },
    Gone: { fields: { id: { type: 'BigAutoField', primaryKey: true } } },`;
const second = `Note: {
      fields: {
        id: { type: 'BigAutoField', primaryKey: true },
        title: { type: 'CharField', maxLength: 80 },
        owner: { type: 'ForeignKey', to: 'shop.account', null: true },
        body: { type: 'TextField' },
        stars: { type: 'IntegerField', default: { value: 3 } },
      },
      indexes: [{ fields: ['stars', 'title'] }],
    },
    Tag: { fields: { id: { type: 'BigAutoField', primaryKey: true }, note: { type: 'ForeignKey', to: 'shop.note' } } },`;
const config = (models: string) =>
  `import { defineApp } from 'manage-auth';
const shop = defineApp({ label: 'shop', models: { ${account} ${models} } });
export default { apps: [shop], userModel: 'shop.account' };`;

forEachEngine((engine) => {
  let db: TestDatabase;
  let cwd: string;
  beforeEach(async () => {
    db = await createDatabase(engine);
    cwd = temporaryFolder({ 'manage.config.mjs': config(first) });
    file = 'manage.config.mjs';
  });
  afterEach(() => db.drop());

  // A module is loaded once in a process: a later state of the models is in another file.
  let file: string;
  const run = (args: string[], options: ManageOptions = {}) =>
    manage([...args, '--config', file], { db, cwd, env, ...options });
  const changeModels = (models: string) => {
    file = 'later.config.mjs';
    writeFileSync(join(cwd, file), config(models));
  };
  const files = () =>
    existsSync(join(cwd, 'migrations/shop')) ? readdirSync(join(cwd, 'migrations/shop')).sort() : [];
  const findings = async () => (await run(['check', '--tag', 'schema', '--json'])).json.findings;
  const tables = async () =>
    (
      await db.query(
        {
          sqlite: "SELECT name FROM sqlite_master WHERE type = 'table'",
          postgres: "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'",
          mariadb: 'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE()',
        }[engine],
      )
    ).map(({ name }) => name);

  const superuser = ['createsuperuser', '--migrate', '--email=ada@example.com'];
  const refusal = "No migration makes 'shop_account', the table of the user model shop.account";

  describe('an own user model without a migration', () => {
    test('stops what would make tables that refer to it', async () => {
      for (const args of [
        [...superuser, '--no-input'],
        ['migrate', '--no-input'],
      ]) {
        const { exitCode, stderr } = await run(args);
        expect(exitCode).toBe(1);
        expect(stderr).toContain(`${refusal}; nothing was done.`);
        expect(stderr).toMatch(/Write migrations.shop.0001_initial\.m?js first\./);
      }
      expect(await tables()).toEqual([]);
    });

    test('gets one where somebody agrees', async () => {
      const answers = [
        [
          /^No migration makes 'shop_account'.*\. Write migrations\/shop\/0001_initial\.mjs now\? \(yes\/no\): $/,
          'yes',
        ],
        [/^Password: $/, 'Nfe2RePun70C'],
        [/^Password \(again\): $/, 'Nfe2RePun70C'],
      ] as const;
      expect(await run(superuser, { answers })).toMatchObject({ exitCode: 0 });
      expect(await db.query('SELECT email FROM shop_account')).toEqual([{ email: 'ada@example.com' }]);
      expect(await findings()).toEqual([]);
    });
  });

  test('writes the first migration of an app, and later ones, which make what the models have', async () => {
    expect((await run(['makemigrations', '--check'])).exitCode).toBe(1);
    expect(files()).toEqual([]);
    const made = await run(['makemigrations', 'shop', '--json']);
    expect(made.json.migrations).toMatchObject([{ key: 'shop.0001_initial', doubts: [] }]);
    expect(files()).toEqual(['0001_initial.mjs']);
    expect(await run(['makemigrations', '--noinput'])).toMatchObject({ exitCode: 0, stdout: 'No changes detected\n' });
    expect((await run(['migrate', '-v0', '--no-input'])).exitCode).toBe(0);
    expect(await findings()).toEqual([]);

    changeModels(second);
    await db.query(
      "INSERT INTO shop_account (id, password, email, is_active, is_superuser) VALUES (?, '', 'a', ?, ?)",
      [
        engine === 'sqlite' ? '1'.repeat(32) : '11111111-1111-4111-8111-111111111111',
        ...(engine === 'sqlite' ? [1, 0] : [true, false]),
      ],
    );
    await db.query('INSERT INTO shop_note (title, owner_id) SELECT ?, id FROM shop_account', ['kept']);
    const later = await run(['makemigrations', '--name', 'later']);
    expect(later.stdout).toBe(`Migrations for 'shop':
  migrations/shop/0002_later.mjs
    + Create table shop_tag
    - Alter unique_together on shop_note
    + Add column body to shop_note
    + Add column stars to shop_note
    ~ Alter column title on shop_note
    ~ Alter column owner_id on shop_note
    - Remove column old from shop_note
    + Alter indexes on shop_note
    - Delete table shop_gone
`);
    expect((await run(['migrate', '-v0', '--no-input'])).exitCode).toBe(0);
    expect(await findings()).toEqual([]);
    expect(await db.query('SELECT title, body, stars FROM shop_note')).toEqual([{ title: 'kept', body: '', stars: 3 }]);
    expect((await run(['makemigrations', '--check'])).exitCode).toBe(0);
    // And back.
    expect((await run(['migrate', 'shop', '0001', '--no-input', '-v0'])).exitCode).toBe(0);
    expect(await tables()).toContain('shop_gone');
  });

  test('says what it could not decide', async () => {
    await run(['makemigrations', '-v0']);
    changeModels(first.replace("old: { type: 'IntegerField', null: true }", "born: { type: 'DateField' }"));
    const { stderr, json } = await run(['makemigrations', '--json']);
    const doubt = 'rows that are there need a value for born: say which in `fill`';
    expect(json.migrations).toMatchObject([{ key: 'shop.0002_note_born_remove_note_old', doubts: [doubt] }]);
    expect(stderr).toContain(`To decide before it is run: ${doubt}.`);
    expect(readFileSync(join(cwd, 'migrations/shop/0002_note_born_remove_note_old.mjs'), 'utf8')).toContain(
      `// TO DECIDE: ${doubt}.`,
    );
  });

  test('leaves it to a person how a table gets another primary key', async () => {
    await run(['makemigrations', '-v0']);
    await run(['migrate', '-v0']);
    changeModels(
      first.replace(
        "id: { type: 'BigAutoField', primaryKey: true },\n        title: { type: 'CharField', maxLength: 50 }",
        "title: { type: 'CharField', maxLength: 50, primaryKey: true }",
      ),
    );
    const { json } = await run(['makemigrations', '--json']);
    expect(json.migrations).toMatchObject([
      {
        key: 'shop.0002_alter_note_primary_key',
        doubts: [expect.stringContaining('the primary key of shop_note changes from id to title')],
      },
    ]);
    const undecided = await run(['migrate', '-v0']);
    expect(undecided.exitCode).toBe(1);
    expect(undecided.stderr).toContain('Decide first how shop_note gets the primary key title.');
    // Modules are loaded once in a process, so that the decision is made under another name.
    const folder = join(cwd, 'migrations/shop');
    const text = readFileSync(join(folder, '0002_alter_note_primary_key.mjs'), 'utf8');
    rmSync(join(folder, '0002_alter_note_primary_key.mjs'));
    writeFileSync(join(folder, '0002_decided.mjs'), text.replaceAll(/.*throw.*\n/g, ''));
    expect(await run(['migrate', '-v0'])).toMatchObject({ exitCode: 0, stderr: '' });
    expect((await run(['makemigrations', '--check'])).stdout).toContain('No changes detected');
    const { findings } = (await run(['check', '--json'])).json;
    expect(findings.filter(({ object }: { object?: string }) => object?.includes('shop'))).toEqual([]);
  });

  test('refuses apps that are not the project’s', async () => {
    expect((await run(['makemigrations', 'auth'])).stderr).toContain(
      "The app 'auth' has no migrations of this project.",
    );
    const { stderr } = await run(['makemigrations', 'nope']);
    expect(stderr).toContain("No installed app with label 'nope'.\nThose of this project are ");
    expect(stderr).not.toContain('--introspect');
  });

  test('migrate warns of folders whose app is not declared', async () => {
    mkdirSync(join(cwd, 'migrations/stray'), { recursive: true });
    await run(['makemigrations', '-v0']);
    const { stderr, exitCode } = await run(['migrate', '--no-input', '-v0']);
    expect(exitCode).toBe(0);
    expect(stderr).toContain('migrations/stray is skipped: its app is not declared');
  });
});
