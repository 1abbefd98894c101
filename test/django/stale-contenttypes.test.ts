import { expect, it } from 'vitest';
import { createDatabase, forEachEngine } from '../helpers/databases.js';
import { djangoSite } from '../helpers/django.js';
import { manage } from '../helpers/manage.js';

/** Django's own apps whose tables are not called after them. */
const DJANGO_APPS = ['sites', 'flatpages', 'redirects'].map((app) => `django.contrib.${app}`).join(' ');

forEachEngine((engine) => {
  it("removes no content type that Django's own command would leave", async () => {
    const db = await createDatabase(engine);
    const site = djangoSite(db, { env: { DJANGO_APPS } });
    await site.manage('migrate', '-v0');
    const stale = ['auth.ghost', 'sites.ghost', 'gone.thing', 'gone.other'].map((label) => label.split('.'));
    for (const [app, model] of stale) {
      await db.query(`INSERT INTO django_content_type (app_label, model) VALUES ('${app}', '${model}')`);
    }
    const dead: string[] = await site.evaluate(`
from django.contrib.contenttypes.models import ContentType
result = sorted(f"{ct.app_label}.{ct.model}" for ct in ContentType.objects.all() if ct.model_class() is None)
`);
    expect(dead).toEqual(['auth.ghost', 'gone.other', 'gone.thing', 'sites.ghost']);
    const removed: string[] = [];
    for (const more of [['--introspect'], []]) {
      const args = ['remove_stale_contenttypes', '--include-stale-apps', '--include-granted', '--no-input', '--json'];
      const { json } = await manage([...args, ...more], { db });
      removed.push(...json.removed.map(({ app, model }: { app: string; model: string }) => `${app}.${model}`));
    }
    expect(removed.sort()).toEqual(['auth.ghost', 'gone.other', 'gone.thing']);
    await site.manage('remove_stale_contenttypes', '--include-stale-apps', '--no-input');
    expect(await db.query("SELECT model FROM django_content_type WHERE model = 'ghost'")).toEqual([]);
    await db.drop();
  });
});
