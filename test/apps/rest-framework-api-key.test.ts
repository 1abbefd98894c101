import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { forEachEngine } from '../helpers/databases.js';
import { useAppsSite } from './site.js';

forEachEngine((engine) => {
  const site = useAppsSite(engine);

  test('an API key is nobody’s, recognised by its text, and revoked for ever', async () => {
    const key = `abcdefgh.${'x'.repeat(32)}`;
    const hashed = `sha512$$${createHash('sha512').update(key).digest('hex')}`;
    await site.db.add('rest_framework_api_key_apikey', {
      id: `abcdefgh.${hashed.slice(0, 100)}`,
      prefix: 'abcdefgh',
      hashed_key: hashed,
      created: '2026-01-01 00:00:00+00:00',
      name: 'backup',
      revoked: false,
    });
    const decoded = await site.run(['decode_token', key, '--json']);
    expect(decoded.json).toMatchObject({ kind: 'api_key', accepted: true, user: null });
    await site.run(['revoketokens', '--kind', 'api_key', '--no-input']);
    expect((await site.run(['decode_token', key, '--json'])).json).toMatchObject({
      accepted: false,
      reasons: ['It is revoked.'],
    });
  });
});
