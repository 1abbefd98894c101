import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { callCommand } from 'manage-auth';

const folder = mkdtempSync(join(tmpdir(), 'blog-'));
const env = {
  ...process.env,
  DATABASE_URL: `sqlite:///${join(folder, 'db.sqlite3')}`,
  SECRET_KEY: 'for the tests only',
};
const run = (name, args = []) =>
  callCommand(name, [...args, '-v0'], { env, cwd: () => join(import.meta.dirname, '..') });

before(() => run('migrate'));
after(() => rmSync(folder, { recursive: true, force: true }));

test('posts need an author', async () => {
  await assert.rejects(run('populate_blog'), { code: 'no_users' });
});

test('is filled with users, tags and posts', async () => {
  const made = await run('populate_db', ['--users', '5', '--no-input']);
  assert.deepEqual([made.users, made.seeds], [5, ['tags']]);
  assert.deepEqual(await run('populate_blog', ['--posts', '7']), { posts: 7 });
  const { tables } = await run('flush', ['blog', '--dry-run']);
  assert.deepEqual(Object.fromEntries(tables.map(({ table, rows }) => [table, rows])), {
    blog_post: 7,
    blog_post_tags: 7,
    blog_tag: 4,
  });
});

test('its tables are what its models say', async () => {
  assert.deepEqual((await run('check', ['--tag', 'schema'])).findings, []);
});

test('is emptied without the users', async () => {
  const { tables } = await run('flush', ['blog', '--no-input']);
  assert.equal(tables.length, 3);
  assert.deepEqual(
    (await run('clear_models', ['blog', '--dry-run'])).tables.filter(({ rows }) => rows > 0),
    [],
  );
  assert.deepEqual(
    (await run('clear_models', ['auth.User', '--dry-run'])).tables.find(({ table }) => table === 'auth_user'),
    {
      table: 'auth_user',
      rows: 5,
    },
  );
});
