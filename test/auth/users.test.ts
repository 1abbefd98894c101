import { expect, test } from 'vitest';
import { createUser, findUser, storePasswordHash, updateUser } from '../../src/auth/accounts/users.js';
import { makePassword } from '../../src/auth/passwords/hashers.js';
import type { Row } from '../../src/db/write/rows.js';
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

  test('stores no value that its field cannot have', async () => {
    const { connection } = await open(engine, { from: 'sample' });
    const pk = await createUser(connection, { values: { username: 'ada', is_staff: 'false' }, password: '!' }, { now });
    const wrong = {
      is_staff: 'x',
      is_active: null,
      last_login: 'soon',
      email: `${'x'.repeat(260)}@b.c`,
      username: 'a\0b',
      first_name: 'x'.repeat(151),
    };
    for (const [field, value] of Object.entries(wrong)) {
      const refusal = { code: 'bad_value', message: expect.stringContaining(`'${field}'`) };
      await expect(updateUser(connection, pk, { changes: { last_name: 'L', [field]: value } })).rejects.toMatchObject(
        refusal,
      );
      const values = { username: 'bob', [field]: value };
      await expect(createUser(connection, { values, password: '!' }, { now })).rejects.toMatchObject(refusal);
    }
    // Programs without types give these.
    const untyped = { none: { first_name: undefined }, object: { first_name: { a: 1 } } } as unknown as {
      readonly [name in 'none' | 'object']: Row;
    };
    await updateUser(connection, pk, { changes: untyped.none });
    await expect(updateUser(connection, pk, { changes: untyped.object })).rejects.toMatchObject({ code: 'bad_value' });
    await createUser(connection, { values: { username: 'eve', ...untyped.none }, password: '!' }, { now });
    for (const name of ['ada', 'eve']) {
      expect(await findUser(connection, name)).toMatchObject({
        first_name: '',
        last_name: '',
        is_staff: false,
        last_login: null,
      });
    }
    const changes = {
      is_staff: 1,
      username: 'ada l',
      email: 'nobody',
      last_login: '2026-01-02 03:04:05.000006Z',
      last_name: '',
    };
    await updateUser(connection, pk, { changes });
    expect(await findUser(connection, 'ada l')).toMatchObject({
      is_staff: true,
      email: 'nobody',
      last_login: '2026-01-02T03:04:05.000006+00:00',
    });
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
