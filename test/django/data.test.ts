import { afterEach, beforeEach, expect, it } from 'vitest';
import { createDatabase, forEachEngine, type TestDatabase } from '../helpers/databases.js';
import { createDjangoDatabase, djangoSite } from '../helpers/django.js';
import { manage } from '../helpers/manage.js';

forEachEngine((engine) => {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await createDatabase(engine, { from: 'sample' });
  });
  afterEach(() => db.drop());

  it('leaves what Django itself leaves after a flush', async () => {
    const flushed = await createDjangoDatabase(engine);
    const site = djangoSite(flushed);
    await manage(['populate_db', '--users', '20', '--sessions', '0', '--no-input'], { db: flushed });
    const contents = async () => [
      await flushed.query('SELECT * FROM django_content_type ORDER BY id'),
      await flushed.query('SELECT * FROM auth_permission ORDER BY id'),
      await flushed.query('SELECT count(*) AS rows FROM auth_user'),
    ];
    await site.manage('flush', '--noinput');
    const expected = await contents();
    await manage(['populate_db', '--users', '20', '--sessions', '0', '--no-input'], { db: flushed });
    expect(await manage(['flush', '--no-input'], { db: flushed })).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await contents()).toEqual(expected);
    await flushed.drop();
  });

  it('takes the sessions and users of populate_db', async () => {
    const secretKey = 'a secret key that this test alone has';
    const site = djangoSite(db, { env: { SECRET_KEY: secretKey } });
    await db.query('DELETE FROM django_session');
    const args = ['populate_db', '--users', '40', '--sessions', '30', '--password-stdin'];
    expect((await manage(args, { db, env: { SECRET_KEY: secretKey }, stdin: 'populated pass\n' })).exitCode).toBe(0);
    const seen = await site.evaluate(`
from django.conf import settings
settings.SECRET_KEY = ${JSON.stringify(secretKey)}
from django.contrib.auth import get_user_model, authenticate
from django.contrib.sessions.models import Session
from django.contrib.admin.models import LogEntry
User = get_user_model()
sessions = [s.get_decoded() for s in Session.objects.all()]
users = {str(u.pk): u for u in User.objects.all()}
result = {
  "sessions": len(sessions),
  "good": sum(users[s["_auth_user_id"]].get_session_auth_hash() == s["_auth_user_hash"] for s in sessions),
  "login": authenticate(username=User.objects.filter(is_active=True).order_by("-pk")[0].username, password="populated pass") is not None,
  "clean": [str(e) for u in User.objects.order_by("-pk")[:40] for e in [u.full_clean(exclude=["password"])] if e],
  "entries": [str(e) for e in LogEntry.objects.order_by("-pk")[:40]] != [],
}
`);
    expect(seen).toEqual({ sessions: 30, good: 30, login: true, clean: [], entries: true });
  });

  it('finds its own apps as they were after flush auth, and nothing to migrate', async () => {
    const site = djangoSite(db);
    await db.query('UPDATE blogapp_post SET author_id = NULL');
    const rows = async () => [
      await db.query('SELECT * FROM blogapp_post ORDER BY id'),
      await db.query('SELECT * FROM blogapp_post_tags ORDER BY id'),
      await db.query('SELECT * FROM blogapp_tag ORDER BY name'),
      await db.query("SELECT * FROM django_content_type WHERE app_label = 'blogapp' ORDER BY id"),
      await db.query("SELECT * FROM auth_permission WHERE codename LIKE '%post' OR codename LIKE '%tag' ORDER BY id"),
    ];
    const blog = await rows();
    expect(blog.map(({ length }) => length > 0)).toEqual([true, true, true, true, true]);
    expect((await manage(['remove_stale_contenttypes', '--no-input'], { db })).exitCode).toBe(0);
    expect((await manage(['clear_models', 'sessions', 'admin', '--no-input'], { db })).exitCode).toBe(0);
    expect(await manage(['flush', 'auth', '--no-input'], { db })).toMatchObject({ exitCode: 0, stderr: '' });
    await site.manage('migrate', '--check');
    expect(await rows()).toEqual(blog);
    expect(await db.query('SELECT * FROM auth_user')).toEqual([]);
  });
});
