import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createDatabase, forEachEngine } from '../helpers/databases.js';
import { djangoSite } from '../helpers/django.js';
import { manage } from '../helpers/manage.js';

forEachEngine((engine) => {
  it("writes a site's models as a config that fits its database", async () => {
    const db = await createDatabase(engine);
    const DJANGO_APPS = 'tools django.contrib.sites django.contrib.flatpages django.contrib.redirects';
    const site = djangoSite(db, { env: { DJANGO_APPS } });
    const folder = join(site.folder, 'tools/management/commands');
    mkdirSync(folder, { recursive: true });
    for (const each of ['tools', 'tools/management', 'tools/management/commands'])
      writeFileSync(join(site.folder, each, '__init__.py'), '');
    cpSync(join(import.meta.dirname, '../../docs/manage_config.py'), join(folder, 'manage_config.py'));
    await site.manage('migrate', '-v0');
    const config = JSON.parse(await site.manage('manage_config'));
    expect(config).toMatchObject({ userModel: 'auth.User', useTz: true, timeZone: 'UTC' });
    const { json } = await manage(['check', '--json', '--tag', 'schema'], { db, config });
    expect(json.findings.filter(({ level }: { level: string }) => level === 'ERROR')).toEqual([]);
    const before = await db.query('SELECT * FROM django_content_type ORDER BY id');
    expect((await manage(['migrate', '-v0'], { db, config })).exitCode).toBe(0);
    expect(await db.query('SELECT * FROM django_content_type ORDER BY id')).toEqual(before);
    expect((await manage(['remove_stale_contenttypes', '--dry-run', '--json'], { db, config })).json.stale).toEqual([]);
    await db.drop();
  });
});
