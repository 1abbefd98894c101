import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clubFiles } from '../helpers/club.js';
import { createDatabase, type Engine, forEachEngine, type TestDatabase } from '../helpers/databases.js';
import { manage, runManage, temporaryFolder } from '../helpers/manage.js';

const flags: Record<Engine, { yes: unknown; no: unknown }> = {
  sqlite: { yes: 1, no: 0 },
  postgres: { yes: true, no: false },
  mariadb: { yes: 1, no: 0 },
};
const [ada, grace] = ['user.01@+-_', 'user.05@+-_'];

forEachEngine((engine) => {
  const { yes, no } = flags[engine];
  let db: TestDatabase;
  beforeEach(async () => {
    db = await createDatabase(engine, { from: 'sample' });
    await db.query('UPDATE auth_user SET is_superuser = ?, is_active = ?', [no, yes]);
  });
  afterEach(() => db.drop());

  const rows = () => db.query('SELECT * FROM auth_user ORDER BY id');
  const active = async (username: string) =>
    (await db.query('SELECT is_active FROM auth_user WHERE username = ?', [username]))[0]?.is_active;
  const promote = (...names: string[]) =>
    Promise.all(
      names.map((name) =>
        db.query('UPDATE auth_user SET is_superuser = ? , is_staff = ? WHERE username = ?', [yes, yes, name]),
      ),
    );

  it('changes that one field, back and forth', async () => {
    const before = await rows();
    const off = await manage(['deactivateuser', ada, grace, ada], { db });
    expect(off).toMatchObject({
      exitCode: 0,
      stdout: `User '${ada}' is inactive now.\nUser '${grace}' is inactive now.\n`,
      stderr: 'Their sessions end: Django lets no inactive user in.\n',
    });
    expect(await rows()).toEqual(
      before.map((row) => (row.username === ada || row.username === grace ? { ...row, is_active: no } : row)),
    );
    const again = await manage(['deactivateuser', ada], { db });
    expect(again).toMatchObject({ exitCode: 0, stdout: `User '${ada}' was inactive already.\n`, stderr: '' });
    const on = await manage(['activateuser', ada, grace, '--json'], { db });
    expect(on.json).toEqual({ changed: [ada, grace], unchanged: [] });
    expect(await rows()).toEqual(before);
  });

  it('changes nothing where one of the users does not exist', async () => {
    const before = await rows();
    for (const command of ['activateuser', 'deactivateuser']) {
      const result = await manage([command, ada, 'nobody', grace], { db });
      expect(result).toMatchObject({ exitCode: 1, stdout: '' });
      expect(result.stderr).toContain("user 'nobody' does not exist");
    }
    expect(await rows()).toEqual(before);
    expect((await manage(['deactivateuser'], { db })).exitCode).toBe(2);
  });

  describe('the last active superuser', () => {
    it('is kept, unless forced', async () => {
      await promote(ada);
      const refused = await manage(['deactivateuser', grace, ada], { db });
      expect(refused).toMatchObject({ exitCode: 1, stdout: '' });
      expect(refused.stderr).toContain(`User '${ada}' is the last active superuser; no user was deactivated.`);
      expect([await active(ada), await active(grace)]).toEqual([yes, yes]);
      expect((await manage(['deactivateuser', ada, '--force'], { db })).exitCode).toBe(0);
      expect(await active(ada)).toBe(no);
      expect((await manage(['deactivateuser', grace], { db })).exitCode).toBe(0);
    });

    it('is not the last while another one is active', async () => {
      await promote(ada, grace);
      expect((await manage(['deactivateuser', ada], { db })).exitCode).toBe(0);
      expect((await manage(['deactivateuser', grace], { db })).exitCode).toBe(1);
    });

    it('is not deactivated by two runs, each of which counts on the other one', async () => {
      await promote(ada, grace);
      const results = await Promise.all([ada, grace].map((name) => runManage(['deactivateuser', name], { db })));
      expect(results.map(({ exitCode }) => exitCode).sort()).toEqual([0, 1]);
      expect([await active(ada), await active(grace)].filter((each) => each === yes)).toHaveLength(1);
    });
  });

  it('says so where the user model has no such field', async () => {
    const own = await createDatabase(engine);
    try {
      const cwd = temporaryFolder(clubFiles);
      await manage(['migrate', '-v0'], { db: own, cwd });
      const result = await manage(['deactivateuser', 'a@b.co'], { db: own, cwd });
      expect(result).toMatchObject({
        exitCode: 1,
        stderr: expect.stringContaining('does not say which users are active'),
      });
    } finally {
      await own.drop();
    }
  });
});
