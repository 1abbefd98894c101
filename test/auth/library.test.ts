import { expect, test } from 'vitest';
import {
  addToGroups,
  changePassword,
  checkPassword,
  createGroup,
  createUser,
  deleteGroup,
  findGroup,
  findPermissions,
  findUser,
  findUserByEmail,
  findUserByKey,
  grantPermissions,
  hasPerm,
  identifyHasher,
  makePassword,
  permissionsOf,
  removeFromGroups,
  renameGroup,
  revokePermissions,
  setActive,
  setPassword,
  touchLastLogin,
  transaction,
  updateUser,
  verifyPassword,
} from '../../src/index.js';
import { useConnections } from '../helpers/connections.js';
import { type Engine, forEachEngine } from '../helpers/databases.js';

const open = useConnections();
const quick = { hasher: 'md5' };

forEachEngine((engine) => {
  const site = async () => {
    const { connection, database } = await open(engine, { from: 'sample' });
    const password = await makePassword('Nfe2RePun70C', quick);
    const pk = await createUser(connection, { values: { username: 'ada', email: 'ada@example.org' }, password });
    return { connection, database, pk };
  };
  const hashOf = async (connection: Parameters<typeof findUser>[0]) =>
    String((await findUser(connection, 'ada'))?.password);

  test('a user is found by name, key and address', async () => {
    const { connection, pk } = await site();
    const ada = await findUser(connection, 'ada');
    expect(ada).toMatchObject({ pk, id: pk, username: 'ada', email: 'ada@example.org' });
    expect(await findUserByKey(connection, pk)).toEqual(ada);
    expect(await findUserByKey(connection, String(pk))).toEqual(ada);
    expect(await findUserByEmail(connection, 'ada@example.org')).toEqual(ada);
    expect(await findUser(connection, 'ada', { fields: ['email'] })).toEqual({ pk, id: pk, email: 'ada@example.org' });
    for (const key of ['nobody', '', '1e3', '99999999999999999999', 'nul\0', 4711])
      expect(await findUserByKey(connection, key)).toBeUndefined();
    for (const name of ['nobody', 'nul\0']) expect(await findUser(connection, name)).toBeUndefined();
    // Capital letters make a difference where the database says so.
    const alike: Record<Engine, unknown> = { sqlite: undefined, postgres: undefined, mariadb: ada };
    expect(await findUser(connection, 'Ada')).toEqual(alike[engine]);
    expect(await findUserByEmail(connection, 'nobody@example.org')).toBeUndefined();
    const twin = { values: { username: 'twin', email: 'ada@example.org' }, password: '!' };
    await createUser(connection, twin);
    await expect(findUserByEmail(connection, 'ada@example.org')).rejects.toMatchObject({ code: 'ambiguous_user' });
  });

  test('a password is validated, hashed and stored, of a user or a key', async () => {
    const { connection, pk } = await site();
    const before = await hashOf(connection);
    await expect(setPassword(connection, pk, 'ada', quick)).rejects.toMatchObject({
      code: 'weak_password',
      message: expect.stringMatching(/^The password is too similar to the username\. This password is too short\./),
    });
    expect(await hashOf(connection)).toBe(before);
    const ada = (await findUser(connection, 'ada')) ?? null;
    await setPassword(connection, ada, 'correct horse battery', quick);
    expect(await checkPassword('correct horse battery', await hashOf(connection))).toBe(true);
    await setPassword(connection, ada, 'ada', { ...quick, validators: [] });
    expect(await checkPassword('ada', await hashOf(connection))).toBe(true);
    await setPassword(connection, pk, null);
    expect(await hashOf(connection)).toMatch(/^!.{40}$/);
    await expect(setPassword(connection, 4711, 'correct horse battery')).rejects.toMatchObject({
      code: 'user_not_found',
    });
  });

  test('a right password whose hash is outdated is hashed again, a wrong one is not', async () => {
    const { connection, pk } = await site();
    const before = await hashOf(connection);
    expect(await verifyPassword(connection, pk, 'wrong', { hasher: 'argon2' })).toBe(false);
    expect(await hashOf(connection)).toBe(before);
    expect(await verifyPassword(connection, pk, 'Nfe2RePun70C', { hasher: 'argon2' })).toBe(true);
    const after = await hashOf(connection);
    expect(identifyHasher(after)).toBe('argon2');
    expect(await verifyPassword(connection, pk, 'Nfe2RePun70C', { hasher: 'argon2' })).toBe(true);
    expect(await hashOf(connection)).toBe(after);
    expect(await verifyPassword(connection, undefined, 'Nfe2RePun70C', quick)).toBe(false);
    expect(await verifyPassword(connection, 4711, 'Nfe2RePun70C', quick)).toBe(false);
  });

  test('who knows the old password may have a new one', async () => {
    const { connection, pk } = await site();
    const before = await hashOf(connection);
    const change = (from: string, to: string) => changePassword(connection, pk, from, to, quick);
    await expect(change('wrong', 'correct horse battery')).rejects.toMatchObject({ code: 'wrong_password' });
    await expect(change('Nfe2RePun70C', '1234')).rejects.toMatchObject({ code: 'weak_password' });
    expect(await hashOf(connection)).toBe(before);
    await change('Nfe2RePun70C', 'correct horse battery');
    expect(await checkPassword('correct horse battery', await hashOf(connection))).toBe(true);
  });

  test('a login is noted', async () => {
    const { connection, pk } = await site();
    await touchLastLogin(connection, pk, { now: new Date('2026-11-21T12:00:00.5Z') });
    expect(await findUser(connection, 'ada')).toMatchObject({ last_login: '2026-11-21T12:00:00.500000+00:00' });
    await expect(touchLastLogin(connection, 4711)).rejects.toMatchObject({ code: 'user_not_found' });
  });

  test('groups are made, found, renamed and deleted', async () => {
    const { connection, pk } = await site();
    const permissions = await findPermissions(connection, ['auth.add_user']);
    const writers = await createGroup(connection, 'Writers', { permissions });
    expect(await findGroup(connection, 'Writers')).toEqual(writers);
    await expect(createGroup(connection, 'Writers')).rejects.toMatchObject({ code: 'group_exists' });
    await addToGroups(connection, pk, ['Writers']);
    await createGroup(connection, 'Others');
    await expect(renameGroup(connection, writers, 'Others')).rejects.toMatchObject({ code: 'group_exists' });
    await renameGroup(connection, writers, 'Authors');
    expect(await findGroup(connection, 'Authors')).toEqual({ pk: writers.pk, name: 'Authors' });
    expect(await hasPerm(connection, pk, 'auth.add_user')).toBe(true);
    await deleteGroup(connection, { pk: writers.pk, name: 'Authors' });
    expect(await findGroup(connection, 'Authors')).toBeUndefined();
    expect(await hasPerm(connection, pk, 'auth.add_user')).toBe(false);
    expect(await findUserByKey(connection, pk)).toBeDefined();
    await expect(addToGroups(connection, pk, ['Authors'])).rejects.toMatchObject({ code: 'group_not_found' });
    const unknown = grantPermissions(connection, { user: pk }, ['auth.fly_user']);
    await expect(unknown).rejects.toMatchObject({ code: 'permission_not_found' });
  });

  test('what a user may do is the user’s own, and what groups permit', async () => {
    const { connection, pk } = await site();
    await createGroup(connection, 'Writers');
    await grantPermissions(connection, { group: 'Writers' }, ['auth.view_user']);
    expect(await grantPermissions(connection, { user: pk }, ['auth.add_user', 'auth.view_group'])).toEqual([
      'auth.add_user',
      'auth.view_group',
    ]);
    expect(await grantPermissions(connection, { user: pk }, ['auth.add_user', 'auth.add_user'])).toEqual([]);
    expect(await addToGroups(connection, pk, ['Writers'])).toEqual(['Writers']);
    expect(await addToGroups(connection, pk, ['Writers'])).toEqual([]);
    expect(await grantPermissions(connection, { group: 'Writers' }, ['auth.view_user', 'auth.add_group'])).toEqual([
      'auth.add_group',
    ]);
    const all = ['auth.add_group', 'auth.add_user', 'auth.view_group', 'auth.view_user'];
    expect([...(await permissionsOf(connection, pk))].sort()).toEqual(all);
    for (const name of all) expect(await hasPerm(connection, pk, name)).toBe(true);
    for (const name of ['auth.delete_user', 'auth', '', 'AUTH.add_user', 'auth.add_user.x', 'a\0.b'])
      expect(await hasPerm(connection, pk, name)).toBe(false);
    expect(await revokePermissions(connection, { user: pk }, ['auth.add_user', 'auth.view_user'])).toEqual([
      'auth.add_user',
    ]);
    expect(await revokePermissions(connection, { group: 'Writers' }, ['auth.add_group'])).toEqual(['auth.add_group']);
    expect([...(await permissionsOf(connection, pk))].sort()).toEqual(['auth.view_group', 'auth.view_user']);
    expect(await removeFromGroups(connection, pk, ['Writers'])).toEqual(['Writers']);
    expect([...(await permissionsOf(connection, pk))]).toEqual(['auth.view_group']);
    await expect(grantPermissions(connection, { user: 4711 }, [])).rejects.toMatchObject({ code: 'user_not_found' });
  });

  test('a superuser may do everything, and who is not active nothing', async () => {
    const { connection, pk } = await site();
    await updateUser(connection, pk, { changes: { is_superuser: true } });
    expect(await hasPerm(connection, pk, 'no.such')).toBe(true);
    const [row] = await connection.db('auth_permission').count({ count: '*' });
    expect((await permissionsOf(connection, pk)).size).toBe(Number(row?.count));
    await setActive(connection, ['ada'], false, { force: true });
    expect(await hasPerm(connection, pk, 'auth.add_user')).toBe(false);
    expect(await permissionsOf(connection, pk)).toEqual(new Set());
    expect(await permissionsOf(connection, 4711)).toEqual(new Set());
  });

  test('all of it goes back together', async () => {
    const { connection, pk } = await site();
    const before = await hashOf(connection);
    const work = transaction(connection, async (bound) => {
      await setPassword(bound, pk, 'correct horse battery', quick);
      await createGroup(bound, 'Writers');
      await grantPermissions(bound, { group: 'Writers' }, ['auth.add_user']);
      await expect(createGroup(bound, 'Writers')).rejects.toMatchObject({ code: 'group_exists' });
      await addToGroups(bound, pk, ['Writers']);
      await updateUser(bound, pk, { changes: { first_name: 'Ada' } });
      const taken = createUser(bound, { values: { username: 'ada' }, password: '!' });
      await expect(taken).rejects.toMatchObject({ code: 'username_taken' });
      expect(await hasPerm(bound, pk, 'auth.add_user')).toBe(true);
      throw new Error('back');
    });
    await expect(work).rejects.toThrow('back');
    expect(await hashOf(connection)).toBe(before);
    expect(await findGroup(connection, 'Writers')).toBeUndefined();
    expect(await findUser(connection, 'ada')).toMatchObject({ first_name: '' });
  });
});
