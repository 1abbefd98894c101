import { expect, test } from 'vitest';
import { sessionAuthHash } from '../../src/auth/accounts/tokens.js';
import { encodeSession } from '../../src/sessions/codec/codec.js';
import { createDatabase, type TestDatabase } from '../helpers/databases.js';
import { secretKey } from '../helpers/example-server.js';
import { manage, temporaryFolder } from '../helpers/manage.js';
import { openTestAuth } from '../web/site.js';

/** Sessions of a user whose key is beyond its field, and of nobody. */
async function knowsWideKeys(db: TestDatabase, id: string): Promise<void> {
  const env = { SECRET_KEY: secretKey };
  await db.query('UPDATE auth_user SET is_active = 1');
  const keys = [];
  for (const user of [id, '4294967296']) {
    const data = { _auth_user_id: user, _auth_user_backend: 'django.contrib.auth.backends.ModelBackend' };
    const hash = sessionAuthHash({ password: '' }, { secretKey });
    const text = encodeSession({ ...data, _auth_user_hash: hash }, { secretKey });
    keys.push(user.padStart(32, 'k'));
    await db.query("INSERT INTO django_session VALUES (?, ?, now() + interval '1 day')", [keys.at(-1), text]);
  }
  const { sessions } = (await manage(['listsessions', '--json', '--show-keys'], { db, env })).json;
  expect(new Set(sessions.map(({ user }: { user: { username: string } }) => user.username))).toEqual(
    new Set(['u', null]),
  );
  const [key = '', other = ''] = keys;
  const printed = await manage(['print_user_for_session', key, '--json'], { db, env });
  expect(printed.json).toMatchObject({ user: { username: 'u' } });
  expect((await manage(['showuser', id, '--by', 'pk', '--json'], { db, env })).json).toMatchObject({ username: 'u' });
  const none = await manage(['showuser', '4294967296', '--by', 'pk'], { db, env });
  expect(none.stderr).toContain("There is no user with the key '4294967296'.");
  const auth = await openTestAuth(db);
  for (const _ of ['read alone', 'read with its user']) {
    const session = await auth.loadSession(key, new Date());
    expect(session?.members.get('_auth_user_id')).toBe(id);
    expect((await auth.loadSession(other, new Date()))?.user).toBeUndefined();
  }
  const { findUserByKey } = auth.rights.context;
  expect(await findUserByKey('4294967296')).toBeUndefined();
  expect(await findUserByKey(id)).toMatchObject({ username: 'u' });
  // The same statement, for a column that takes no such number.
  await db.query('UPDATE auth_user SET id = 8');
  await db.query('ALTER TABLE auth_user ALTER id TYPE integer');
  expect(await findUserByKey(id)).toBeUndefined();
  expect(await findUserByKey('8')).toMatchObject({ username: 'u' });
  const gone = await manage(['showuser', id, '--by', 'pk'], { db, env });
  expect(gone.stderr).toContain(`There is no user with the key '${id}'.`);
  await db.query('DELETE FROM django_session');
}

// Only PostgreSQL holds columns to their types.
test('columns of another type than their field, and keys without a sequence, are named where a row is refused', async () => {
  const db = await createDatabase('postgres');
  try {
    expect((await manage(['migrate', '-v0'], { db })).exitCode).toBe(0);
    for (const flag of ['is_active', 'is_staff']) {
      await db.query(`ALTER TABLE auth_user ALTER ${flag} TYPE smallint USING ${flag}::int`);
    }
    await db.query('ALTER TABLE auth_user ALTER id DROP IDENTITY');
    const record = { username: 'u', password: '!', date_joined: '2026-01-01T00:00:00Z' };
    const cwd = temporaryFolder({ 'user.json': JSON.stringify([{ model: 'auth.user', pk: 1, fields: record }]) });
    for (const args of [
      ['createuser', '--username', 'u', '--email', '', '--no-input'],
      ['deactivateuser', 'u'],
      ['loaddata', 'user'],
    ]) {
      await db.query(
        "INSERT INTO auth_user VALUES (9, '', NULL, false, 'u', '', '', '', 0, 1, '2026-01-01') ON CONFLICT DO NOTHING",
      );
      if (args[0] !== 'deactivateuser') await db.query('DELETE FROM auth_user');
      const { exitCode, stderr } = await manage(args, { db, cwd });
      expect({ args, exitCode }).toEqual({ args, exitCode: 1 });
      expect(stderr).toContain(
        "The columns 'is_staff' and 'is_active' of 'auth_user' are smallint, and should be boolean.",
      );
      const keyless = "The column 'id' of 'auth_user' has no sequence or identity to make keys with.";
      if (args[0] === 'createuser') expect(stderr).toContain(keyless);
      else expect(stderr).not.toContain(keyless);
      expect(stderr).toContain('`manage check`');
      expect(stderr).not.toMatch(/\n {4}at /);
    }
    // What is read means what it says.
    await db.query("INSERT INTO auth_user VALUES (9, '', NULL, false, 'u', '', '', '', 1, 0, '2026-01-01')");
    const [shown] = JSON.parse((await manage(['listusers', '--json'], { db })).stdout).users;
    expect(shown).toMatchObject({ is_staff: true, is_active: false });
    const dump = async (...args: string[]) => (await manage(['dumpdata', 'auth.user', ...args], { db })).stdout;
    for (const args of [[], ['--pks', '9'], ['--format', 'yaml'], ['--format', 'xml']]) {
      const text = await dump(...args);
      expect(text).toMatch(/is_staff"?(?:: true| type="BooleanField">True)/);
      expect(text).toMatch(/is_active"?(?:: false| type="BooleanField">False)/);
    }
    // A number of the driver's, or of JSON, would be another one.
    await db.query('ALTER TABLE auth_user ALTER id TYPE bigint');
    await db.query('ALTER TABLE auth_user_groups ALTER user_id TYPE bigint');
    await db.query('ALTER TABLE auth_user_user_permissions ALTER user_id TYPE bigint');
    await db.query('UPDATE auth_user SET id = 9007199254740995');
    const [wide] = (await manage(['listusers', '--json'], { db })).json.users;
    expect(wide).toMatchObject({ pk: '9007199254740995', id: '9007199254740995' });
    expect(await dump()).toContain('"pk": 9007199254740995, "fields": {"password": "", "last_login": null, ');
    await knowsWideKeys(db, '9007199254740995');
    await db.query('ALTER TABLE auth_user ALTER id TYPE bigint');
    await db.query('UPDATE auth_user SET id = 9');
    expect((await manage(['listusers', '--json'], { db })).json.users[0].pk).toBe(9);
    await db.query('ALTER TABLE django_admin_log DROP CONSTRAINT django_admin_log_action_flag_check');
    await db.query('ALTER TABLE django_admin_log ALTER action_flag TYPE text');
    await db.query(
      "INSERT INTO django_admin_log (action_time, object_repr, action_flag, change_message, user_id) VALUES (now(), '', 'abc', '', 9)",
    );
    for (const args of [[], ['--pks', '1'], ['--format', 'yaml']]) {
      const { exitCode, stdout, stderr } = await manage(['dumpdata', 'admin.logentry', ...args], { db });
      expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
      expect(stderr).toContain('the column \'action_flag\' has or gets "abc", which is not a whole number.');
    }
    await db.query('DELETE FROM django_admin_log');
    await db.query('DELETE FROM auth_user');
    for (const flag of ['is_active', 'is_staff']) {
      await db.query(`ALTER TABLE auth_user ALTER ${flag} TYPE boolean USING ${flag} <> 0`);
    }
    const keyless = await manage(['createuser', '--username', 'k', '--email', '', '--no-input'], { db });
    expect(keyless.exitCode).toBe(1);
    expect(keyless.stderr).toContain("The column 'id' of 'auth_user' has no sequence or identity to make keys with.");
  } finally {
    await db.drop();
  }
});
