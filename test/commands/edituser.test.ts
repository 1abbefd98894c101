import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clubFiles } from '../helpers/club.js';
import { createDatabase, forEachEngine, type TestDatabase } from '../helpers/databases.js';
import { manage, temporaryFolder } from '../helpers/manage.js';

forEachEngine((engine) => {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await createDatabase(engine);
  });
  afterEach(() => db.drop());

  describe("Django's own user model", () => {
    const run = (args: string[], stdin = '') => manage(args, { db, stdin });
    const log = async () => (await run(['listlog', '--json'])).json.entries;
    beforeEach(async () => {
      await run(['migrate', '-v0']);
      await db.query(`INSERT INTO auth_group (name) VALUES ('editors'), ('writers')`);
      await run(['createuser', '--no-input', '--username=boss', '--email=', '--superuser']);
      await run(['createuser', '--no-input', '--username=ada', '--email=ada@example.com', '--group=writers']);
    });

    it('changes what was given, and writes what the admin would write', async () => {
      const result = await run([
        'edituser',
        'ada',
        '--email=Ada@EXAMPLE.org',
        '--staff',
        '--add-group=editors',
        '--remove-group=writers',
        '--add-permission=auth.view_group',
        '--field=last_name=Lovelace',
        '--actor=boss',
        '--json',
      ]);
      expect(result).toMatchObject({ exitCode: 0 });
      expect(result.json.users[0].changed).toEqual(['email', 'last_name', 'is_staff', 'groups', 'user_permissions']);
      const [row] = await db.query("SELECT * FROM auth_user WHERE username = 'ada'");
      expect(row).toMatchObject({ email: 'Ada@example.org', last_name: 'Lovelace' });
      expect(await db.query('SELECT g.name FROM auth_user_groups l JOIN auth_group g ON g.id = l.group_id')).toEqual([
        { name: 'editors' },
      ]);
      const [entry] = await log();
      expect(entry).toMatchObject({
        user: 'boss',
        action: 'change',
        model: 'auth.user',
        objectId: '2',
        object: 'ada',
        message: 'Changed Email address, Last name, Staff status, Groups and User permissions.',
        provenance: { command: 'edituser' },
      });
      const again = await run(['edituser', 'ada', '--staff']);
      expect(again).toMatchObject({ exitCode: 0, stdout: "User 'ada' is like that already.\n" });
      expect(await log()).toHaveLength(1);
    });

    it('renames, deactivates with a note, and shows what it would do', async () => {
      const dry = await run(['edituser', 'ada', '--rename=lovelace', '--dry-run']);
      expect(dry.stdout).toBe("User 'ada' would be changed: username.\n");
      expect((await run(['edituser', 'ada', '--rename=boss'])).stderr).toContain('That username is already taken.');
      expect((await run(['edituser', 'ada', '--rename=lovelace', '--inactive'])).stderr).toContain('Sessions of user');
      expect(await db.query('SELECT username FROM auth_user ORDER BY id')).toEqual([
        { username: 'boss' },
        { username: 'lovelace' },
      ]);
    });

    it('changes several or none, and keeps the last superuser', async () => {
      const last = await run(['edituser', '-', '--no-superuser', '--inactive'], 'ada\nboss\n');
      expect(last).toMatchObject({ exitCode: 1 });
      expect(last.stderr).toContain('is the last active superuser');
      expect(last.stderr).toContain('--force');
      expect(await db.query('SELECT count(*) AS n FROM auth_user WHERE is_active')).toEqual([
        { n: engine === 'sqlite' ? 2 : '2' },
      ]);
      expect((await run(['edituser', 'ada', '--superuser', '--no-superuser'])).exitCode).toBe(2);
      expect((await run(['edituser', 'ada'])).exitCode).toBe(2);
      const unknown = await run(['edituser', 'ada', '--staff', '--actor=nobody']);
      expect(unknown.stderr).toContain("The user 'nobody', the actor for the log, does not exist.");
    });

    it("changes allauth's address too", async () => {
      const key = engine === 'sqlite' ? 'integer PRIMARY KEY' : 'serial PRIMARY KEY';
      await db.query(
        `CREATE TABLE account_emailaddress (id ${key}, email varchar(254), verified bool, "primary" bool, user_id integer)`,
      );
      await db.query(
        `INSERT INTO account_emailaddress (email, verified, "primary", user_id) VALUES ('ada@example.com', true, true, 2)`,
      );
      const { stderr } = await run(['edituser', 'ada', '--email=new@example.com']);
      expect(stderr).toContain('The address that allauth has');
      const [row] = await db.query('SELECT email, verified FROM account_emailaddress');
      expect(row).toEqual({ email: 'new@example.com', verified: engine === 'postgres' ? false : 0 });
    });

    it('reads the log with filters', async () => {
      await run(['edituser', 'ada', '--staff', '--actor=boss']);
      await run(['edituser', 'boss', '--first-name=B', '--actor=ada']);
      expect((await run(['listlog', '--user=ada', '--json'])).json.entries).toHaveLength(1);
      expect((await run(['listlog', '--object=auth.user:2', '--json'])).json.entries).toHaveLength(1);
      expect((await run(['listlog', '--object=auth.user', '--since=1d', '--json'])).json.entries).toHaveLength(2);
      expect((await run(['listlog', '--since=2099-01-01', '--json'])).json.entries).toHaveLength(0);
      expect((await run(['listlog', '--since=99999999d'])).stderr).toContain("'99999999d' is not a valid time.");
      expect((await run(['listlog', '--action=deletion', '--json'])).json.entries).toHaveLength(0);
      const { stdout, stderr } = await run(['listlog', '--format=csv', '--limit=1']);
      expect(stdout.split('\n')[0]).toBe('time,user,action,model,pk,object,message,by,command');
      expect(stderr).toBe('');
      expect((await run(['listlog', '--object=nope.nope'])).stderr).toContain('There is no content type');
      if (engine === 'mariadb') return;
      await db.query(`UPDATE django_admin_log SET action_time = ${engine === 'sqlite' ? "'soon'" : "'infinity'"}`);
      const [odd, shown] = [await run(['listlog', '--since=1d', '--json']), await run(['listlog'])];
      expect(odd.json.entries[0].time).toBeNull();
      expect(shown.stdout).toMatch(/^unreadable date /m);
      for (const { stderr } of [odd, shown]) {
        expect(stderr).toMatch(/ha(s|ve) a time that cannot be read\. `manage check` shows where\./);
      }
      if (engine !== 'sqlite') return;
      await db.query('UPDATE django_admin_log SET action_time = ?', [Date.parse('2030-01-01')]);
      const since = (moment: string) => run(['listlog', `--since=${moment}`, '--json']);
      expect((await since('2029-12-31')).json.entries[0].time).toBe('2030-01-01T00:00:00+00:00');
      expect((await since('2030-01-02')).json.entries).toHaveLength(0);
    });

    it('takes the actor from the environment and the settings', async () => {
      await manage(['edituser', 'ada', '--staff'], { db, env: { MANAGE_ACTOR: 'boss' } });
      await manage(['edituser', 'ada', '--no-staff'], { db, config: { audit: { actor: 'ada' } } });
      expect((await log()).map(({ user }: { user: string }) => user)).toEqual(['ada', 'boss']);
    });
  });

  it('works with an own user model', async () => {
    const cwd = temporaryFolder(clubFiles);
    const run = (args: string[]) => manage(args, { db, cwd });
    await run(['migrate', '-v0']);
    await db.query("INSERT INTO club_team (code) VALUES ('red')");
    await db.query("INSERT INTO club_skill (name) VALUES ('chess')");
    const args = ['--full_name=Ada', '--team=red', '--skills=1', '--no-input'];
    await run(['createsuperuser', '--email=boss@example.org', ...args]);
    await run(['createuser', '--email=ada@example.org', ...args]);
    const result = await run([
      'edituser',
      'ada@example.org',
      '--full_name=Ada L',
      '--superuser',
      '--actor=boss@example.org',
      '--json',
    ]);
    expect(result).toMatchObject({ exitCode: 0 });
    expect(result.json.users[0].changed).toEqual(['full_name', 'level']);
    const { json } = await run(['listlog', '--json']);
    expect(json.entries[0]).toMatchObject({
      user: 'boss@example.org',
      model: 'club.member',
      message: 'Changed Full name and Level.',
    });
    const deleted = await run(['deleteuser', 'ada@example.org', '--json']);
    expect(deleted).toMatchObject({ exitCode: 0 });
    expect(deleted.json.tables.map(({ name }: { name: string }) => name)).toEqual([
      'club_member',
      'club_member_skills',
    ]);
  });
});
