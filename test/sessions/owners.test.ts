import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createDatabase, forEachEngine, type TestDatabase } from '../helpers/databases.js';
import { manage } from '../helpers/manage.js';
import { addSessions, createSite, key, loginData, now, secretKey } from './site.js';

const members = join(import.meta.dirname, '../../examples/members/manage.config.ts');
const env = { SECRET_KEY: secretKey };

forEachEngine((engine) => {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await createDatabase(engine);
    await manage(['migrate', '-v0', '--config', members], { db, env });
    const login = (id: string) => ({ _auth_user_id: id, _auth_user_backend: 'x.Y', _auth_user_hash: 'h' });
    await addSessions(db, [
      { key: key('a'), data: login('11111111-2222-4333-8444-555555555555') },
      { key: key('b'), data: login('7') },
    ]);
  });
  afterEach(() => db.drop());

  const where = "The accounts of this database are in 'members_member'";
  const run = (...args: string[]) => manage(args, { db, env, now });

  describe('on a site whose user model is another one than the settings say', () => {
    test.each(['a', 'b'])('decode_session says that, and not that a user does not exist', async (start) => {
      const { stdout } = await run('decode_session', key(start));
      expect(stdout).toMatch(new RegExp(`^Accepted: +not known: ${where}`, 'm'));
      expect((await run('decode_session', key(start), '--json')).json).toMatchObject({ accepted: null });
    });

    test('lists and counts say it once', async () => {
      const listed = await run('listsessions');
      expect(listed).toMatchObject({ exitCode: 0, stderr: expect.stringContaining(where) });
      expect(listed.stderr.split(where)).toHaveLength(2);
      const stats = await run('sessionstats');
      expect(stats).toMatchObject({ exitCode: 0, stderr: expect.stringContaining(where) });
      const would = await run('revokesessions', '--all', '--dry-run');
      expect(would.exitCode).toBe(0);
      for (const { stdout } of [listed, stats, would]) expect(stdout).not.toContain('no such user');
    });

    test('print_user_for_session says where they are', async () => {
      expect(await run('print_user_for_session', key('a'))).toMatchObject({
        exitCode: 1,
        stderr: expect.stringContaining(where),
      });
    });
  });

  test('the same where a table of Django’s own model is left over', async () => {
    const leftover = { sqlite: 'integer', postgres: 'int', mariadb: 'int' }[engine];
    await db.query(
      `CREATE TABLE auth_user (id ${leftover} PRIMARY KEY, username varchar(150), password varchar(128), is_active bool)`,
    );
    expect((await run('decode_session', key('b'), '--json')).json).toMatchObject({ accepted: null });
  });

  test('print_user_for_session --no-fail exits with 0, and an unknown backend is named', async () => {
    const site = await createSite(engine);
    try {
      const data = await loginData(site, 'user.01@+-_');
      await addSessions(site, [{ key: key('c'), data: { ...data, _auth_user_backend: 'ldap.Backend' } }]);
      const print = (...args: string[]) => manage(['print_user_for_session', ...args], { db: site, env, now });
      expect((await print(key('d'))).exitCode).toBe(1);
      const absent = await print(key('d'), '--no-fail');
      expect(absent).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('no session'), stderr: '' });
      const { stderr, exitCode } = await print(key('c'));
      expect(exitCode).toBe(0);
      expect(stderr).toContain('Its backend, ldap.Backend, is not in `authenticationBackends`');
    } finally {
      await site.drop();
    }
  });
});
