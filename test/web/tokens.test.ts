import { expect, it } from 'vitest';
import type { User } from '../../src/auth/backends/user.js';
import { createToken } from '../../src/tokens/token.js';
import { requestProblem } from '../../src/web/csrf-check.js';
import { beginRequest } from '../../src/web/request-context.js';
import { createDatabase, forEachEngine } from '../helpers/databases.js';
import { secretKey } from '../helpers/example-server.js';
import { fillSite, openTestAuth } from './site.js';

forEachEngine((engine) => {
  it('knows whose token a request has', async () => {
    const db = await createDatabase(engine);
    try {
      await fillSite(db, { ada: {}, off: { is_active: false } });
      const auth = await openTestAuth(db);
      const begin = (authorization: string) =>
        beginRequest(auth, {
          method: 'POST',
          url: '/',
          encrypted: false,
          remoteAddress: undefined,
          header: (name) => ({ authorization, host: 'here', 'sec-fetch-site': 'cross-site' })[name],
        });
      const jwt = (user_id: string, type: 'access' | 'refresh' = 'access', keys = secretKey) =>
        createToken({ user_id }, { algorithm: 'HS256', keys, type });
      const ada = await begin(`Bearer ${await jwt('1')}`);
      expect([String(ada.user), ada.auth?.kind, ada.auth?.claims?.user_id]).toEqual(['ada', 'jwt', '1']);
      expect(requestProblem(ada)).toBeUndefined();
      for (const wrong of [
        await jwt('2'),
        await jwt('9'),
        await jwt('x'),
        await jwt('1', 'refresh'),
        await jwt('1', 'access', 'k'.repeat(40)),
        'a.b.c',
      ]) {
        const nobody = await begin(`Bearer ${wrong}`);
        expect([String(nobody.user), nobody.auth]).toEqual(['AnonymousUser', null]);
        expect(requestProblem(nobody)).toBe('The request comes from another site.');
      }
      const key = 'a1'.repeat(20);
      expect((await begin(`Token ${key}`)).auth).toBeNull();
      await db.query('CREATE TABLE authtoken_token ("key" varchar(40) PRIMARY KEY, created text, user_id integer)');
      await db.query("INSERT INTO authtoken_token VALUES (?, '', ?)", [key, 1]);
      const byRow = await begin(`token ${key}`);
      expect([String(byRow.user), byRow.auth?.kind]).toEqual(['ada', 'token']);
      expect((byRow.user as User).pk).toBe(1);
      await auth.close();
    } finally {
      await db.drop();
    }
  });
});
