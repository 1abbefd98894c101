import { expect, it } from 'vitest';
import { encodeSession } from '../../src/sessions/codec/codec.js';
import { createAppsSite, days, now, secretKey } from '../apps/site.js';
import { createDatabase, forEachEngine } from '../helpers/databases.js';
import { manage } from '../helpers/manage.js';

forEachEngine((engine) => {
  it('finds what is not well', async () => {
    const db = await createDatabase(engine);
    const { stdout: nothing } = await manage(['doctor'], { db });
    expect(nothing.match(/no table 'auth_user'/g)).toHaveLength(1);
    expect(nothing).toMatch(/\. The database takes [\d.,]+ MB\.\n$/);
    await manage(['migrate', '-v0'], { db });
    if (engine === 'mariadb')
      await db.query('ALTER TABLE auth_user MODIFY username varchar(150) COLLATE utf8mb4_bin NOT NULL');
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

  it('finds what third-party apps leave behind and hold in plain text, and sessions of inactive accounts', async () => {
    const site = await createAppsSite(engine);
    const doctor = async () =>
      (await manage(['doctor', '--json'], { db: site, env: { SECRET_KEY: secretKey }, now })).json;
    const idsOf = ({ findings }: { findings: { id: string; object: string }[] }) =>
      findings.map(({ id, object }) => `${id} ${object}`);
    const added = [
      'manage.I085 authtoken_token',
      'manage.W080 django_session',
      'manage.W084 account_emailconfirmation',
    ];
    expect(idsOf(await doctor()).filter((each) => added.includes(each))).toEqual([]);
    await site.add('authtoken_token', { key: 'secret-of-alice', created: days(-9), user_id: 1 });
    await site.add('account_emailaddress', { id: 1, email: 'a@x.org', verified: false, primary: true, user_id: 1 });
    await site.add('account_emailconfirmation', {
      id: 1,
      created: days(-9),
      sent: days(-9),
      key: 'k',
      email_address_id: 1,
    });
    const data = (user: string) => encodeSession({ _auth_user_id: user }, { secretKey, now });
    for (const [key, user] of [
      ['active', '1'],
      ['inactive', '2'],
    ] as const)
      await site.add('django_session', { session_key: key, session_data: data(user), expire_date: days(1) });
    await site.query(`UPDATE auth_user SET is_active = ${engine === 'sqlite' ? 0 : 'false'} WHERE id = 2`);
    const found = await doctor();
    expect(idsOf(found)).toEqual(expect.arrayContaining(added));
    const sessions = found.findings.find(({ id }: { id: string }) => id === 'manage.W080');
    expect(sessions.message).toContain('have sessions that have not expired (1)');
    expect(JSON.stringify(found)).not.toContain('secret-of-alice');
    await site.drop();
  });

  it('finds missing indexes, logins of the future, and sequences that are behind', async () => {
    const db = await createDatabase(engine);
    expect((await manage(['doctor'], { db })).stdout).toMatch(/could not be looked at: .*\n +\S/);
    await manage(['migrate', '-v0'], { db });
    await manage(['createsuperuser', '--no-input', '--username=boss', '--email=a@x.org'], { db });
    await db.query("UPDATE auth_user SET last_login = '2990-01-01 00:00:00'");
    await db.query(`DROP INDEX django_session_expire_date_a5c62663${engine === 'mariadb' ? ' ON django_session' : ''}`);
    if (engine === 'postgres') await db.query("SELECT setval('auth_group_id_seq', 3)");
    await db.query("INSERT INTO auth_group (id, name) VALUES (7, 'staff')");
    const { findings, tables, bytes } = (await manage(['doctor', '--json'], { db })).json;
    const ids = findings.map(({ id, object }: { id: string; object: string }) => `${id} ${object}`);
    expect(ids).toContain('manage.W083 auth_user.last_login');
    expect(ids).toContain('manage.W044 django_session');
    expect(ids.includes('manage.E081 auth_group.id')).toBe(engine === 'postgres');
    expect(ids.filter((id: string) => id.startsWith('manage.E081')).length).toBe(engine === 'postgres' ? 1 : 0);
    expect(bytes).toBeGreaterThan(50_000);
    const users = tables.find(({ table }: { table: string }) => table === 'auth_user');
    expect(users).toEqual({ table: 'auth_user', rows: 1, bytes: engine === 'sqlite' ? null : expect.any(Number) });
    await db.drop();
  });
});
