import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { snapshot } from '../../src/db/transactions/snapshot.js';
import { transaction } from '../../src/db/transactions/transaction.js';
import {
  clearExpiredSessions,
  createUser,
  flush,
  migrate,
  revokeUserSessions,
  setActive,
  writeLog,
} from '../../src/index.js';
import { vacuumSessions } from '../../src/sessions/admin/clear.js';
import { useConnections } from '../helpers/connections.js';
import { type Engine, forEachEngine } from '../helpers/databases.js';

const open = useConnections();

async function family(engine: Parameters<typeof open>[0]) {
  const opened = await open(engine);
  await opened.connection.db.raw('CREATE TABLE parent (id integer PRIMARY KEY)');
  await opened.connection.db.raw(
    `CREATE TABLE child (id integer PRIMARY KEY, parent_id integer NOT NULL REFERENCES parent (id) ${deferred[engine]})`,
  );
  const ids = async () =>
    (await opened.database.query('SELECT id FROM parent ORDER BY id')).map((row) => Number(row.id));
  return { ...opened, ids };
}

/** How a reference is declared that is checked at the commit, where there are such. */
const deferred: Record<Engine, string> = {
  sqlite: 'DEFERRABLE INITIALLY DEFERRED',
  postgres: 'DEFERRABLE INITIALLY DEFERRED',
  mariadb: '',
};

forEachEngine((engine) => {
  test('what fails in a transaction inside of another takes back its own work alone', async () => {
    const { connection, ids } = await family(engine);
    await transaction(connection, async (bound) => {
      await bound.db('parent').insert({ id: 1 });
      const failed = transaction(bound, async (inner) => {
        await inner.db('parent').insert({ id: 2 });
        await inner.db('parent').insert({ id: 1 });
      });
      await expect(failed).rejects.toSatisfy(connection.dialect.isUniqueViolation);
      await transaction(bound, (inner) => inner.db('parent').insert({ id: 3 }));
    });
    expect(await ids()).toEqual([1, 3]);
  });

  test('what was done inside goes back with the outer one, however deep', async () => {
    const { connection, ids } = await family(engine);
    const failure = new Error('back');
    const work = transaction(connection, (one) =>
      transaction(one, async (two) => {
        await transaction(two, (three) => three.db('parent').insert({ id: 1 }));
        await two.db('parent').insert({ id: 2 });
        throw failure;
      }),
    );
    await expect(work).rejects.toBe(failure);
    expect(await ids()).toEqual([]);
  });

  test('the outer connection may be used inside of the inner work: it is a part of it then', async () => {
    const { connection, ids } = await family(engine);
    await transaction(connection, async (bound) => {
      await transaction(bound, async () => {
        await bound.db('parent').insert({ id: 1 });
        await transaction(bound, () => bound.db('parent').insert({ id: 2 }));
        throw new Error('back');
      }).catch(() => undefined);
      await bound.db('parent').insert({ id: 3 });
    });
    expect(await ids()).toEqual([3]);
  });

  test('those that are started at once go one after the other, and each is whole', async () => {
    const { connection, ids } = await family(engine);
    await transaction(connection, async (bound) => {
      const outcomes = await Promise.allSettled(
        [1, 2, 3, 4].map((id) =>
          transaction(bound, async ({ db }) => {
            await db('parent').insert({ id });
            await sleep(5);
            if (id % 2 === 0) throw new Error('back');
          }),
        ),
      );
      expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'rejected']);
    });
    expect(await ids()).toEqual([1, 3]);
  });

  test('references are checked when the outermost one commits', async () => {
    const { connection, ids } = await family(engine);
    const early = transaction(connection, async (bound) => {
      await transaction(bound, ({ db }) => db('child').insert({ id: 1, parent_id: 7 }));
      await bound.db('parent').insert({ id: 7 });
    });
    // Where none are deferred, each is checked at once.
    if (deferred[engine] === '') await expect(early).rejects.toMatchObject({ code: 'broken_reference' });
    else {
      await early;
      expect(await ids()).toEqual([7]);
    }
    const broken = transaction(connection, (bound) =>
      transaction(bound, ({ db }) => db('child').insert({ id: 2, parent_id: 8 })),
    );
    await expect(broken).rejects.toMatchObject({ code: 'broken_reference' });
  });

  test('a stronger mode than the outer one has is refused, a weaker one is not', async () => {
    const { connection, ids } = await family(engine);
    const within = (outer: 'snapshot' | 'write', mode: 'write' | 'schema') =>
      transaction(connection, (bound) => transaction(bound, async () => 'done', { mode }), { mode: outer });
    await expect(within('snapshot', 'write')).rejects.toMatchObject({
      code: 'transaction_mode',
      message: "A transaction of mode 'write' cannot be a part of one of mode 'snapshot', which only reads.",
    });
    await expect(within('write', 'schema')).rejects.toMatchObject({ code: 'transaction_mode' });
    const read = await transaction(connection, async (bound) => {
      await bound.db('parent').insert({ id: 1 });
      return snapshot(bound, async ([executor]) => (await executor('parent').select('id')).length);
    });
    expect(read).toBe(1);
    expect(await ids()).toEqual([1]);
  });

  test('its commit is the only one that a run is told of', async () => {
    const { connection } = await family(engine);
    const steps: string[] = [];
    const run = { signal: new AbortController().signal, onCommit: (step: string) => steps.push(step) };
    await transaction({ ...connection, run }, async (bound) => {
      await transaction(bound, ({ db }) => db('parent').insert({ id: 1 }));
      await transaction(bound, ({ db }) => db('parent').insert({ id: 2 }));
      expect(steps).toEqual([]);
    });
    expect(steps).toEqual(['sent', 'done']);
  });

  test('nothing of an inner one can be used after it has ended', async () => {
    const { connection } = await family(engine);
    await transaction(connection, async (bound) => {
      const inner = await transaction(bound, async (leaked) => leaked);
      await expect(inner.db('parent').select()).rejects.toMatchObject({ code: 'transaction_ended' });
      expect(await bound.db('parent').select()).toEqual([]);
    });
  });

  test('work that nobody waits for writes nothing after the transaction has ended', async () => {
    const { connection, ids } = await family(engine);
    let late: Promise<unknown> = Promise.resolve();
    let goOn = () => {};
    const ended = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const work = transaction(connection, async (bound) => {
      const failing = transaction(bound, async () => {
        throw new Error('back');
      });
      late = transaction(bound, async ({ db }) => {
        await ended;
        await db('parent').insert({ id: 1 });
      });
      late.catch(() => undefined);
      await failing;
    });
    await expect(work).rejects.toThrow('back');
    goOn();
    await expect(late).rejects.toThrow();
    expect(await ids()).toEqual([]);
  });

  test('a user, a row of a profile and a log entry are one commit, and go back together', async () => {
    const { connection, database } = await open(engine, { from: 'sample' });
    await connection.db.raw('CREATE TABLE profile (user_id integer PRIMARY KEY, motto varchar(100) NOT NULL)');
    const make = (username: string, fails: boolean) =>
      transaction(connection, async (bound) => {
        const now = new Date();
        const pk = await createUser(bound, { values: { username }, password: '!' }, { now });
        await bound.db('profile').insert({ user_id: pk, motto: 'to boldly go' });
        const { userModel: model } = bound.registry;
        const actor = { pk, provenance: { by: 'nobody', command: 'sign-up' } };
        const messages = [{ added: {} }];
        await writeLog(bound, [{ action: 'addition', model, pk, repr: username, messages }], { actor, now });
        await setActive(bound, [username], false, { force: true });
        if (fails) throw new Error('no');
        return pk;
      });
    const count = async () => {
      const counts: number[] = [];
      for (const table of ['auth_user', 'profile', 'django_admin_log']) {
        const [row] = await database.query(`SELECT count(*) AS count FROM ${table}`);
        counts.push(Number(row?.count));
      }
      return counts;
    };
    const before = await count();
    await expect(make('beth', true)).rejects.toThrow('no');
    expect(await count()).toEqual(before);
    const pk = await make('beth', false);
    expect(await count()).toEqual(before.map((rows) => rows + 1));
    expect(await database.query(`SELECT is_active FROM auth_user WHERE id = ${Number(pk)}`)).toEqual([
      { is_active: engine === 'postgres' ? false : 0 },
    ]);
  });

  test('what works in batches is a part of the transaction too', async () => {
    const { connection, database } = await open(engine, { from: 'sample' });
    const sessions = async () => (await database.query('SELECT session_key FROM django_session')).length;
    const before = await sessions();
    expect(before).toBeGreaterThan(0);
    const work = transaction(connection, async (bound) => {
      await revokeUserSessions(bound, 1);
      const cleared = await clearExpiredSessions(bound, { now: new Date('2999-01-01'), size: 1, pauseMs: 0 });
      expect(cleared?.batches).toBeGreaterThan(1);
      await flush(bound, { cascade: true });
      expect(await bound.db('auth_user').select()).toEqual([]);
      throw new Error('no');
    });
    await expect(work).rejects.toThrow('no');
    expect(await sessions()).toBe(before);
  });

  test('what cannot be a part of a transaction says so, and the transaction goes on', async () => {
    const { connection, ids } = await family(engine);
    await transaction(connection, async (bound) => {
      const error = { code: 'inside_transaction' };
      const settings = { root: '/', migrationDirs: [] };
      await expect(migrate(bound, settings as never, { now: () => new Date() })).rejects.toMatchObject(error);
      await expect(vacuumSessions(bound)).rejects.toMatchObject(error);
      await bound.db('parent').insert({ id: 1 });
    });
    expect(await ids()).toEqual([1]);
  });
});
