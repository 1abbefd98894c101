import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDatabase, forEachEngine, type TestDatabase } from '../helpers/databases.js';
import { createDjangoDatabase, djangoSite } from '../helpers/django.js';
import { manage } from '../helpers/manage.js';

const allAlgorithms = ['pbkdf2_sha256', 'pbkdf2_sha1', 'argon2', 'bcrypt_sha256', 'bcrypt', 'scrypt', 'md5'];
const good = 'Nfe2-пароль-密码-🔑';
const quoted = JSON.stringify;

/** Python that fills in the login page with what these expressions mean, and leaves what it sees then in `visited`. */
const visit = (username: string, password: string) =>
  `client = Client(); response = client.post("/login/", {"username": ${username}, "password": ${password}}); ` +
  'visited = [response.status_code, client.get("/whoami/").json()]';
const login = (username: string, password: string) =>
  `from django.test import Client; ${visit(quoted(username), quoted(password))}; result = visited`;
const welcome = (user: string) => [302, { user, authenticated: true }];
const stranger = [200, { user: '', authenticated: false }];

forEachEngine((engine) => {
  // What an engine has to do with a hash is to keep its text; the longest and the shortest show that.
  const algorithms = engine === 'sqlite' ? allAlgorithms : ['argon2', 'md5'];
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
    it('lets users of manage log in to Django, whatever the hasher', async () => {
      const site = djangoSite(db);
      expect((await manage(['migrate', '-v0'], { db })).exitCode).toBe(0);
      for (const algorithm of algorithms) {
        const result = await manage(
          ['createsuperuser', '--password-stdin', `--username=${algorithm}`, '--email=Ops@EXAMPLE.com'],
          { db, stdin: good, config: { passwordHashers: [algorithm] } },
        );
        expect(result).toMatchObject({ exitCode: 0, stderr: '' });
      }
      const visits = await site.evaluate(`
from django.test import Client
result = []
for algorithm in ${quoted(algorithms)}:
    for password in (${quoted(good)}, "wrong"):
        ${visit('algorithm', 'password')}
        result.append(visited)
`);
      expect(visits).toEqual(algorithms.flatMap((algorithm) => [welcome(algorithm), stranger]));
      const users = await site.evaluate(`
from django.contrib.auth.models import User
result = []
for user in User.objects.order_by("pk"):
    user.full_clean()
    result.append([user.email, user.is_superuser, user.is_staff, user.is_active, user.has_perm("auth.delete_user")])
`);
      expect(users).toEqual(algorithms.map(() => ['Ops@example.com', true, true, true, true]));
    });

    it('knows the passwords that Django hashed', async () => {
      const site = await migrated();
      await site.evaluate(`
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
for algorithm in ${quoted(algorithms)}:
    User.objects.create(username=algorithm, password=make_password(${quoted(good)}, hasher=algorithm))
User.objects.create_user("unusable")
`);
      for (const algorithm of algorithms) {
        const check = (stdin: string) => manage(['checkpassword', algorithm, '--password-stdin'], { db, stdin });
        expect(await check(`${good}\n`)).toMatchObject({ exitCode: 0 });
        expect(await check('wrong')).toMatchObject({ exitCode: 1 });
      }
      const unusable = await manage(['checkpassword', 'unusable', '--password-stdin', '--json'], { db, stdin: 'x' });
      expect(unusable).toMatchObject({ exitCode: 1, json: { usable: false } });
    });

    it('upgrades a hash to one that Django would write', async () => {
      const site = await migrated();
      await site.evaluate(`
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
User.objects.create(username="ada", password=make_password(${quoted(good)}, hasher="md5"))
`);
      await manage(['checkpassword', 'ada', '--password-stdin', '--upgrade'], { db, stdin: good });
      const needsUpdate = await site.evaluate(`
from django.contrib.auth.hashers import verify_password
from django.contrib.auth.models import User
result = verify_password(${quoted(good)}, User.objects.get().password)
`);
      expect(needsUpdate).toEqual([true, false]);
    });

    it('stores what Django stores', async () => {
      await migrated();
      const env = { DJANGO_SUPERUSER_PASSWORD: good };
      const ours = ['createsuperuser', '--no-input', '--username=ﬁsh', '--email=Adm@EX.COM'];
      expect((await manage(ours, { db, env })).exitCode).toBe(0);
      const theirs = djangoSite(db, { env });
      await theirs.manage('createsuperuser', '--noinput', '--username=ﬁshes', '--email=Adm@EX.COM');
      const [one, two] = await db.query('SELECT * FROM auth_user ORDER BY id');
      const same = (row: Record<string, unknown> | undefined) => ({
        ...row,
        id: undefined,
        username: String(row?.username).replace(/es$/, ''),
        password: String(row?.password).split('$').slice(0, 2),
        date_joined: String(row?.date_joined).replaceAll(/\d/g, '0').slice(0, 19),
      });
      expect(same(one)).toEqual(same(two));
    });
  });

  describe('a user model of its own', () => {
    const userModel = 'members.Member';
    const config = JSON.parse(readFileSync(join(import.meta.dirname, 'site/members.json'), 'utf8'));
    const given = ['--email=Ada@EXAMPLE.org', '--full_name=Ada Lovelace'];

    it('makes members that Django lets in, and knows those that Django made', async () => {
      const site = djangoSite(db, { userModel });
      await site.manage('makemigrations', 'members', '-v0');
      await site.manage('migrate', '-v0');

      const made = await manage(['createsuperuser', '--password-stdin', '--json', ...given], {
        db,
        config,
        stdin: good,
      });
      expect(made).toMatchObject({ exitCode: 0, json: { username: 'Ada@example.org' } });
      expect(await site.evaluate(login('Ada@example.org', good))).toEqual(welcome('Ada@example.org'));
      expect(await site.evaluate(login('Ada@example.org', 'wrong'))).toEqual(stranger);
      const member = await site.evaluate(`
from members.models import Member
member = Member.objects.get()
member.full_clean()
result = [str(member.pk), member.full_name, member.is_superuser, member.is_active]
`);
      expect(member).toEqual([made.json.pk, 'Ada Lovelace', true, true]);

      const theirs = djangoSite(db, { userModel, env: { DJANGO_SUPERUSER_PASSWORD: good } });
      await theirs.manage('createsuperuser', '--noinput', '--email=Grace@EXAMPLE.org', '--full_name=Grace');
      const check = (stdin: string) =>
        manage(['checkpassword', 'Grace@example.org', '--password-stdin'], { db, config, stdin });
      expect((await check(good)).exitCode).toBe(0);
      expect((await check('wrong')).exitCode).toBe(1);

      const taken = await manage(['createsuperuser', '--no-input', ...given], { db, config });
      expect(taken.stderr).toContain('That email address is already taken.');
    });
  });
});
