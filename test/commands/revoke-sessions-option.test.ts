import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Engine, forEachEngine, type TestDatabase } from '../helpers/databases.js';
import { manage } from '../helpers/manage.js';
import { addSessions, createSite, key, keysOf, loginData, now, secretKey } from '../sessions/site.js';

const env = { SECRET_KEY: secretKey };

forEachEngine((engine) => {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await createSite(engine);
    await db.query("UPDATE auth_user SET username = 'alice' WHERE id = 2");
    await db.query("UPDATE auth_user SET username = 'bob' WHERE id = 3");
    const [alice, bob] = [await loginData(db, 'alice'), await loginData(db, 'bob')];
    await addSessions(db, [
      { key: key('a'), data: alice },
      { key: key('b'), data: alice },
      { key: key('c'), data: bob },
      { key: key('d'), data: alice, signedWith: 'other' },
    ]);
  });
  afterEach(() => db.drop());

  test('changepassword ends the sessions of the user', async () => {
    const args = ['changepassword', 'alice', '--unusable', '--revoke-sessions'];
    const { exitCode, stdout, stderr } = await manage(args, { db, env, now });
    expect(exitCode).toBe(0);
    expect(stdout).toContain('Ended 2 sessions.\n');
    expect(stderr).toContain('1 more session says to belong here');
    expect(await keysOf(db)).toEqual([key('c'), key('d')]);
  });

  test('changepassword --generate writes the password alone', async () => {
    const args = ['changepassword', 'alice', '--generate', '--revoke-sessions'];
    const { stdout, stderr } = await manage(args, { db, env, now });
    expect(stdout).toMatch(/^\S+\n$/);
    expect(stderr).toContain('Ended 2 sessions.\n');
    const { json } = await manage([...args, '--json'], { db, env, now });
    expect(json).toMatchObject({ username: 'alice', revokedSessions: 0 });
  });

  test('deactivateuser ends the sessions of those who are inactive now, or were already', async () => {
    await db.query('UPDATE auth_user SET is_active = ? WHERE id = 3', [engine === 'sqlite' ? 0 : false]);
    const args = ['deactivateuser', 'alice', 'bob', '--revoke-sessions', '--json'];
    const { exitCode, json } = await manage(args, { db, env, now });
    expect(exitCode).toBe(0);
    expect(json).toEqual({ changed: ['alice'], unchanged: ['bob'], revokedSessions: 3 });
    expect(await keysOf(db)).toEqual([key('d')]);
  });

  test('where a session cannot be ended, nothing is changed', async () => {
    const refuse: Record<Engine, string[]> = {
      sqlite: ["CREATE TRIGGER kept BEFORE DELETE ON django_session BEGIN SELECT raise(ABORT, 'kept'); END"],
      postgres: [
        "CREATE FUNCTION kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'kept'; END $$",
        'CREATE TRIGGER kept BEFORE DELETE ON django_session FOR EACH ROW EXECUTE FUNCTION kept()',
      ],
      mariadb: [
        "CREATE TRIGGER kept BEFORE DELETE ON django_session FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'kept'",
      ],
    };
    for (const sql of refuse[engine]) await db.query(sql);
    const before = await db.query('SELECT * FROM auth_user ORDER BY id');
    for (const args of [
      ['changepassword', 'alice', '--unusable'],
      ['deactivateuser', 'alice'],
    ]) {
      const { exitCode, stdout, stderr } = await manage([...args, '--revoke-sessions'], { db, env, now });
      expect(exitCode).toBe(1);
      expect(stderr).toContain('kept');
      expect(stdout).not.toContain('successfully');
      expect(stdout).not.toContain('inactive');
    }
    expect(await db.query('SELECT * FROM auth_user ORDER BY id')).toEqual(before);
  });

  test.each(['eraseuser', 'deleteuser'])('where %s refuses, no session is ended', async (command) => {
    await db.query('UPDATE auth_user SET is_superuser = (id = 2), is_staff = (id = 2)');
    const more = command === 'deleteuser' ? ['--delete-log', '--cascade'] : [];
    const args = [command, 'alice', '--no-input', '--revoke-sessions', '--json', ...more];
    expect((await manage(args, { db, env, now })).stderr).toContain('last_superuser');
    expect((await keysOf(db)).length).toBe(4);
    expect((await manage([...args, '--force'], { db, env, now })).json).toMatchObject({ revokedSessions: 2 });
    expect(await keysOf(db)).toEqual([key('c'), key('d')]);
  });

  test('without a secret key nothing is changed', async () => {
    const before = await db.query('SELECT * FROM auth_user ORDER BY id');
    for (const args of [
      ['changepassword', 'alice', '--unusable'],
      ['deactivateuser', 'alice'],
    ]) {
      const { exitCode, stderr } = await manage([...args, '--revoke-sessions'], { db, now });
      expect(exitCode).toBe(1);
      expect(stderr).toContain('Set SECRET_KEY');
    }
    expect(await db.query('SELECT * FROM auth_user ORDER BY id')).toEqual(before);
    expect((await keysOf(db)).length).toBe(4);
  });
});
