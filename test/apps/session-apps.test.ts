import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadKnownApps } from '../../src/apps/load.js';
import { forEachEngine } from '../helpers/databases.js';
import { manage } from '../helpers/manage.js';
import { type AppsSite, createAppsSite, now, secretKey } from './site.js';
import { addTables } from './tables.js';

const env = { SECRET_KEY: secretKey };

forEachEngine((engine) => {
  let db: AppsSite;
  const run = (args: readonly string[]) => manage(args, { db, env, now });
  beforeEach(async () => {
    db = await createAppsSite(engine);
  });
  afterEach(() => db.drop());

  test('sessions that have a column for their user are found and ended by it', async () => {
    const own = (await loadKnownApps()).filter(({ app }) => ['user_sessions', 'qsessions'].includes(app.label));
    await addTables(db, own);
    const row = {
      session_key: 'k'.repeat(32),
      session_data: 'secret',
      expire_date: '2026-12-01 00:00:00+00:00',
      ip: '203.0.113.7',
      user_agent: 'Firefox',
    };
    await db.add('user_sessions_session', { ...row, user_id: 1, last_activity: '2026-11-25 00:00:00+00:00' });
    await db.add('qsessions_session', { ...row, user_id: 2, updated_at: '2026-11-25 00:00:00+00:00' });
    const { json } = await run(['credentials', 'alice', '--json']);
    expect(json.credentials).toContainEqual(
      expect.objectContaining({
        kind: 'session',
        group: 'session',
        live: true,
        app: 'user_sessions',
        lastUsed: '2026-11-25T00:00:00+00:00',
      }),
    );
    await run(['offboard', 'alice', '--no-input']);
    expect([await db.count('user_sessions_session'), await db.count('qsessions_session')]).toEqual([0, 1]);
  });
});
