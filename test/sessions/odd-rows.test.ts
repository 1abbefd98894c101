import { expect, test } from 'vitest';
import { createDatabase, type Engine, forEachEngine } from '../helpers/databases.js';
import { manage } from '../helpers/manage.js';
import { addSessions, createSite, keysOf, loginData, now, secretKey } from './site.js';

const odd: Record<Engine, string[]> = {
  sqlite: ['', 'garbage', '12345', '2020-13-45 99:99:99', '10000-01-01 00:00:00'],
  postgres: ['infinity', '-infinity', '0044-03-15 00:00:00+00 BC', '10000-01-01 00:00:00+00'],
  mariadb: ['0000-00-00 00:00:00'],
};
const env = { SECRET_KEY: secretKey };

forEachEngine((engine) => {
  test.each(odd[engine])('a session that ends at %j stops nothing', async (expires) => {
    const db = await createSite(engine);
    try {
      const data = await loginData(db, 'user.01@+-_');
      await addSessions(db, [
        { key: 'a'.repeat(32), data },
        { key: 'b'.repeat(32), data },
      ]);
      await db.query('UPDATE django_session SET expire_date = ? WHERE session_key = ?', [expires, 'a'.repeat(32)]);
      const run = (...args: string[]) => manage(args, { db, env, now });
      const listed = await run('listsessions');
      expect(listed).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^aaaaaaaa .* unreadable date .*$/m) });
      const { json } = await run('listsessions', '--json');
      expect(json.sessions.map((session: { expires: string | null }) => session.expires === null)).toEqual([
        true,
        false,
      ]);
      expect((await run('sessionstats', '--json')).json).toMatchObject({ total: 2, users: 1 });
      const decoded = await run('decode_session', 'a'.repeat(32));
      expect(decoded).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('unreadable date') });
      const revoked = await run('revokesessions', '--user', 'user.01@+-_', '--no-input');
      expect({ exitCode: revoked.exitCode, stderr: revoked.stderr }).toEqual({ exitCode: 0, stderr: '' });
      expect(await keysOf(db)).toEqual([]);
    } finally {
      await db.drop();
    }
  });

  test('names make no lines, colours or directions of their own', async () => {
    const db = await createDatabase(engine, { from: 'sample' });
    try {
      await db.query('DELETE FROM django_session');
      const data = await loginData(db, 'user.01@+-_');
      await addSessions(db, [
        { key: 'a\n\x1b[31m\u202eb', data },
        { key: 'c'.repeat(32), data },
      ]);
      const name = 'evil\nroot  99\x1b[31m\u202e';
      await db.query('UPDATE auth_user SET username = ? WHERE username = ?', [name, 'user.01@+-_']);
      const shown = 'evil\\x0aroot  99\\x1b[31m\\u202e';
      const run = async (...args: string[]) => (await manage(args, { db, env, now })).stdout;
      const [stats, list, report, who] = [
        await run('sessionstats'),
        await run('listsessions', '--show-keys'),
        await run('decode_session', 'c'.repeat(32)),
        await run('print_user_for_session', 'c'.repeat(32)),
      ];
      for (const text of [stats, list, report, who]) {
        expect(text).toContain(shown);
        expect(text).not.toMatch(/\x1b|\u202e/);
      }
      expect(list).toContain('a\\x0a\\x1b[31m\\u202eb');
      expect(list.match(/^root/m)).toBeNull();
    } finally {
      await db.drop();
    }
  });
});
