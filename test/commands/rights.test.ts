import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { clubFiles } from '../helpers/club.js';
import { createDatabase, forEachEngine, type TestDatabase } from '../helpers/databases.js';
import { manage, temporaryFolder } from '../helpers/manage.js';

forEachEngine((engine) => {
  let db: TestDatabase;
  let cwd: string;
  const run = (args: string[], stdin = '') => manage(args, { db, stdin, cwd });
  const json = async (...args: string[]) => (await run([...args, '--json'])).json;
  const make = (name: string, ...args: string[]) =>
    run(['createuser', '--no-input', `--username=${name}`, '--email=', ...args]);

  beforeEach(async () => {
    db = await createDatabase(engine);
    cwd = temporaryFolder();
    await run(['migrate', '-v0']);
    await make('boss', '--superuser');
    await run(['creategroup', 'editors', '--permission=auth.view_*']);
    await make('ada', '--group=editors', '--permission=auth.add_user', '--permission=auth.view_user');
    await make('off', '--inactive', '--permission=auth.add_user');
    await make('none');
  });
  afterEach(() => db.drop());

  describe('groups', () => {
    it('are made once, listed, renamed and deleted', async () => {
      expect((await run(['creategroup', 'editors'])).stderr).toContain("There is a group 'editors' already.");
      expect((await run(['creategroup', 'editors', '--if-not-exists'])).exitCode).toBe(0);
      expect(await json('listgroups')).toEqual({
        groups: [
          {
            pk: 1,
            name: 'editors',
            members: 1,
            permissions: ['auth.view_group', 'auth.view_permission', 'auth.view_user'],
          },
        ],
      });
      const edited = await json(
        'editgroup',
        'editors',
        '--rename=writers',
        '--add-permission=auth.add_group',
        '--remove-permission=auth.view_user',
        '--add-user=none',
        '--remove-user=ada',
        '--actor=boss',
      );
      expect(edited).toEqual({
        pk: 1,
        name: 'writers',
        granted: ['auth.add_group'],
        revoked: ['auth.view_user'],
        added: ['none'],
        removed: ['ada'],
      });
      const { entries } = await json('listlog');
      expect(entries.map(({ message, object }: { message: string; object: string }) => [object, message])).toEqual([
        ['ada', 'Changed Groups.'],
        ['none', 'Changed Groups.'],
        ['writers', 'Changed Permissions.'],
        ['writers', 'Changed Permissions.'],
        ['writers', 'Changed Name.'],
      ]);
      const dry = await run(['deletegroup', 'writers', '--dry-run']);
      expect(dry.stdout).toContain("User 'none' loses auth.add_group, auth.view_group, auth.view_permission.");
      expect((await run(['deletegroup', 'writer'])).stderr).toContain('Did you mean writers?');
      expect((await run(['deletegroup', 'writers'])).exitCode).toBe(0);
      expect((await json('listgroups')).groups).toEqual([]);
    });
  });

  it('says who may do what, and why', async () => {
    const { user, permissions } = await json('access', 'ada');
    expect(user).toMatchObject({ username: 'ada', active: true, superuser: false, groups: ['editors'] });
    expect(permissions).toEqual([
      { name: 'auth.add_user', reasons: [{ reason: 'direct' }] },
      { name: 'auth.view_group', reasons: [{ reason: 'group', group: 'editors' }] },
      { name: 'auth.view_permission', reasons: [{ reason: 'group', group: 'editors' }] },
      { name: 'auth.view_user', reasons: [{ reason: 'direct' }, { reason: 'group', group: 'editors' }] },
    ]);
    expect((await json('access', 'boss')).permissions).toHaveLength(24);
    expect((await json('access', 'off')).permissions).toEqual([]);
    expect(await run(['access', 'ada', 'auth.add_user'])).toMatchObject({
      exitCode: 0,
      stdout: "Yes: user 'ada' has auth.add_user (direct).\n",
    });
    expect(await run(['access', 'off', 'auth.add_user'])).toMatchObject({
      exitCode: 1,
      stdout: "No: user 'off' is not active.\n",
    });
    expect((await run(['access', 'ada', 'auth.ad_user'])).stderr).toContain('Did you mean auth.add_user?');
    const { users } = await json('whocan', 'auth.view_user');
    expect(users.map((each: Record<string, unknown>) => [each.username, each.reasons])).toEqual([
      ['boss', [{ reason: 'superuser' }]],
      ['ada', [{ reason: 'direct' }, { reason: 'group', group: 'editors' }]],
    ]);
    const diff = await json('diffaccess', 'ada', 'none');
    expect(diff.differences).toHaveLength(4);
    const all = await run(['access', '--format=csv']);
    expect(all.stdout.split('\n').slice(0, 3)).toEqual([
      'user,active,staff,superuser,permission,via,last login,usable password,second factor',
      'boss,true,true,true,*,superuser,,false,',
      'ada,true,false,false,auth.add_user,direct,,false,',
    ]);
    expect((await json('access')).users).toHaveLength(4);
  });

  it('counts object permissions of guardian for their objects', async () => {
    const key = engine === 'sqlite' ? 'integer PRIMARY KEY' : 'serial PRIMARY KEY';
    await db.query(
      `CREATE TABLE guardian_userobjectpermission (id ${key}, object_pk varchar(255), content_type_id integer, permission_id integer, user_id integer)`,
    );
    await db.query(
      "INSERT INTO guardian_userobjectpermission (object_pk, content_type_id, permission_id, user_id) SELECT '1', content_type_id, id, 4 FROM auth_permission WHERE codename = 'change_group'",
    );
    expect((await json('access', 'none')).permissions).toEqual([
      { name: 'auth.change_group', reasons: [{ reason: 'object', object: 'auth.group:1' }] },
    ]);
    const names = async (...more: string[]) =>
      (await json('whocan', 'auth.change_group', ...more)).users.map(({ username }: { username: string }) => username);
    expect(await names()).toEqual(['boss']);
    expect(await names('--object=auth.group:1')).toEqual(['boss', 'none']);
    expect(await names('--object=auth.group:2')).toEqual(['boss']);
    expect((await run(['access', 'none', 'auth.change_group'])).exitCode).toBe(1);
  });

  it('grants and revokes', async () => {
    const granted = await json('grant', 'auth.*_group', '--user=none', '--group=editors', '--actor=boss');
    expect(granted.changes).toEqual([
      {
        kind: 'user',
        name: 'none',
        pk: 4,
        permissions: ['auth.add_group', 'auth.change_group', 'auth.delete_group', 'auth.view_group'],
      },
      {
        kind: 'group',
        name: 'editors',
        pk: 1,
        permissions: ['auth.add_group', 'auth.change_group', 'auth.delete_group'],
      },
    ]);
    expect((await json('grant', 'auth.add_group', '--user=none')).changes).toEqual([]);
    expect((await json('revoke', 'auth.*', '--user=none', '--dry-run')).changes[0].permissions).toHaveLength(4);
    expect((await json('revoke', 'auth.*', '--user=none')).changes[0].permissions).toHaveLength(4);
    expect((await run(['grant', 'auth.add_group'])).exitCode).toBe(2);
    expect((await json('show_permissions', 'auth.group')).permissions).toHaveLength(4);
    expect((await json('show_permissions')).permissions).toEqual([]);
  });

  it('keeps rights as a file, and finds drift', async () => {
    const { stdout } = await run(['dumpaccess', '--members']);
    expect(stdout).toBe(
      'groups:\n  - name: editors\n    permissions:\n      - auth.group.view_group\n      - auth.permission.view_permission\n      - auth.user.view_user\n    members:\n      - ada\n',
    );
    await run(['dumpaccess', '-o', 'access.json']);
    expect(JSON.parse(readFileSync(join(cwd, 'access.json'), 'utf8')).groups[0].name).toBe('editors');
    expect((await run(['applyaccess', '-', '--check'], stdout)).exitCode).toBe(0);
    await run(['grant', 'auth.add_group', '--group=editors']);
    await run(['edituser', 'none', '--add-group=editors']);
    const check = await run(['applyaccess', '-', '--check'], stdout);
    expect(check).toMatchObject({ exitCode: 1, stdout: '- editors: auth.group.add_group\n- editors: member none\n' });
    expect((await json('listgroups')).groups[0].members).toBe(2);
    const wanted = stdout
      .replace('name: editors', 'name: writers\n    was: editors')
      .replace('- auth.user.view_user', '- auth.change_user');
    expect((await run(['applyaccess', '-', '--dry-run', '--prune'], wanted)).stdout).toBe(
      '~ group editors -> writers\n+ writers: auth.user.change_user\n- writers: auth.group.add_group\n- writers: auth.user.view_user\n- writers: member none\n',
    );
    const added = await run(['applyaccess', '-'], wanted);
    expect(added.stdout).toContain('2 changes.');
    await run(['creategroup', 'others']);
    const done = await run(['applyaccess', '-', '--prune', '--actor=boss'], wanted);
    expect(done.stdout).toContain('- group others\n');
    expect((await run(['applyaccess', '-', '--check', '--prune'], wanted)).exitCode).toBe(0);
    expect((await json('listlog')).entries).toHaveLength(3);
    const bad = await run(['applyaccess', '-'], 'groups:\n  - name: new\n    permissions: [auth.user.ad_user]\n');
    expect(bad).toMatchObject({ exitCode: 1 });
    expect(bad.stderr).toContain('Did you mean auth.user.add_user?');
    expect((await json('listgroups')).groups).toHaveLength(1);
    const warnings = vi.spyOn(process, 'emitWarning');
    onTestFinished(() => warnings.mockRestore());
    expect((await run(['applyaccess', '-'], 'groups: !secret ["id"]\n')).stderr).toContain('Group 1 has no name.');
    expect(warnings).not.toHaveBeenCalled();
    expect((await run(['applyaccess', '-'], 'group: []')).stderr).toContain('has no list of `groups`');
    writeFileSync(join(cwd, 'latin.yaml'), Buffer.from('groups:\n  - name: Zo\u00eb\n    permissions: []\n', 'latin1'));
    expect((await run(['applyaccess', 'latin.yaml'])).stderr).toBe(
      "CommandError: The file 'latin.yaml' is not UTF-8 text.\nSave it in UTF-8.\n",
    );
    expect((await json('listgroups')).groups).toHaveLength(1);
  });

  it('moves rights from the old names of renamed models', async () => {
    await db.query("UPDATE auth_permission SET codename = 'change_member' WHERE codename = 'change_user'");
    await run(['grant', 'auth.change_member', '--group=editors', '--user=none']);
    const rows = () => db.query('SELECT * FROM auth_permission ORDER BY id');
    const before = await rows();
    const dry = await json('update_permissions', '--renamed=auth.member=user', '--dry-run');
    expect(await rows()).toEqual(before);
    const { moved } = await json('update_permissions', '--renamed=auth.member=user');
    expect(dry).toMatchObject({ dryRun: true, moved });
    expect(moved).toEqual([{ from: 'auth.change_member', to: 'auth.change_user', grants: 2 }]);
    expect((await run(['access', 'none', 'auth.change_user'])).exitCode).toBe(0);
    expect(await db.query("SELECT * FROM auth_permission WHERE codename = 'change_member'")).toEqual([]);
  });

  it('works with an own user model that has groups alone', async () => {
    const other = await createDatabase(engine);
    const folder = temporaryFolder(clubFiles);
    const club = (args: string[]) => manage(args, { db: other, cwd: folder });
    await club(['migrate', '-v0']);
    await other.query("INSERT INTO club_team (code) VALUES ('red')");
    await other.query("INSERT INTO club_skill (name) VALUES ('chess')");
    await club(['creategroup', 'players', '--permission=club.add_team']);
    await club([
      'createuser',
      '--no-input',
      '--email=ada@example.org',
      '--full_name=Ada',
      '--team=red',
      '--skills=1',
      '--group=players',
    ]);
    const { json: access } = await club(['access', 'ada@example.org', '--json']);
    expect(access.permissions).toEqual([{ name: 'club.add_team', reasons: [{ reason: 'group', group: 'players' }] }]);
    expect((await club(['whocan', 'club.add_team', '--json'])).json.users).toHaveLength(1);
    expect((await club(['grant', 'club.add_team', '--user=ada@example.org'])).stderr).toContain(
      'have no user permissions',
    );
    expect((await club(['editgroup', 'players', '--remove-user=ada@example.org'])).exitCode).toBe(0);
    await other.drop();
  });
});
