import { expect, it } from 'vitest';
import { createDatabase, forEachEngine, type TestDatabase } from '../helpers/databases.js';
import { type DjangoSite, djangoSite } from '../helpers/django.js';
import { kinFixture } from '../helpers/kin.js';
import { manage } from '../helpers/manage.js';
import { addConfigCommand, dumps } from './manage-config.js';

const types = 'SELECT * FROM django_content_type ORDER BY id';
const permissions = 'SELECT * FROM auth_permission ORDER BY id';

async function configOf(site: DjangoSite) {
  addConfigCommand(site.folder);
  return JSON.parse(await site.manage('manage_config'));
}

async function expectSameDumps(db: TestDatabase, site: DjangoSite, config: object) {
  for (const args of dumps) {
    // XML has all digits on both sides.
    const precision = args.includes('--format' as never) ? [] : ['--precision', 'milliseconds'];
    const { stdout } = await manage([...args, ...precision], { db, config });
    expect(stdout).toBe(await site.manage(...args));
  }
}

forEachEngine((engine) => {
  it("writes a site's models, with proxies and what inherits, as a config that fits its database", async () => {
    const db = await createDatabase(engine);
    const DJANGO_APPS = 'tools kin django.contrib.sites django.contrib.flatpages django.contrib.redirects';
    const site = djangoSite(db, { env: { DJANGO_APPS } });
    addConfigCommand(site.folder);
    await site.manage('makemigrations', 'kin', '-v0');
    await site.manage('migrate', '-v0');
    const config = await configOf(site);
    expect(config).toMatchObject({ userModel: 'auth.User', useTz: true, timeZone: 'UTC' });
    const { json } = await manage(['check', '--json', '--tag', 'schema'], { db, config });
    expect(json.findings.filter(({ level }: { level: string }) => level === 'ERROR')).toEqual([]);

    const stdin = JSON.stringify(kinFixture);
    const loaded = await manage(['loaddata', '-', '--format', 'json'], { db, config, stdin });
    expect(loaded).toMatchObject({ exitCode: 0, stderr: '' });
    await expectSameDumps(db, site, config);

    const before = await db.query(types);
    expect((await manage(['migrate', '-v0'], { db, config })).exitCode).toBe(0);
    expect(await db.query(types)).toEqual(before);
    expect((await manage(['remove_stale_contenttypes', '--dry-run', '--json'], { db, config })).json.stale).toEqual([]);

    // Both make all of them anew, in the same order.
    await manage(['flush', '--no-input', '-v0'], { db, config });
    const made = [await db.query(types), await db.query(permissions)];
    await site.manage('flush', '--no-input', '-v0');
    expect(made).toEqual([await db.query(types), await db.query(permissions)]);
    await db.drop();
  });

  it('writes a user model of its own, with columns that the database fills and computes', async () => {
    const db = await createDatabase(engine);
    const site = djangoSite(db, { userModel: 'people.Account', env: { DJANGO_APPS: 'tools' } });
    addConfigCommand(site.folder);
    await site.manage('makemigrations', 'people', '-v0');
    await site.manage('migrate', '-v0');
    await site.evaluate(
      'from people.models import *\n' +
        "for name in ('Ada', 'bob'): Note.objects.create(text='x', owner=Account.objects.create_user(f'{name}@example.com', None, company=Company.objects.get_or_create(name='ACME')[0]))",
    );
    const config = await configOf(site);
    expect(config).toMatchObject({ userModel: 'people.Account' });
    await expectSameDumps(db, site, config);
    for (const settings of [config, { apps: 'introspect' as const }]) {
      const { json } = await manage(['check', '--json', '--tag', 'schema'], { db, config: settings });
      expect(json.findings).toEqual([]);
      const email = `${settings === config ? 'cleo' : 'dan'}@example.com`;
      // Without a password, since hashes take their time.
      const created = await manage(['createuser', '--email', email, '--no-input'], { db, config: settings });
      expect(created.exitCode).toBe(0);
      const seen = await site.evaluate(
        'from people.models import *\n' +
          `who = Account.objects.get(email='${email}')\n` +
          'result = [who.display_name, who.bio, who.is_active, who.is_staff, who.is_verified, who.wants_mail, who.level, who.lower_email]',
      );
      expect(seen).toEqual(['', '', true, false, false, null, 5, email]);
    }
    // Django's own fixtures have what is computed.
    const fixture = await site.manage('dumpdata', 'people', 'auth.group');
    const loaded = await manage(['loaddata', '-', '--format', 'json'], { db, config, stdin: fixture });
    expect(loaded).toMatchObject({ exitCode: 0 });
    expect(await site.manage('dumpdata', 'people', 'auth.group')).toBe(fixture);
    await db.drop();
  });
});
