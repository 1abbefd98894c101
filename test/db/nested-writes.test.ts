import { expect, test } from 'vitest';
import { transaction } from '../../src/db/transactions/transaction.js';
import {
  addToGroups,
  applyAccess,
  type Connection,
  changePassword,
  clear,
  clearExpiredSessions,
  createGroup,
  createSession,
  createUser,
  cycleSession,
  deleteGroup,
  deleteSession,
  deleteUser,
  editGroup,
  editUser,
  eraseUser,
  findSessionUser,
  findStaleContentTypes,
  flush,
  grantPermissions,
  importUsers,
  loadFixtures,
  makePassword,
  mergeUsers,
  offboard,
  planClearing,
  populate,
  prune,
  removeContentTypes,
  removeFromGroups,
  renameGroup,
  requireGroup,
  revokePermissions,
  revokeSessions,
  revokeTokens,
  revokeUserSessions,
  saveSession,
  saveUser,
  setActive,
  setPassword,
  storePasswordHash,
  syncPermissions,
  touchLastLogin,
  undoMerge,
  updateUser,
  verifyPassword,
} from '../../src/index.js';
import { useConnections } from '../helpers/connections.js';
import { forEachEngine } from '../helpers/databases.js';

const open = useConnections();
const secretKey = 'a-secret-of-the-tests-of-transactions';
const now = new Date('2026-03-01T12:00:00Z');
const later = new Date('2999-01-01T00:00:00Z');
/** One that costs no time. */
const hashing = { hasher: 'md5', validators: [] };
const groupNamed = (bound: Connection, name: string) => requireGroup(bound, name);

/** All rows of all tables, as one text. */
async function contents({ db, dialect }: Connection): Promise<string> {
  const tables: [string, string[]][] = [];
  for (const table of (await dialect.tableNames(db)).toSorted()) {
    const rows: unknown[] = await db(table).select();
    tables.push([table, rows.map((row) => JSON.stringify(row)).toSorted()]);
  }
  return JSON.stringify(tables);
}

async function sessionOf(bound: Connection, pk: unknown, at = now) {
  const user = await findSessionUser(bound, String(pk));
  if (user === undefined) throw new Error('Nobody has this key.');
  return createSession(bound, user, { secretKey, now: at });
}

async function* importedRows() {
  yield [{ place: 1, values: { username: 'imported', email: 'imported@example.com' } }];
}

const fixture = [{ model: 'auth.group', pk: 990, fields: { name: 'Loaded', permissions: [] } }];
async function* fixtureBytes() {
  yield Buffer.from(JSON.stringify(fixture));
}

type Keys = Readonly<Record<'ada' | 'bea' | 'cleo', Awaited<ReturnType<typeof createUser>>>>;
type Work = (bound: Connection, keys: Keys) => Promise<unknown>;

/** Each changes something, in this order. */
const writes: Readonly<Record<string, Work>> = {
  updateUser: (bound, { ada }) => updateUser(bound, ada, { changes: { first_name: 'Ada' } }),
  editUser: (bound, { ada }) => editUser(bound, ada, { values: { last_name: 'Lovelace' } }),
  saveUser: (bound) => saveUser(bound, { values: { username: 'dora' } }, {}, { now }),
  setPassword: (bound, { ada }) => setPassword(bound, ada, 'one', hashing),
  changePassword: (bound, { ada }) => changePassword(bound, ada, 'one', 'two', hashing),
  verifyPassword: (bound, { ada }) => verifyPassword(bound, ada, 'two', { iterations: 2 }),
  storePasswordHash: (bound, { ada }) => storePasswordHash(bound, ada, '!'),
  touchLastLogin: (bound, { ada }) => touchLastLogin(bound, ada, { now }),
  createGroup: (bound) => createGroup(bound, 'Chroniclers'),
  editGroup: async (bound) => editGroup(bound, await groupNamed(bound, 'Chroniclers'), { grant: ['auth.view_user'] }),
  grantPermissions: (bound) => grantPermissions(bound, { group: 'Chroniclers' }, ['auth.view_group']),
  revokePermissions: (bound) => revokePermissions(bound, { group: 'Chroniclers' }, ['auth.view_group']),
  addToGroups: (bound, { ada }) => addToGroups(bound, ada, ['Chroniclers']),
  removeFromGroups: (bound, { ada }) => removeFromGroups(bound, ada, ['Chroniclers']),
  renameGroup: async (bound) => renameGroup(bound, await groupNamed(bound, 'Chroniclers'), 'Annalists'),
  applyAccess: (bound) => applyAccess(bound, { groups: [{ name: 'Listeners', permissions: ['auth.user.view_user'] }] }),
  deleteGroup: async (bound) => deleteGroup(bound, await groupNamed(bound, 'Annalists')),
  createSession: (bound, { ada }) => sessionOf(bound, ada),
  saveSession: (bound) => saveSession(bound, { key: undefined, data: { basket: 1 } }, { secretKey, now }),
  cycleSession: async (bound, { ada }) =>
    cycleSession(bound, { key: (await sessionOf(bound, ada)).key, data: {} }, { secretKey, now }),
  revokeUserSessions: (bound, { ada }) => revokeUserSessions(bound, ada, { secretKey, now }),
  deleteSession: async (bound) => {
    const key: unknown = (await bound.db('django_session').first('session_key')).session_key;
    return deleteSession(bound, String(key));
  },
  revokeSessions: async (bound, { bea }) => {
    const { key } = await sessionOf(bound, bea);
    await sessionOf(bound, bea);
    return revokeSessions(bound, { keys: new Set([key]) }, { secretKey, now, cookieAge: 60 });
  },
  revokeTokens: (bound, { ada }) => revokeTokens(bound, { users: [ada], kinds: ['authtoken'] }, { now }),
  prune: (bound) => prune(bound, { only: ['sessions'], now: later }),
  clearExpiredSessions: async (bound, { bea, cleo }) => {
    for (const pk of [bea, cleo]) await sessionOf(bound, pk);
    await sessionOf(bound, bea, later);
    await clearExpiredSessions(bound, { now: later, size: 1, pauseMs: 0 });
  },
  loadFixtures: (bound) =>
    loadFixtures(
      bound,
      { useTz: true, timeZone: 'UTC' },
      { sources: [{ name: 'groups.json', format: 'json', open: fixtureBytes }], now },
    ),
  syncPermissions: async (bound) => {
    for (const table of ['auth_group_permissions', 'auth_user_user_permissions']) await bound.db(table).del();
    await bound.db('auth_permission').del();
    const { permissions } = await syncPermissions(bound);
    expect(permissions).not.toEqual([]);
  },
  importUsers: (bound) => importUsers(bound, importedRows),
  setActive: (bound) => setActive(bound, ['bea'], false, { force: true }),
  mergeUsers: (bound, { bea, cleo }) => mergeUsers(bound, bea, [cleo]),
  undoMerge: async (bound, { ada, bea }) => {
    await addToGroups(bound, ada, ['Listeners']);
    const { record } = await mergeUsers(bound, bea, [ada]);
    await undoMerge(bound, record);
  },
  offboard: async (bound, { ada }) => {
    await sessionOf(bound, ada);
    return offboard(bound, [{ id: ada, username: 'ada', is_active: true }], { now, force: true });
  },
  eraseUser: (bound, { ada }) => eraseUser(bound, ada, { force: true }),
  deleteUser: (bound, { ada }) => deleteUser(bound, ada),
  populate: (bound) => populate(bound, { users: 2, groups: 1, sessions: 0, logEntries: 0, sessionAge: 60, now }),
  removeContentTypes: async (bound) => {
    await bound.db('django_content_type').insert({ app_label: 'auth', model: 'gone' });
    await bound.db('django_content_type').insert({ app_label: 'elsewhere', model: 'thing' });
    const { stale } = await findStaleContentTypes(bound);
    expect(await removeContentTypes(bound, stale)).not.toEqual([]);
  },
  clear: async (bound) => clear(bound, await planClearing(bound, bound.db, { labels: ['admin.LogEntry', 'sessions'] })),
  flush: (bound) => flush(bound, { cascade: true }),
};

forEachEngine((engine) => {
  test('what every function writes is a part of the transaction around it, and goes back with it', async () => {
    const { connection, database } = await open(engine, { from: 'sample' });
    await connection.db.raw(
      'CREATE TABLE authtoken_token (?? varchar(40) NOT NULL PRIMARY KEY, created timestamp NOT NULL, user_id integer NOT NULL UNIQUE)',
      ['key'],
    );
    const before = await contents(connection);
    const idle: string[] = [];
    const work = transaction(connection, async (bound) => {
      const keys: Record<string, Awaited<ReturnType<typeof createUser>>> = {};
      const password = await makePassword(null);
      for (const username of ['ada', 'bea', 'cleo']) {
        keys[username] = await createUser(bound, { values: { username }, password }, { now });
      }
      await bound
        .db('authtoken_token')
        .insert({ key: 'a'.repeat(40), created: '2026-01-01 00:00:00', user_id: keys.ada });
      let last = await contents(bound);
      expect(last).not.toBe(before);
      for (const [name, write] of Object.entries(writes)) {
        await write(bound, keys as Keys).catch((error: unknown) => {
          throw new Error(`${name}: ${error}`, { cause: error });
        });
        const next = await contents(bound);
        if (next === last) idle.push(name);
        last = next;
      }
      throw new Error('all done');
    });
    await expect(work).rejects.toThrow('all done');
    expect(idle).toEqual([]);
    expect(await contents(connection)).toBe(before);
    expect(await database.query("SELECT id FROM auth_user WHERE username = 'ada'")).toEqual([]);
  });
});
