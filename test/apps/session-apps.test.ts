import { expect, test } from 'vitest';
import { loadKnownApps } from '../../src/apps/load.js';
import { forEachEngine } from '../helpers/databases.js';
import { useAppsSite } from './site.js';
import { addTables } from './tables.js';

forEachEngine((engine) => {
  const site = useAppsSite(engine);

  test('sessions that have a column for their user are found and ended by it', async () => {
    const own = (await loadKnownApps()).filter(({ app }) => ['user_sessions', 'qsessions'].includes(app.label));
    await addTables(site.db, own);
    const row = {
      session_key: 'k'.repeat(32),
      session_data: 'secret',
      expire_date: '2026-12-01 00:00:00+00:00',
      ip: '203.0.113.7',
      user_agent: 'Firefox',
    };
    await site.db.add('user_sessions_session', { ...row, user_id: 1, last_activity: '2026-11-25 00:00:00+00:00' });
    await site.db.add('qsessions_session', { ...row, user_id: 2, updated_at: '2026-11-25 00:00:00+00:00' });
    const { json } = await site.run(['credentials', 'alice', '--json']);
    expect(json.credentials).toContainEqual(
      expect.objectContaining({
        kind: 'session',
        group: 'session',
        live: true,
        app: 'user_sessions',
        lastUsed: '2026-11-25T00:00:00+00:00',
      }),
    );
    await site.run(['offboard', 'alice', '--no-input']);
    expect([await site.db.count('user_sessions_session'), await site.db.count('qsessions_session')]).toEqual([0, 1]);
  });
});
