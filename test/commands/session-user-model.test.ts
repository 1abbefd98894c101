import { afterEach, beforeEach, expect, test } from 'vitest';
import { clubFiles } from '../helpers/club.js';
import { createDatabase, forEachEngine, type TestDatabase } from '../helpers/databases.js';
import { type ManageOptions, manage, temporaryFolder } from '../helpers/manage.js';
import { now, secretKey } from '../sessions/site.js';

forEachEngine((engine) => {
  let db: TestDatabase;
  let cwd: string;
  const run = (args: readonly string[], options: ManageOptions = {}) =>
    manage(args, { db, cwd, now, env: { SECRET_KEY: secretKey }, ...options });
  const ids = new Map<string, string>();

  beforeEach(async () => {
    db = await createDatabase(engine);
    cwd = temporaryFolder(clubFiles);
    await run(['migrate', '-v0']);
    await db.query("INSERT INTO club_team (code) VALUES ('red')");
    await db.query("INSERT INTO auth_group (id, name) VALUES (1, 'Crew')");
    ids.clear();
    for (const [index, level] of [9, 1, 1].entries()) {
      const name = `m${index}@example.org`;
      const id = `0000000${index}-0000-4000-8000-00000000000a`;
      ids.set(name, id);
      const stored = engine === 'sqlite' ? id.replaceAll('-', '') : id;
      await db.query(
        'INSERT INTO club_member (id, pw, email, full_name, nickname, team_id, level) VALUES (?, ?, ?, ?, ?, ?, ?)',
        [stored, `hash${index}`, name, 'M', '', 'red', level],
      );
      if (index === 2)
        await db.query('INSERT INTO club_member_groups (id, member_id, group_id) VALUES (1, ?, 1)', [stored]);
      expect((await run(['createsession', name])).exitCode).toBe(0);
    }
  });
  afterEach(() => db.drop());

  const listed = async (...args: string[]) => {
    const { json } = await run(['listsessions', '--json', ...args]);
    return json.sessions.map((session: { user: { username: string } }) => session.user.username).sort();
  };

  test('sessions hold a UUID as text, and lead to its user', async () => {
    const { stdout } = await run(['createsession', 'm0@example.org']);
    const { json } = await run(['decode_session', stdout.trim(), '--json']);
    expect(json).toMatchObject({
      accepted: true,
      user: { id: ids.get('m0@example.org'), username: 'm0@example.org' },
      data: { _auth_user_id: ids.get('m0@example.org') },
    });
    const key = stdout.trim().slice('sessionid='.length);
    const shown = await run(['print_user_for_session', key]);
    expect(shown.stdout).toBe(`id: ${ids.get('m0@example.org')}\nemail: m0@example.org\n`);
  });

  test('selectors go by what the model has', async () => {
    expect(await listed()).toEqual(['m0@example.org', 'm1@example.org', 'm2@example.org']);
    expect(await listed('--user', 'm1@example.org')).toEqual(['m1@example.org']);
    expect(await listed('--superusers')).toEqual(['m0@example.org']);
    expect(await listed('--group', 'Crew')).toEqual(['m2@example.org']);
    const staff = await run(['listsessions', '--staff']);
    expect(staff.exitCode).toBe(1);
    expect(staff.stderr).toContain("The user model club.member has no field 'is_staff'");
  });

  test('a user is logged out everywhere', async () => {
    const { stdout } = await run(['revokesessions', '--user', 'm1@example.org', '--no-input']);
    expect(stdout).toBe('Ended 1 session.\n');
    expect(await listed()).toEqual(['m0@example.org', 'm2@example.org']);
    const { json } = await run(['sessionstats', '--json']);
    expect(json).toMatchObject({ total: 2, users: 2, anonymous: 0 });
    expect(json.top.map(({ id }: { id: string }) => id).sort()).toEqual([
      ids.get('m0@example.org'),
      ids.get('m2@example.org'),
    ]);
  });
});
