import { afterEach, beforeEach, expect, it } from 'vitest';
import { createDatabase, forEachEngine, type TestDatabase } from '../helpers/databases.js';
import { djangoSite } from '../helpers/django.js';
import { manage } from '../helpers/manage.js';

forEachEngine((engine) => {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await createDatabase(engine, { from: 'sample' });
  });
  afterEach(() => db.drop());

  it('shows what Django would delete with a user', async () => {
    const site = djangoSite(db);
    const { pk, username, counts } = await site.evaluate(`
from django.contrib.auth import get_user_model
from django.contrib.admin.utils import NestedObjects
user = get_user_model().objects.order_by("pk").first()
collector = NestedObjects("default")
collector.collect([user])
counts = {model._meta.db_table: len(rows) for model, rows in collector.data.items()}
for rows in collector.fast_deletes: counts[rows.model._meta.db_table] = counts.get(rows.model._meta.db_table, 0) + rows.count()
result = {"pk": user.pk, "username": user.username, "counts": {table: count for table, count in counts.items() if count}}
`);
    expect(pk).toBeGreaterThan(0);
    const { json } = await manage(['deleteuser', username, '--dry-run', '--delete-log', '--json'], { db });
    const shown = new Map(json.tables.map(({ name, rows }: { name: string; rows: number }) => [name, rows]));
    expect(Object.entries(counts).filter(([table, rows]) => shown.get(table) !== rows)).toEqual([]);
  });

  it('writes log entries that the admin shows', async () => {
    const site = djangoSite(db);
    const username = await site.evaluate(
      'from django.contrib.auth.models import User; result = User.objects.order_by("pk").first().username',
    );
    await manage(['edituser', username, '--first-name=Äda', '--no-staff', '--actor', username], { db });
    const entry = await site.evaluate(`
from django.contrib.admin.models import LogEntry
entry = LogEntry.objects.order_by("-pk").first()
result = [entry.get_change_message(), str(entry), entry.is_change(), entry.get_admin_url(), entry.user.first_name]
`);
    expect(entry[0]).toMatch(/^Changed First name( and Staff status)?\.$/);
    expect(entry.slice(2, 3)).toEqual([true]);
    expect(entry[4]).toBe('Äda');
  });

  it('makes reset links that Django accepts', async () => {
    const site = djangoSite(db);
    const username = await site.evaluate(`
from django.conf import settings
from django.contrib.auth.models import User
user = User.objects.order_by("pk").first()
user.is_active = True; user.email = user.email or "a@example.com"; user.set_password("x"); user.save()
result = user.username
`);
    const secretKey = await site.evaluate('from django.conf import settings; result = settings.SECRET_KEY');
    const { json } = await manage(['resetlink', username, '--json'], { db, env: { SECRET_KEY: secretKey } });
    const [, uid, token] = /\/reset\/([^/]+)\/([^/]+)\/$/.exec(json.url) ?? [];
    const accepted = await site.evaluate(`
from django.contrib.auth.models import User
from django.contrib.auth.tokens import default_token_generator
from django.utils.http import urlsafe_base64_decode
user = User.objects.get(pk=urlsafe_base64_decode(${JSON.stringify(uid)}).decode())
result = [user.username, default_token_generator.check_token(user, ${JSON.stringify(token)})]
`);
    expect(accepted).toEqual([username, true]);
  });
});
