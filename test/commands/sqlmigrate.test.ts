import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readCatalogue } from '../helpers/catalogue.js';
import { createDatabase, type Engine, forEachEngine, type TestDatabase } from '../helpers/databases.js';
import { manage, temporaryFolder } from '../helpers/manage.js';
import { goldenStates } from '../helpers/states.js';

const golden = (engine: Engine, name: string) =>
  readFileSync(new URL(`../data/golden/sqlmigrate/${engine}/${name}.sql`, import.meta.url), 'utf8');

/** Statements without headings, and without what Django drops along with a column or table that somebody else needs. */
const statements = (sql: string) =>
  sql
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('--'))
    .map((line) => line.replace(' CASCADE;', ';'));

/** Django's own sqlmigrate puts an altered column elsewhere on SQLite than its migrate does. */
const sorted = (sql: string) =>
  sql.replace(
    /(CREATE TABLE "new__\w+" \()(.*)(\);)/,
    (_, start, columns, end) =>
      start +
      columns
        .split(', "')
        .map((c: string) => c.replace(/^"/, ''))
        .toSorted()
        .join() +
      end,
  );

const config = { apps: [{ label: 'shop', models: {} }] } as const;
const migration = (more = '') => `export default { dependencies: [], ${more}
  async up(db, { operation, run }) {
    operation('Nothing');
    operation('Insert');
    await db('shop_item').insert({ name: "it's ? 100%", flag: true, none: null });
    if ((await db('shop_item').where({ id: 1 }).first()) === undefined) await db.schema.createTable('t', (table) => table.text('a'));
    await run('Count', async () => { throw new Error('not to be run'); });
  } };`;

forEachEngine((engine) => {
  // MariaDB commits each change of a table by itself.
  const [begin, commit] = engine === 'mariadb' ? [[], []] : [['BEGIN;'], ['COMMIT;']];
  const { order, forwards, backwards } = goldenStates(engine);
  let db: TestDatabase;
  beforeEach(async () => {
    db = await createDatabase(engine);
  });
  afterEach(() => db.drop());
  const sql = async (...args: string[]) => (await manage(['sqlmigrate', ...args], { db })).stdout;

  it.each(['admin.0001', 'auth.0001', 'auth.0008', 'auth.0012', 'contenttypes.0002', 'sessions.0001'])(
    "prints Django's statements for %s",
    async (name) => {
      const own = await sql(...name.split('.'));
      expect(statements(own).map(sorted)).toEqual(statements(golden(engine, name)).map(sorted));
      expect(await readCatalogue(db)).toEqual({});
    },
  );

  it('prints what brings an empty database to every state, and back', async () => {
    const run = async (text: string) => {
      for (const statement of statements(text)) await db.query(statement.replace(/;$/, '').replaceAll('?', '\\?'));
    };
    const schemaOf = async () =>
      Object.fromEntries(
        Object.entries(await readCatalogue(db)).filter(([object]) => !object.includes('django_migrations')),
      );
    const expected = (schema: Record<string, string>) =>
      Object.fromEntries(Object.entries(schema).filter(([object]) => !object.includes('django_migrations')));
    for (const key of order) {
      const text = await sql(...key.split('.'));
      const transaction = statements(text).filter((line) => !/^(?:BEGIN|COMMIT);$/.test(line));
      await run(transaction.join('\n'));
      expect({ key, schema: await schemaOf() }).toEqual({ key, schema: expected(forwards[key]?.schema ?? {}) });
    }
    for (const key of order.toReversed()) {
      const text = await sql(...key.split('.'), '--backwards');
      const transaction = statements(text).filter((line) => !/^(?:BEGIN|COMMIT);$/.test(line));
      await run(transaction.join('\n'));
      expect({ key, schema: await schemaOf() }).toEqual({ key, schema: expected(backwards[key]?.schema ?? {}) });
    }
  });

  it('shows headings, and names what is not SQL', async () => {
    const text = (heading: string, line: string) =>
      [...begin, '--', `-- ${heading}`, '--', line, ...commit, ''].join('\n');
    const table = engine === 'mariadb' ? '`django_content_type`' : '"django_content_type"';
    expect(await sql('contenttypes', '0001', '--backwards')).toBe(
      text('Create model ContentType', `DROP TABLE ${table};`),
    );
    expect(await sql('admin', '0003')).toBe(text('Alter field action_flag on logentry', '-- (no-op)'));
    expect(await sql('auth', '0011')).toBe(
      text('Update the permissions of proxy models', '-- THIS OPERATION CANNOT BE WRITTEN AS SQL'),
    );
    const nothing = await manage(['sqlmigrate', 'auth', '0006'], { db });
    expect(nothing).toMatchObject({ exitCode: 0, stdout: '', stderr: 'No operations found.\n' });
  });

  describe('of the project', () => {
    const literal: Record<Engine, string[]> = {
      sqlite: [
        "insert into `shop_item` (`flag`, `name`, `none`) values (true, 'it''s ? 100%', NULL);",
        'create table `t` (`a` text);',
      ],
      postgres: [
        `insert into "shop_item" ("flag", "name", "none") values (true, 'it''s ? 100%', NULL);`,
        'create table "t" ("a" text);',
      ],
      mariadb: [
        "insert into `shop_item` (`flag`, `name`, `none`) values (true, 'it''s ? 100%', NULL);",
        'create table `t` (`a` text);',
      ],
    };

    it('are recorded with their values, whatever they read', async () => {
      const cwd = temporaryFolder({ 'migrations/shop/0001_initial.js': migration() });
      const { stdout } = await manage(['sqlmigrate', 'shop', '0001'], { db, cwd, config });
      expect(stdout.split('\n')).toEqual([
        ...begin,
        '--',
        '-- Nothing',
        '--',
        '-- (no-op)',
        '--',
        '-- Insert',
        '--',
        ...literal[engine],
        '--',
        '-- Count',
        '--',
        '-- THIS OPERATION CANNOT BE WRITTEN AS SQL',
        ...commit,
        '',
      ]);
    });

    it('are printed without a transaction where they run without one, and not backwards where they cannot', async () => {
      const cwd = temporaryFolder({ 'migrations/shop/0001_initial.js': migration('atomic: false,') });
      const { stdout } = await manage(['sqlmigrate', 'shop', '0001'], { db, cwd, config });
      expect(stdout).not.toContain('BEGIN');
      const { exitCode, stderr } = await manage(['sqlmigrate', 'shop', '0001', '--backwards'], { db, cwd, config });
      expect(exitCode).toBe(1);
      expect(stderr).toContain('The migration shop.0001_initial cannot be undone.');
    });
  });

  it.each<[string[], string, number]>([
    [['nope', '0001'], "No installed app with label 'nope'.", 1],
    [['auth', '00'], "More than one migration matches '00' in app 'auth'. Please be more specific.", 1],
    [['auth', 'zzz'], "Cannot find a migration matching 'zzz' from app 'auth'.", 1],
    [['auth'], 'migration', 2],
    [['auth', '0001', '--json'], '--json', 2],
  ])('refuses %j', async (args, message, status) => {
    const { exitCode, stdout, stderr } = await manage(['sqlmigrate', ...args], { db });
    expect({ exitCode, stdout }).toEqual({ exitCode: status, stdout: '' });
    expect(stderr).toContain(message);
  });
});
