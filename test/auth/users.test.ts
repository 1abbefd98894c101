import { expect, test } from 'vitest';
import { createUser, findUser, storePasswordHash, updateUser } from '../../src/auth/accounts/users.js';
import { makePassword } from '../../src/auth/passwords/hashers.js';
import { useConnections } from '../helpers/connections.js';
import { forEachEngine } from '../helpers/databases.js';

const now = new Date('2026-11-21T08:00:00Z');
const refusal = { code: 'bad_password_hash', message: 'The password to store is not a known password hash.' };

forEachEngine((engine) => {
  const open = useConnections();

  test.each(['hunter2', '!hunter2', 'pbkdf2_sha256$hunter2', ''])('never stores the plain text "%s"', async (text) => {
    const { connection } = await open(engine, { from: 'sample' });
    const password = await makePassword('Nfe2RePun70C', { hasher: 'md5' });
    const pk = await createUser(connection, { values: { username: 'ada' }, password }, { now });
    await expect(storePasswordHash(connection, pk, text)).rejects.toMatchObject(refusal);
    await expect(
      createUser(connection, { values: { username: 'bob' }, password: text }, { now }),
    ).rejects.toMatchObject(refusal);
    expect(await findUser(connection, 'ada')).toMatchObject({ password });
    expect(await findUser(connection, 'bob')).toBeUndefined();
  });

  test('stores hashes, and unusable passwords', async () => {
    const { connection } = await open(engine, { from: 'sample' });
    const unusable = await makePassword(null);
    const pk = await createUser(connection, { values: { username: 'ada' }, password: unusable }, { now });
    for (const password of [await makePassword('Nfe2RePun70C', { hasher: 'argon2' }), unusable, '!']) {
      await storePasswordHash(connection, pk, password);
      expect(await findUser(connection, 'ada')).toMatchObject({ password });
    }
    await expect(updateUser(connection, pk, { changes: { password: null } })).rejects.toMatchObject(refusal);
  });
});
