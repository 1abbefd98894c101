import { expect, it } from 'vitest';
import { createDatabase, forEachEngine } from '../helpers/databases.js';
import { manage } from '../helpers/manage.js';

forEachEngine((engine) => {
  it('finds what is not well', async () => {
    const db = await createDatabase(engine);
    await manage(['migrate', '-v0'], { db });
    const ids = async () =>
      (await manage(['doctor', '--json'], { db })).json.findings.map(({ id }: { id: string }) => id);
    expect(await ids()).toEqual(['manage.W071']);
    await manage(['createsuperuser', '--no-input', '--username=boss', '--email=a@x.org'], { db });
    await manage(['createuser', '--no-input', '--username=Boss', '--email=A@x.org'], { db });
    await db.query("INSERT INTO django_session VALUES ('k', 'd', '2020-01-01 00:00:00')");
    await db.query("UPDATE auth_user SET password = 'sha1$x$y' WHERE username = 'Boss'");
    expect(await ids()).toEqual([
      'manage.W070',
      'manage.W073',
      'manage.W075',
      'manage.W077',
      'manage.W078',
      'manage.W061',
      'manage.W062',
    ]);
    expect((await manage(['doctor', '--fail-level=WARNING'], { db })).exitCode).toBe(1);
    const { stdout, exitCode } = await manage(['doctor'], { db });
    expect(exitCode).toBe(0);
    expect(stdout).toContain('Run `manage clearsessions` every day.');
    await db.drop();
  });
});
