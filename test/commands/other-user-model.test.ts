import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createDatabase, forEachEngine, type TestDatabase } from '../helpers/databases.js';
import { manage, temporaryFolder } from '../helpers/manage.js';

const members = join(import.meta.dirname, '../../examples/members/manage.config.ts');
const env = { SECRET_KEY: 'a-long-enough-key-0123456789-abcdefghijklmnopqrstuvwxyz' };

forEachEngine((engine) => {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await createDatabase(engine);
    expect((await manage(['migrate', '-v0', '--config', members], { db, env })).exitCode).toBe(0);
  });
  afterEach(() => db.drop());

  const advice =
    "The accounts of this database are in 'members_member': set `userModel: 'members.member'` in manage.config.ts and " +
    'name its app in `apps`.';

  test.each([
    ['listusers'],
    ['createsession', 'ada'],
    ['dumpdata'],
    ['populate_db', '--no-input'],
    ['createsuperuser', '--no-input', '--username', 'ada', '--email', 'ada@example.com'],
  ])('%s says where the accounts are, and not that a migration would help', async (...args) => {
    const { exitCode, stderr } = await manage(args, { db, env });
    expect(exitCode).toBe(1);
    // A server may look for a table first that is read beside it.
    expect(stderr).toMatch(/no table 'auth_user(_groups)?'/);
    expect(stderr).toContain(`${advice} \`manage inspectdb\` prints both; or use --introspect.`);
    expect(stderr).not.toContain('manage migrate');
  });

  test('check finds that alone', async () => {
    const { json } = await manage(['check', '--json'], { db, env });
    expect(json.findings.filter(({ level }: { level: string }) => level === 'ERROR')).toEqual([
      {
        id: 'manage.E020',
        level: 'ERROR',
        object: 'auth.user',
        message: "The table 'auth_user' for accounts is missing in the database 'default'.",
        hint: advice,
      },
    ]);
  });

  test('what inspectdb prints, and says, is enough', async () => {
    const { stdout } = await manage(['inspectdb'], { db, env });
    expect(stdout).toContain("set `userModel: 'members.member'` in manage.config.ts");
    const cwd = temporaryFolder({
      'members.ts': stdout,
      'manage.config.ts':
        "import { members } from './members.js';\nexport default { apps: [members], userModel: 'members.member' };\n",
    });
    expect(await manage(['listusers', '--json'], { db, env, cwd })).toMatchObject({ exitCode: 0, stderr: '' });
    expect((await manage(['inspectdb', 'django_session'], { db, env })).stdout).not.toContain('userModel');
  });
});
