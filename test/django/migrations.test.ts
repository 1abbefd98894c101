import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readCatalogue } from '../helpers/catalogue.js';
import { createDatabase, forEachEngine, type TestDatabase } from '../helpers/databases.js';
import { createDjangoDatabase, type DjangoSite, djangoSite } from '../helpers/django.js';
import { manage } from '../helpers/manage.js';
import { goldenStates } from '../helpers/states.js';

const env = { SECRET_KEY: 'a-long-enough-key-0123456789-abcdefghijklmnopqrstuvwxyz' };

/** Asks Django in one process: what is there to migrate, do the models differ, does migrate find anything? */
const nothingToDo = `
from io import StringIO
from django.core.management import call_command

def call(*args):
    out = StringIO()
    call_command(*args, stdout=out)
    return out.getvalue()

result = [call("migrate", "--plan"), call("makemigrations", "--check", "--dry-run"), call("migrate")]
`;

/** Django itself has nothing left to do, and sees no difference from its models. */
async function expectDone(site: DjangoSite): Promise<void> {
  expect(await site.evaluate(nothingToDo)).toEqual([
    'Planned operations:\n  No planned migration operations.\n',
    'No changes detected\n',
    expect.stringContaining('  No migrations to apply.\n'),
  ]);
}

const rowsOf = async (db: TestDatabase) => ({
  contentTypes: await db.query('SELECT * FROM django_content_type ORDER BY id'),
  permissions: await db.query('SELECT * FROM auth_permission ORDER BY id'),
  migrations: await db.query('SELECT id, app, name FROM django_migrations ORDER BY id'),
});

forEachEngine((engine) => {
  const { order, forwards } = goldenStates(engine);
  const newest = forwards[order.at(-1) ?? '']?.schema;
  let db: TestDatabase;
  beforeEach(async () => {
    db = await createDatabase(engine);
  });
  afterEach(() => db.drop());

  const run = async (...args: string[]) => {
    const result = await manage(args, { db, env });
    expect({ args, exitCode: result.exitCode, error: result.stderr.match(/CommandError.*/)?.[0] }).toEqual({
      args,
      exitCode: 0,
      error: undefined,
    });
    return result;
  };
  const migrate = (...args: string[]) => run('migrate', '--no-input', '-v0', ...args);
  const addUser = (username: string) =>
    db.query(
      `INSERT INTO auth_user (password, is_superuser, username, first_name, last_name, email, is_staff, is_active, date_joined, last_login)
       VALUES ('!', '0', ?, '', '', '', '0', '1', '2020-01-02 03:04:05', '2020-01-02 03:04:05')`,
      [username],
    );

  it('makes a database in which Django finds nothing to do, row by row its own', async () => {
    const django = await createDjangoDatabase(engine);
    await migrate();
    expect(await readCatalogue(db)).toEqual(await readCatalogue(django));
    expect(await rowsOf(db)).toEqual(await rowsOf(django));
    await expectDone(djangoSite(db));
    expect(await rowsOf(db)).toEqual(await rowsOf(django));
    await django.drop();
  });

  it('writes times of applying that Django reads', async () => {
    await manage(['migrate', 'sessions', '-v0'], { db, now: '2026-11-21T07:24:22.125Z' });
    const applied = await djangoSite(db).evaluate(`
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
result = [str(row.applied) for row in MigrationRecorder(connection).applied_migrations().values()]
`);
    expect(applied).toEqual(['2026-11-21 07:24:22.125000+00:00']);
    expect(await djangoSite(db).manage('showmigrations', 'sessions', '-v2')).toContain(
      '(applied at 2026-11-21 07:24:22)',
    );
  });

  it('shows and checks what Django has made', async () => {
    const site = djangoSite(db);
    await site.manage('migrate', 'auth', '0007', '-v0');
    expect((await run('showmigrations')).stdout).toBe(
      await site.manage('showmigrations', 'admin', 'auth', 'contenttypes', 'sessions'),
    );
    expect((await run('showmigrations', '--plan', '-v2')).stdout).toBe(
      await site.manage('showmigrations', '--plan', '-v2'),
    );
    await site.manage('migrate', '-v0');
    expect((await run('check')).stdout).toBe('System check identified no issues (0 silenced).\n');
  });

  describe('a database that Django stopped', () => {
    it.each([
      ['contenttypes', '0001'],
      ['auth', '0001'],
      ['admin', '0001'],
      ['auth', '0006'],
      ['auth', '0011'],
      ['sessions', '0001'],
    ])('at %s %s is taken forward', async (app, name) => {
      const site = djangoSite(db);
      await site.manage('migrate', app, name, '-v0');
      const hasUsers = 'table auth_user' in (await readCatalogue(db));
      if (hasUsers) await addUser('ann');
      await migrate();
      expect(await readCatalogue(db)).toEqual(newest);
      await expectDone(site);
      expect((await db.query('SELECT username FROM auth_user')).length).toBe(hasUsers ? 1 : 0);
    });
  });

  it('goes back as far as is wanted, and Django goes forward from there', async () => {
    await migrate();
    await addUser('ann');
    await migrate('auth', '0006');
    await migrate('sessions', 'zero');
    const site = djangoSite(db);
    expect(await site.manage('migrate')).toContain('  Applying auth.0007_alter_validators_add_error_messages... OK\n');
    expect(await readCatalogue(db)).toEqual(newest);
    expect((await run('migrate', '--check')).exitCode).toBe(0);
    await migrate('contenttypes', '0001');
    await site.manage('migrate', '-v0');
    await expectDone(site);
    await site.manage('migrate', 'auth', '0001', '-v0');
    await site.manage('migrate', 'admin', 'zero', '-v0');
    await migrate();
    await expectDone(site);
    expect((await db.query('SELECT username FROM auth_user')).length).toBe(1);
    expect((await run('check')).stdout).toBe('System check identified no issues (0 silenced).\n');
  });

  it('makes the tables of a user model of its own so that Django finds nothing to do', async () => {
    const cwd = join(import.meta.dirname, '../../examples/members');
    const result = await manage(['migrate', '-v0'], { db, env, cwd });
    expect(result).toMatchObject({ exitCode: 0, stderr: '' });
    const site = djangoSite(db, { userModel: 'members.Member' });
    await site.manage('makemigrations', 'members', '-v0');
    await expectDone(site);
    const counts = await site.evaluate(`
from django.contrib.auth.models import Group, Permission
from django.contrib.auth import get_user_model
member = get_user_model().objects.create_user("a@example.com", "A", "p")
member.groups.add(Group.objects.create(name="g"))
member.user_permissions.add(*Permission.objects.filter(content_type__app_label="members"))
member.refresh_from_db()
result = [member.groups.count(), member.user_permissions.count(), member.has_perm("members.view_member")]
`);
    expect(counts).toEqual([1, 4, true]);
    expect((await manage(['check'], { db, env, cwd })).stdout).toBe(
      'System check identified no issues (0 silenced).\n',
    );
  });
});
