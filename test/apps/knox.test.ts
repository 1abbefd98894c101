import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { forEachEngine } from '../helpers/databases.js';
import { days, useAppsSite } from './site.js';
import { spelledFor } from './tables.js';

forEachEngine((engine) => {
  const site = useAppsSite(engine);

  test.each([
    [25, 15, (token: string) => Buffer.from(token)],
    [8, 8, (token: string) => Buffer.from(token, 'hex')],
  ] as const)(
    'a token of knox is kept as the version with a key of %i characters keeps it',
    async (length, shown, bytes) => {
      await site.db.query(
        spelledFor(
          site.db,
          `CREATE TABLE knox_authtoken (digest varchar(128) PRIMARY KEY, token_key varchar(${length}), user_id integer, created timestamp with time zone, expiry timestamp with time zone)`,
        ),
      );
      const { json } = await site.run(['createtoken', 'alice', '--kind', 'knox', '--age', '60', '--json']);
      expect(json.token).toMatch(/^[0-9a-f]{64}$/);
      expect(await site.db.query('SELECT digest, token_key, user_id FROM knox_authtoken')).toEqual([
        {
          digest: createHash('sha512').update(bytes(json.token)).digest('hex'),
          token_key: json.token.slice(0, shown),
          user_id: 1,
        },
      ]);
      const decoded = await site.run(['decode_token', json.token, '--json']);
      expect(decoded.json).toMatchObject({
        kind: 'knox',
        accepted: true,
        user: { username: 'alice' },
        expires: '2026-11-26T12:01:00+00:00',
      });
      const { stdout } = await site.run(['credentials', 'alice', '--json']);
      expect(stdout).not.toContain(json.token.slice(0, 15));
      await site.run(['revoketokens', '--kind', 'knox', '--no-input']);
      expect(await site.db.count('knox_authtoken')).toBe(0);
    },
  );

  test('rows are over in every range of keys, those without a key too', async () => {
    const columns = 'token_key varchar(25), user_id integer, created timestamp with time zone';
    await site.db.query(
      spelledFor(
        site.db,
        `CREATE TABLE knox_authtoken (digest varchar(128), ${columns}, expiry timestamp with time zone)`,
      ),
    );
    const digits = `(${[...'0123456789'].map((digit) => `SELECT '${digit}' AS x`).join(' UNION ALL ')})`;
    await site.db.query(
      `INSERT INTO knox_authtoken (digest, expiry) SELECT concat_(a.x, b.x, c.x, d.x), ? FROM ${digits} a, ${digits} b, ${digits} c, ${digits} d`.replace(
        /concat_\((.*?)\)/,
        engine === 'mariadb' ? 'concat($1)' : 'a.x || b.x || c.x || d.x',
      ),
      [days(-1)].map((text) => (engine === 'postgres' ? text : text.slice(0, 19))),
    );
    for (const digest of [null, null, 'z']) {
      await site.db.add('knox_authtoken', { digest, expiry: digest === null ? days(-1) : days(1) });
    }
    const { json, stderr } = await site.run(['prune', '--only', 'knox', '--json']);
    if (engine === 'mariadb') {
      // Rows have no other address there than their key.
      expect(JSON.parse(stderr).error.code).toBe('no_primary_key');
      return;
    }
    expect(json.parts).toEqual([{ part: 'knox', table: 'knox_authtoken', rows: 10_002 }]);
    expect(await site.db.query('SELECT digest FROM knox_authtoken')).toEqual([{ digest: 'z' }]);
  });
});
