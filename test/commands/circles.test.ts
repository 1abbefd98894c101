import { afterEach, beforeEach, expect, it } from 'vitest';
import { createDatabase, forEachEngine, type TestDatabase } from '../helpers/databases.js';
import { manage } from '../helpers/manage.js';

const key = { type: 'IntegerField', primaryKey: true } as const;
const to = (label: string, more = {}) => ({ type: 'ForeignKey', to: label, onDelete: 'CASCADE', ...more }) as const;
const config = {
  apps: [
    {
      label: 'ring',
      models: {
        Mark: {
          fields: {
            id: key,
            owner: to('auth.user', { type: 'OneToOneField', null: true }),
            group: to('auth.group', { null: true }),
            seal: to('ring.seal'),
          },
        },
        Seal: { fields: { id: key, mark: to('ring.mark') } },
      },
    },
  ],
};

forEachEngine((engine) => {
  let db: TestDatabase;
  const run = (...args: string[]) => manage(args, { db, config });
  const rows = async () =>
    (
      await db.query(
        'SELECT ring_mark.id AS m, ring_seal.id AS s FROM ring_mark, ring_seal WHERE mark_id = ring_mark.id ORDER BY 1',
      )
    ).map(({ m, s }) => `${m} ${s}`);

  beforeEach(async () => {
    db = await createDatabase(engine);
    await run('migrate', '-v0');
    await run('creategroup', 'a');
    await run('creategroup', 'b');
    for (const name of ['boss', 'ada', 'bob', 'cy', 'dee'])
      await run(
        'createuser',
        '--no-input',
        `--username=${name}`,
        '--email=a@example.com',
        ...(name === 'dee' ? ['--group=b'] : []),
      );
    // None of these can be left for the commit, and none can be emptied.
    const [seal, mark] = engine === 'sqlite' ? [' REFERENCES ring_seal(id)', ' REFERENCES ring_mark(id)'] : ['', ''];
    await db.query(
      `CREATE TABLE ring_mark (id integer PRIMARY KEY, owner_id integer UNIQUE REFERENCES auth_user(id), group_id integer REFERENCES auth_group(id), member_id bigint REFERENCES auth_user_groups(id) ON DELETE CASCADE, seal_id integer NOT NULL${seal})`,
    );
    await db.query(`CREATE TABLE ring_seal (id integer PRIMARY KEY, mark_id integer NOT NULL${mark})`);
    await db.query('INSERT INTO ring_seal VALUES (11, 1), (12, 2), (13, 3), (14, 4), (15, 5)');
    await db.query(
      'INSERT INTO ring_mark VALUES (1, 2, NULL, NULL, 11), (2, 3, NULL, NULL, 12), (3, 4, NULL, NULL, 13), (4, NULL, 1, NULL, 14), (5, NULL, NULL, 1, 15)',
    );
    if (engine === 'sqlite') return;
    await db.query('ALTER TABLE ring_mark ADD FOREIGN KEY (seal_id) REFERENCES ring_seal(id)');
    await db.query('ALTER TABLE ring_seal ADD FOREIGN KEY (mark_id) REFERENCES ring_mark(id)');
  });
  afterEach(() => db.drop());

  it('rows that need each other go together, whatever takes them along', async () => {
    expect(await run('deleteuser', 'ada', '--no-input')).toMatchObject({ exitCode: 0 });
    expect(await rows()).toEqual(['2 12', '3 13', '4 14', '5 15']);
    expect(await run('mergeusers', 'bob', 'cy', '--no-input')).toMatchObject({ exitCode: 0 });
    expect(await rows()).toEqual(['2 12', '4 14', '5 15']);
    expect(await run('deletegroup', 'a', '--no-input')).toMatchObject({ exitCode: 0 });
    expect(await rows()).toEqual(['2 12', '5 15']);
    expect(await run('eraseuser', 'dee', '--no-input')).toMatchObject({ exitCode: 0 });
    expect(await rows()).toEqual(['2 12']);
  });

  it('rows that refer by several columns go together, too, where a key of one column tells them', async () => {
    // What a thread's posts answer to is in the same thread; the first post of a thread stands in it.
    const waits = engine === 'postgres' ? ' DEFERRABLE INITIALLY DEFERRED' : '';
    const thread = (more: string) =>
      `CREATE TABLE thread (id integer PRIMARY KEY, owner_id integer REFERENCES auth_user(id) ON DELETE CASCADE, top integer${more})`;
    const first = 'FOREIGN KEY (id, top) REFERENCES post(thread_id, id) ON DELETE CASCADE';
    await db.query(thread(engine === 'sqlite' ? `, ${first}` : ''));
    await db.query(
      `CREATE TABLE post (id integer PRIMARY KEY, thread_id integer NOT NULL, author_id integer, answers integer, UNIQUE (thread_id, id),
       FOREIGN KEY (author_id) REFERENCES auth_user(id) ON DELETE CASCADE, FOREIGN KEY (thread_id) REFERENCES thread(id) ON DELETE CASCADE,
       FOREIGN KEY (thread_id, answers) REFERENCES post(thread_id, id) ON DELETE CASCADE)`,
    );
    await db.query('INSERT INTO thread VALUES (1, 4, NULL), (2, 4, NULL), (3, 4, NULL)');
    await db.query(
      'INSERT INTO post VALUES (10, 1, 2, NULL), (11, 1, 3, 10), (20, 2, 3, NULL), (21, 2, 2, 20), (22, 2, 3, 21), (30, 3, 3, NULL), (12, 1, 3, NULL)',
    );
    await db.query('UPDATE thread SET top = id * 10');
    if (engine !== 'sqlite') await db.query(`ALTER TABLE thread ADD ${first}${waits}`);
    const shown = await run('deleteuser', 'ada', '--dry-run', '--json');
    const counts = (tables: { table: string; rows: number }[]) =>
      Object.fromEntries(tables.map(({ table, rows: found }) => [table, found]));
    expect(counts(shown.json.tables)).toMatchObject({ thread: 1, post: 5 });
    expect(await run('deleteuser', 'ada', '--no-input')).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await db.query('SELECT id FROM thread ORDER BY id')).toEqual([{ id: 2 }, { id: 3 }]);
    expect(await db.query('SELECT id FROM post ORDER BY id')).toEqual([{ id: 20 }, { id: 30 }]);
  });
});
