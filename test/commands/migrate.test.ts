import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readCatalogue } from '../helpers/catalogue.js';
import { createDatabase, type Engine, forEachEngine, type TestDatabase } from '../helpers/databases.js';
import { manage, temporaryFolder } from '../helpers/manage.js';
import { goldenStates } from '../helpers/states.js';

const shop = { label: 'shop', models: { Item: { fields: { name: { type: 'CharField', maxLength: 9 } } } } } as const;
const declared = { label: 'elsewhere', models: {} } as const;
const config = { apps: [shop, declared] };

const initial = `export default {
  dependencies: [],
  async up(db, { schema, operation, run }) {
    operation('Create model Item');
    await schema.createTable({ name: 'shop_item', columns: [
      { name: 'id', type: 'BigAutoField', primaryKey: true }, { name: 'name', type: 'CharField', maxLength: 9 }] });
    await run('Fill it', (executor) => executor('shop_item').insert({ name: 'a' }));
  },
  async down(db, { schema }) { await schema.dropTable('shop_item'); },
};`;
const moreColumn = `const table = { name: 'shop_item', columns: [{ name: 'id', type: 'BigAutoField', primaryKey: true },
  { name: 'name', type: 'CharField', maxLength: 9 }, { name: 'more', type: 'IntegerField', null: true }] };
export default {
  dependencies: ['shop.0001_initial'],
  async up(db, { schema }) { await schema.addColumn(table, 'more'); },
  async down(db, { schema }) { await schema.dropColumn(table, 'more'); },
};`;
const forGood =
  "export default { dependencies: ['shop.0001_initial'], async up(db, { operation }) { operation('Burn bridges'); } };";

const question = (lines: string[]) =>
  `${lines.join('\n')}\nAre you sure you want to do this?\n\n    Type 'yes' to continue, or 'no' to cancel: `;

forEachEngine((engine) => {
  const { order } = goldenStates(engine);
  let db: TestDatabase;
  beforeEach(async () => {
    db = await createDatabase(engine);
  });
  afterEach(() => db.drop());

  const place: () => string = () =>
    engine === 'sqlite'
      ? db.url.replace('sqlite:///', '')
      : `${new URL(db.url).pathname.slice(1)} on ${new URL(db.url).host}`;
  const migrate = (...args: string[]) => manage(['migrate', ...args], { db });

  it('says what it does as Django does, and that there is nothing to do', async () => {
    const first = await migrate();
    expect(first).toMatchObject({ exitCode: 0, stderr: '' });
    expect(first.stdout).toBe(
      [
        'Operations to perform:',
        '  Apply all migrations: admin, auth, contenttypes, sessions',
        'Running migrations:',
        ...order.map((key) => `  Applying ${key}... OK`),
        '',
      ].join('\n'),
    );
    expect((await migrate('auth')).stdout).toBe(
      'Operations to perform:\n  Apply all migrations: auth\nRunning migrations:\n  No migrations to apply.\n',
    );
    expect((await migrate('-v0')).stdout).toBe('');
  });

  it('says more with -v2', async () => {
    const { stdout } = await migrate('sessions', '0001', '-v2');
    expect(stdout).toMatch(/^ {2}Applying sessions\.0001_initial\.\.\. OK \(\d\.\d{3}s\)$/m);
    expect(stdout).toContain('  Target specific migration: 0001_initial, from sessions\n');
    const { stdout: rest } = await migrate('-v2');
    expect(rest).toContain(
      "Running post-migrate handlers for application admin\nAdding content type 'admin | logentry'\n" +
        "Adding permission 'Administration | log entry | Can add log entry'\n",
    );
    expect(rest).toContain("Adding permission 'Authentication and Authorization | user | Can view user'\n");
  });

  it('gives one document with --json', async () => {
    const { json, stderr } = await migrate('auth', '0001', '--json');
    expect(stderr).toBe('');
    expect(json).toMatchObject({
      database: 'default',
      applied: ['contenttypes.0001_initial', 'auth.0001_initial'],
      undone: [],
      faked: [],
      contentTypes: [
        { app: 'auth', model: 'permission' },
        { app: 'auth', model: 'group' },
        { app: 'auth', model: 'user' },
        { app: 'contenttypes', model: 'contenttype' },
      ],
    });
    expect(json.permissions).toHaveLength(16);
  });

  describe('plans', () => {
    it('name what would be done, and do nothing', async () => {
      const { stdout, exitCode } = await migrate('contenttypes', '--plan');
      expect(exitCode).toBe(0);
      expect(stdout).toBe(`Planned operations:
contenttypes.0001_initial
    Create model ContentType
    Alter unique_together for contenttype (1 constraint(s))
contenttypes.0002_remove_content_type_name
    Change Meta options on contenttype
    Alter field name on contenttype
    Raw operation -> Leave the names behind
    Remove field name from contenttype
`);
      expect(await readCatalogue(db)).toEqual({});
      expect((await migrate('--plan', '--check')).exitCode).toBe(1);
      expect(await migrate('--check')).toMatchObject({ exitCode: 1, stdout: '' });
      await migrate();
      expect(await migrate('--plan', '--check')).toMatchObject({
        exitCode: 0,
        stdout: 'Planned operations:\n  No planned migration operations.\n',
      });
      expect(await migrate('--check')).toMatchObject({ exitCode: 0, stdout: '', stderr: '' });
    });

    it('say what is undone, and what cannot be', async () => {
      const cwd = temporaryFolder({
        'migrations/shop/0001_initial.js': initial,
        'migrations/shop/0002_for_good.js': forGood,
      });
      await manage(['migrate', '-v0'], { db, cwd, config });
      const before = await readCatalogue(db);
      const plan = ['migrate', 'shop', 'zero', '--dry-run'];
      expect((await manage(plan, { db, cwd, config })).stdout).toBe(`Planned operations:
shop.0002_for_good
    Undo Burn bridges
    IRREVERSIBLE
shop.0001_initial
    Undo Create model Item
    Raw operation -> Fill it
`);
      expect((await manage([...plan, '--json'], { db, cwd, config })).json.plan[0]).toEqual({
        migration: 'shop.0002_for_good',
        backwards: true,
        operations: ['Undo Burn bridges'],
        irreversible: true,
      });
      const { exitCode, stdout, stderr } = await manage(['migrate', 'shop', 'zero', '--no-input'], { db, cwd, config });
      expect({ exitCode, stderr }).toEqual({
        exitCode: 1,
        stderr:
          'CommandError: The migration shop.0002_for_good cannot be undone.\nGive it a `down`, or record it as unapplied once the database is as before. --fake records it.\n',
      });
      expect(stdout).toContain('  Unapplying shop.0002_for_good... FAILED\n');
      expect(await readCatalogue(db)).toEqual(before);
    });
  });

  describe('going back', () => {
    beforeEach(async () => {
      await migrate('-v0');
      await db.query("INSERT INTO django_session VALUES ('a', 'b', '2026-01-01'), ('c', 'd', '2026-01-01')");
    });

    it('names the tables with their rows, and asks', async () => {
      const lines = [
        `You have requested to undo 1 migration of the database 'default' (${place()}):`,
        '  sessions.0001_initial.',
        'This will IRREVERSIBLY DROP:',
        '  the table django_session (2 rows)',
      ];
      const answer = (text: string) =>
        manage(['migrate', 'sessions', 'zero'], { db, answers: [[question(lines), text]] });
      expect(await answer('y')).toMatchObject({ exitCode: 0, stdout: 'Migration cancelled.\n' });
      expect(await db.query('SELECT count(*) AS n FROM django_session')).not.toEqual([]);
      expect((await answer('yes')).stdout).toBe(
        'Operations to perform:\n  Unapply all migrations: sessions\nRunning migrations:\n  Unapplying sessions.0001_initial... OK\n',
      );
      expect(Object.keys(await readCatalogue(db))).not.toContain('table django_session');
    });

    it('names columns too, and says where nothing goes', async () => {
      const nothing = '  auth.0012_alter_user_first_name_max_length.\nNo table and no column is dropped.\n';
      await manage(['migrate', 'auth', '0011'], { db, answers: [[nothing, 'no']] });
      const cwd = temporaryFolder({
        'migrations/shop/0001_initial.js': initial,
        'migrations/shop/0002_more.js': moreColumn,
      });
      await manage(['migrate', 'shop', '-v0'], { db, cwd, config });
      const column = 'This will IRREVERSIBLY DROP:\n  the column more of shop_item\n';
      await manage(['migrate', 'shop', '0001'], { db, cwd, config, answers: [[column, 'yes']] });
      const table = 'This will IRREVERSIBLY DROP:\n  the table shop_item (1 row)\n';
      await manage(['migrate', 'shop', 'zero'], { db, cwd, config, answers: [[table, 'yes']] });
    });

    it('begins nothing that others stand in the way of', async () => {
      const sample = await createDatabase(engine, { from: 'sample' });
      const before = await readCatalogue(sample);
      const posts = () => sample.query('SELECT id, author_id, title FROM blogapp_post ORDER BY id');
      const written = await posts();
      const { exitCode, stderr } = await manage(['migrate', 'auth', 'zero', '--no-input'], { db: sample });
      expect(exitCode).toBe(1);
      expect(stderr).toContain('The table "auth_user" cannot be dropped: the table "blogapp_post" depends on it.');
      expect(await readCatalogue(sample)).toEqual(before);
      // PostgreSQL does not make a column narrower than what is in it.
      const back: Record<Engine, string[]> = {
        sqlite: ['auth', '0001'],
        postgres: ['sessions', '0001'],
        mariadb: ['sessions', '0001'],
      };
      expect((await manage(['migrate', ...back[engine], '--no-input', '-v0'], { db: sample })).exitCode).toBe(0);
      expect((await manage(['migrate', '-v0'], { db: sample })).exitCode).toBe(0);
      expect(await readCatalogue(sample)).toEqual(before);
      expect(await posts()).toEqual(written);
      await sample.drop();
    });

    it('asks nobody who is not there', async () => {
      const { exitCode, stderr } = await migrate('sessions', 'zero');
      expect(exitCode).toBe(2);
      expect(stderr).toContain('--no-input');
      expect((await migrate('sessions', 'zero', '--noinput')).exitCode).toBe(0);
    });

    it('needs the name of a database that is protected', async () => {
      const options = { config: { databases: { default: { url: db.url, protected: true } } } };
      const refused = await manage(['migrate', 'sessions', 'zero', '--no-input'], options);
      expect(refused.exitCode).toBe(1);
      expect(refused.stderr).toContain('--allow-protected default');
      expect((await manage(['migrate', 'auth'], options)).exitCode).toBe(0);
      const allowed = await manage(
        ['migrate', 'sessions', 'zero', '--no-input', '--allow-protected', 'default'],
        options,
      );
      expect(allowed.exitCode).toBe(0);
    });

    it('is only a change of records with --fake, and so is not asked about', async () => {
      expect((await migrate('sessions', 'zero', '--fake')).stdout).toContain(
        '  Unapplying sessions.0001_initial... FAKED\n',
      );
      expect(Object.keys(await readCatalogue(db)).join()).toMatch(/(?:table|column) django_session\b/);
      expect((await migrate('--fake-initial')).stdout).toContain('  Applying sessions.0001_initial... FAKED\n');
    });
  });

  describe('wrong arguments', () => {
    it.each<[string[], string, number]>([
      [['nope'], "No installed app with label 'nope'.", 1],
      [['elsewhere'], "App 'elsewhere' does not have migrations.", 1],
      [['auth', '00'], "More than one migration matches '00' in app 'auth'. Please be more specific.", 1],
      [['auth', 'zzz'], "Cannot find a migration matching 'zzz' from app 'auth'.", 1],
      [['--prune'], 'Migrations can be pruned only when an app is specified.', 1],
      [['--database', 'other'], "invalid choice: 'other'", 2],
    ])('%j', async (args, message, status) => {
      const { exitCode, stderr, stdout } = await manage(['migrate', ...args], { db, config });
      expect({ exitCode, stdout }).toEqual({ exitCode: status, stdout: '' });
      expect(stderr).toContain(message);
      expect(await readCatalogue(db)).toEqual({});
    });
  });

  it('names a history that cannot be', async () => {
    await migrate('-v0');
    await db.query("DELETE FROM django_migrations WHERE app = 'auth' AND name = '0001_initial'");
    expect((await migrate()).stderr).toContain(
      "The migration admin.0001_initial is applied before its dependency auth.0001_initial on the database 'default'.",
    );
  });

  it('leaves records of apps that it does not know alone, and prunes those of apps that it knows', async () => {
    await migrate('-v0');
    await db.query(
      "INSERT INTO django_migrations (app, name, applied) VALUES ('auth', '0099_ghost', '2026-01-01'), ('blog', '0001_initial', '2026-01-01')",
    );
    expect((await migrate()).exitCode).toBe(0);
    expect((await migrate('auth', '--prune')).stdout).toBe('Pruning migrations:\n  Pruning auth.0099_ghost OK\n');
    expect((await migrate('auth', '--prune')).stdout).toBe('Pruning migrations:\n  No migrations to prune.\n');
    expect(await db.query("SELECT name FROM django_migrations WHERE app = 'blog'")).toEqual([{ name: '0001_initial' }]);
  });

  it('does not prune what a squashed migration needs', async () => {
    const squashed = initial.replace(
      'dependencies: [],',
      "dependencies: [], replaces: ['shop.0001_initial', 'shop.0002_gone'],",
    );
    const cwd = temporaryFolder({ 'migrations/shop/0001_squashed.js': squashed });
    await manage(['migrate', '-v0'], { db, cwd, config });
    const { exitCode, stderr } = await manage(['migrate', 'shop', '--prune'], { db, cwd, config });
    expect(exitCode).toBe(1);
    expect(stderr).toContain('Cannot prune, because these squashed migrations still say what they replace');
  });

  describe('the offer of a superuser', () => {
    const offer = 'Would you like to create one now? (yes/no): ';

    it('is made on a terminal as long as there is none', async () => {
      const no = await manage(['migrate'], {
        db,
        answers: [
          [offer, 'maybe'],
          ['Please enter either "yes" or "no": ', 'no'],
        ],
      });
      expect(no).toMatchObject({ exitCode: 0, stderr: 'You have no superuser yet.\n' });
      const yes = await manage(['migrate'], {
        db,
        answers: [
          [offer, 'yes'],
          [/^Username/, 'ann'],
          [/^Email/, 'ann@example.com'],
          ['Password: ', 'Nfe2-p4ssw0rd'],
          ['Password (again): ', 'Nfe2-p4ssw0rd'],
        ],
      });
      expect(yes.stdout).toContain('Superuser created successfully.\n');
      expect(await manage(['migrate'], { db, answers: [] })).toMatchObject({ exitCode: 0, stderr: '' });
    });

    it('is not made where nobody is to be asked', async () => {
      for (const args of [['auth', '0002'], ['--no-input'], ['-v0'], ['--json']]) {
        expect(await manage(['migrate', ...args], { db, answers: [] })).toMatchObject({ exitCode: 0, stderr: '' });
      }
    });
  });

  it('goes by the declared models, even where others are taken from the database', async () => {
    const introspect = (...args: string[]) =>
      manage([...args, '--introspect'], { db, env: { SECRET_KEY: 'k'.repeat(9) } });
    expect((await introspect('migrate', '-v0')).exitCode).toBe(0);
    await db.query('CREATE TABLE shop_item (id integer PRIMARY KEY)');
    expect((await introspect('migrate', '--json')).json.contentTypes).toEqual([]);
    expect((await introspect('showmigrations', '--json')).json.apps).toHaveLength(4);
    expect((await introspect('check', '--tag', 'schema')).stdout).toContain('no issues');
  });

  it('migrates the database that is named', async () => {
    const other = await createDatabase(engine);
    const { exitCode } = await manage(['migrate', '--database', 'other'], { db: { default: db, other } });
    expect(exitCode).toBe(0);
    expect(await readCatalogue(db)).toEqual({});
    expect(Object.keys(await readCatalogue(other)).join()).toMatch(/(?:table|column) auth_user\b/);
    await other.drop();
  });
});

describe('a missing SQLite file', () => {
  it('is made by migrate, and by nothing that only looks', async () => {
    const cwd = temporaryFolder();
    const env = { DATABASE_URL: 'sqlite:///new.db' };
    for (const args of [['--plan'], ['--check'], ['--dry-run'], ['auth', '--prune']]) {
      const { exitCode, stderr } = await manage(['migrate', ...args], { cwd, env });
      expect({ args, exitCode }).toEqual({ args, exitCode: 1 });
      expect(stderr).toContain(`The database '${join(cwd, 'new.db')}' does not exist.`);
    }
    expect(existsSync(join(cwd, 'new.db'))).toBe(false);
    expect((await manage(['migrate'], { cwd, env })).exitCode).toBe(0);
    expect(existsSync(join(cwd, 'new.db'))).toBe(true);
  });
});
