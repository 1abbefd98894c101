import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDatabase, forEachEngine, type TestDatabase } from '../helpers/databases.js';
import { createDjangoDatabase, type DjangoSite, djangoSite } from '../helpers/django.js';
import { manage } from '../helpers/manage.js';

const good = 'Nfe2-пароль-密码-🔑';
const quoted = JSON.stringify;
const members = JSON.parse(readFileSync(join(import.meta.dirname, 'site/members.json'), 'utf8'));

/** Logs in through the login page; resolves with the session's cookie, or null where Django refuses. */
const login = (site: DjangoSite, username: string, password: string): Promise<string | null> =>
  site.evaluate(`
from django.test import Client
client = Client()
client.post("/login/", {"username": ${quoted(username)}, "password": ${quoted(password)}})
result = client.cookies["sessionid"].value if "sessionid" in client.cookies else None
`);

/** Who Django takes the bearer of a session's cookie for. */
const visitor = (site: DjangoSite, cookie: string | null): Promise<string> =>
  site.evaluate(`
from django.test import Client
client = Client()
client.cookies["sessionid"] = ${quoted(cookie)}
result = client.get("/whoami/").json()["user"]
`);

forEachEngine((engine) => {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await createDatabase(engine);
  });
  afterEach(() => db.drop());
  /** A project on a database that Django has migrated. */
  const migrated = async () => {
    await db.drop();
    db = await createDjangoDatabase(engine);
    return djangoSite(db);
  };

  describe("Django's own user model", () => {
    const run = (args: string[], stdin = '') => manage(args, { db, stdin });
    const create = (name: string, ...args: string[]) =>
      run(['createuser', '--password-stdin', `--username=${name}`, '--email=', ...args], good);

    it('gives users of createuser what was asked for', async () => {
      const site = await migrated();
      await site.evaluate(`
from django.contrib.auth.models import Group, Permission
group = Group.objects.create(name="editors")
group.permissions.add(Permission.objects.get(codename="view_session"))
`);
      const args = ['--first-name=Ada', '--staff', '--group=editors', '--permission=auth.add_user'];
      expect(await create('ada', ...args)).toMatchObject({ exitCode: 0, stderr: '' });
      expect(await create('off', '--inactive', '--superuser')).toMatchObject({ exitCode: 0 });
      const ada = await site.evaluate(`
from django.contrib.auth.models import User
ada = User.objects.get(username="ada")
ada.full_clean()
result = [ada.get_full_name(), ada.is_staff, ada.is_superuser, sorted(ada.get_all_permissions()), list(ada.groups.values_list("name", flat=True))]
`);
      expect(ada).toEqual(['Ada', true, false, ['auth.add_user', 'sessions.view_session'], ['editors']]);
      expect(await login(site, 'ada', good)).not.toBeNull();
      expect(await login(site, 'off', good)).toBeNull();
    });

    it('ends sessions with a new password, and logs in with it', async () => {
      const site = await migrated();
      await create('ada');
      const cookie = await login(site, 'ada', good);
      expect(await visitor(site, cookie)).toBe('ada');

      const { stdout } = await run(['changepassword', 'ada', '--generate']);
      expect(await visitor(site, cookie)).toBe('');
      expect(await login(site, 'ada', good)).toBeNull();
      const again = await login(site, 'ada', stdout.trim());
      expect(await visitor(site, again)).toBe('ada');

      await run(['changepassword', 'ada', '--unusable']);
      expect(await visitor(site, again)).toBe('');
      const usable = 'from django.contrib.auth.models import User; result = User.objects.get().has_usable_password()';
      expect(await site.evaluate(usable)).toBe(false);
    });

    it('keeps inactive users out', async () => {
      const site = await migrated();
      await create('ada');
      const cookie = await login(site, 'ada', good);
      expect((await run(['deactivateuser', 'ada'])).exitCode).toBe(0);
      expect(await visitor(site, cookie)).toBe('');
      expect(await login(site, 'ada', good)).toBeNull();
      expect((await run(['activateuser', 'ada'])).exitCode).toBe(0);
      expect(await visitor(site, cookie)).toBe('ada');
    });
  });

  it('does all of that with a user model of its own', async () => {
    const site = djangoSite(db, { userModel: 'members.Member' });
    await site.manage('makemigrations', 'members', '-v0');
    await site.manage('migrate', '-v0');
    const run = (args: string[], stdin = '') => manage(args, { db, stdin, config: members });
    const given = ['--email=ada@EXAMPLE.org', '--full-name=Ada', '--permission=members.add_member'];
    expect(await run(['createuser', '--password-stdin', ...given], good)).toMatchObject({ exitCode: 0, stderr: '' });
    await site.evaluate(`
from members.models import Member
Member.objects.create_user("grace@example.org", "Grace", ${quoted(good)})
`);
    const { json } = await run(['listusers', '--json', '--never-logged-in']);
    expect(json.users.map(({ email }: { email: string }) => email).sort()).toEqual([
      'ada@example.org',
      'grace@example.org',
    ]);
    for (const name of ['ada@example.org', 'grace@example.org']) {
      const cookie = await login(site, name, good);
      expect(await visitor(site, cookie)).toBe(name);
      const { stdout } = await run(['changepassword', name, '--generate']);
      expect(await visitor(site, cookie)).toBe('');
      const again = await login(site, name, stdout.trim());
      expect((await run(['deactivateuser', name])).exitCode).toBe(0);
      expect(await visitor(site, again)).toBe('');
    }
    expect((await run(['listusers', '--json', '--never-logged-in'])).json.users).toEqual([]);
    const ada = await site.evaluate(`
from members.models import Member
result = sorted(Member.objects.get(full_name="Ada").user_permissions.values_list("codename", flat=True))
`);
    expect(ada).toEqual(['add_member']);
  });
});
