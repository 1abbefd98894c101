import { afterEach, expect, test } from 'vitest';
import { encodeSession } from '../../src/sessions/codec/codec.js';
import { forEachEngine, type TestDatabase } from '../helpers/databases.js';
import { manage, runManage } from '../helpers/manage.js';
import { createSite, databaseTime, loginData, secretKey } from '../sessions/site.js';
import { readVectors } from '../sessions/vectors.js';

const { valid } = readVectors<{ readonly valid: readonly { readonly encoded: string }[] }>('sessions.json');

forEachEngine((engine) => {
  const databases: TestDatabase[] = [];
  afterEach(async () => {
    for (const database of databases.splice(0)) await database.drop();
  });

  // The built program reads many sessions in two threads, the source in one.
  test('two threads find what one finds', async () => {
    const db = await createSite(engine);
    databases.push(db);
    const [alice, bob] = [await loginData(db, 'user.01@+-_'), await loginData(db, 'user.05@+-_')];
    const kinds = [
      encodeSession(alice, { secretKey }),
      encodeSession({ ...alice, cart: 'x'.repeat(3000) }, { secretKey: 'old' }),
      encodeSession(bob, { secretKey: 'unknown' }),
      encodeSession({ n: 1 }, { secretKey }),
      'garbage',
      ...valid.map(({ encoded }) => encoded),
    ];
    const soon = new Date(Date.now() + 86_400_000);
    for (let start = 0; start < 5500; start += 500) {
      const some = Array.from({ length: 500 }, (_, index) => start + index);
      await db.query(
        `INSERT INTO django_session (session_key, session_data, expire_date) VALUES ${some.map(() => '(?, ?, ?)').join(', ')}`,
        some.flatMap((n) => [`key${n}`, kinds[n % kinds.length], databaseTime(db, soon)]),
      );
    }
    const env = { SECRET_KEY: secretKey, SECRET_KEY_FALLBACKS: 'old' };
    for (const args of [
      ['sessionstats'],
      ['listsessions', '--user', 'user.01@+-_', '--show-keys'],
      ['revokesessions', '--user', 'user.05@+-_', '--dry-run'],
    ]) {
      const built = await runManage([...args, '--json'], { db, env });
      expect(built.exitCode).toBe(0);
      expect(built.json).toEqual((await manage([...args, '--json'], { db, env })).json);
    }
    const revoked = await runManage(['revokesessions', '--user', 'user.01@+-_', '--no-input', '--json'], { db, env });
    const expected = Array.from({ length: 5500 }, (_, n) => n % kinds.length).filter((kind) => kind < 2).length;
    expect(revoked.json).toEqual({ revoked: expected, doubtful: 0 });
  });
});
