import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { blogApp } from '../helpers/blog-app.js';
import { createDatabase, type TestDatabase } from '../helpers/databases.js';
import { manage } from '../helpers/manage.js';

const config = { apps: [blogApp] };
const golden = (name: string) => readFile(new URL(`../data/golden/dumps/mariadb/${name}`, import.meta.url), 'utf8');

let db: TestDatabase;
const undo: (() => Promise<unknown>)[] = [];
beforeEach(async () => {
  db = await createDatabase('mariadb', { from: 'sample' });
  undo.push(() => db.drop());
});
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

const findings = async () =>
  (await manage(['check', '--tag', 'schema', '--json'], { db, config })).json.findings.map(
    ({ id, object, message }: Record<string, string>) => [id, object, message],
  );

test('tables of the kind MyISAM, old character sets and other collations are told by check', async () => {
  expect(await findings()).toEqual([]);
  await db.query(
    'ALTER TABLE blogapp_post_tags DROP FOREIGN KEY blogapp_post_tags_tag_id_b6564bdf_fk_blogapp_tag_name',
  );
  await db.query('ALTER TABLE django_session ENGINE = MyISAM');
  await db.query('ALTER TABLE django_admin_log CONVERT TO CHARACTER SET latin1');
  await db.query('ALTER TABLE auth_permission CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci');
  expect(await findings()).toEqual([
    ['manage.E019', 'blogapp_post_tags', expect.stringContaining('no foreign key')],
    ['manage.E023', 'django_session', expect.stringContaining('of the kind MyISAM')],
    ['manage.W049', 'auth_permission', expect.stringContaining('compared by utf8mb4_general_ci')],
    [
      'manage.W048',
      'django_admin_log',
      expect.stringContaining('object_id, object_repr, change_message are kept in latin1'),
    ],
    ['manage.W049', 'django_admin_log', expect.stringContaining('compared by latin1_swedish_ci')],
  ]);
});

test.each(['latin1', 'utf8mb3'])(
  'what a column of %s lacks is refused, and the rest is not mangled',
  async (charset) => {
    await db.query('SET foreign_key_checks = 0');
    await db.query(`ALTER TABLE auth_user CONVERT TO CHARACTER SET ${charset}`).catch(() => undefined);
    await db.query('DELETE FROM auth_user');
    await db.query(`ALTER TABLE auth_user CONVERT TO CHARACTER SET ${charset}`);
    const load = (first_name: string) =>
      manage(['loaddata', '-', '--format', 'json'], {
        db,
        stdin: JSON.stringify([{ model: 'auth.user', pk: 1, fields: { username: 'ada', first_name } }]),
      });
    const refused = await load('😀');
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toContain('cannot be stored in the character set of its column');
    expect(await db.query('SELECT id FROM auth_user')).toEqual([]);
    expect(await load("Zoë 'd\\e")).toMatchObject({ exitCode: 0, stderr: '' });
    const { json } = await manage(['dumpdata', 'auth.user'], { db });
    expect(json[0].fields.first_name).toBe("Zoë 'd\\e");
  },
);

test('UUIDs in char(32), as older servers and older Djangos have them, are those in columns of their own type', async () => {
  await db.query('ALTER TABLE blogapp_post ADD COLUMN old char(32) NULL');
  await db.query("UPDATE blogapp_post SET old = REPLACE(uid, '-', '')");
  await db.query('ALTER TABLE blogapp_post DROP COLUMN uid');
  await db.query('ALTER TABLE blogapp_post CHANGE old uid char(32) NOT NULL UNIQUE');
  const dump = async () =>
    (await manage(['dumpdata', 'blogapp', '--precision', 'milliseconds'], { db, config })).stdout;
  expect(await dump()).toBe(await golden('blog.json'));
  const { stdout } = await manage(['dumpdata', 'blogapp'], { db, config });
  await manage(['clear_models', 'blogapp', '--no-input'], { db, config });
  const loaded = await manage(['loaddata', '-', '--format', 'json'], { db, config, stdin: stdout });
  expect(loaded).toMatchObject({ exitCode: 0, stderr: '' });
  expect(await dump()).toBe(await golden('blog.json'));
  expect(await db.query("SELECT uid FROM blogapp_post WHERE uid LIKE '%-%'")).toEqual([]);
  expect((await findings()).filter(([, object]: string[]) => object?.startsWith('blogapp_post'))).toEqual([]);
});

describe('what the server makes of texts does not matter', () => {
  test.each(['', 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES'])("sql_mode '%s'", async (mode) => {
    const [before] = await db.query('SELECT @@GLOBAL.sql_mode AS mode');
    undo.push(() => db.query('SET GLOBAL sql_mode = ?', [before?.mode]));
    await db.query('SET GLOBAL sql_mode = ?', [mode]);
    for (const [name, format] of [
      ['dump.json', 'json'],
      ['dump.xml', 'xml'],
    ] as const) {
      const args = ['dumpdata', '--format', format, '--precision', 'milliseconds'];
      const { stdout } = await manage([...args, ...(format === 'xml' ? ['--indent', '2'] : [])], { db, config });
      expect(stdout).toBe(await golden(name));
    }
    const { stdout: full } = await manage(['dumpdata'], { db, config });
    expect(await manage(['flush', '--no-input'], { db, config })).toMatchObject({ exitCode: 0 });
    const load = await manage(['loaddata', '-', '--format', 'json'], { db, config, stdin: full });
    expect(load).toMatchObject({ exitCode: 0, stderr: '' });
    expect((await manage(['dumpdata'], { db, config })).stdout).toBe(full);
    // What is too long is refused, and not cut off, whether the server is strict or not.
    await db.query('UPDATE auth_group SET name = id');
    await db.query('ALTER TABLE auth_group MODIFY name varchar(5) NOT NULL');
    const { exitCode, stderr } = await manage(['creategroup', 'editors'], { db });
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('is varchar(5), and should be varchar(150)')]);
  });

  test('a text that ends half way is kept, whatever stands in it', async () => {
    const text = `a\0b\\0' " \` % _ ? ?? \u{1f600}\u{20000} \r\n \u2028`;
    const fields = { username: 'nul', first_name: text, last_name: '\\' };
    const stdin = JSON.stringify([{ model: 'auth.user', pk: 77, fields }]);
    expect(await manage(['loaddata', '-', '--format', 'json'], { db, stdin })).toMatchObject({
      exitCode: 0,
      stderr: '',
    });
    const { json } = await manage(['dumpdata', 'auth.user', '--pks', '77'], { db });
    expect(json[0].fields).toMatchObject(fields);
  });
});
