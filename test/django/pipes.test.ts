import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createDatabase, forEachEngine, type TestDatabase } from '../helpers/databases.js';
import { manage, temporaryFolder } from '../helpers/manage.js';

const program = `"${process.execPath}" "${join(import.meta.dirname, '../../bin/manage.js')}"`;

forEachEngine((engine) => {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await createDatabase(engine, { from: 'sample' });
  });
  afterEach(() => db.drop());

  /** Runs a pipe of the shell, in which `manage` is the built program. */
  const pipe = async (line: string) => {
    const child = spawn('bash', ['-o', 'pipefail', '-c', line.replaceAll('manage ', `${program} `)], {
      cwd: temporaryFolder(),
      env: { PATH: process.env.PATH, HOME: process.env.HOME, DATABASE_URL: db.url },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let stderr = '';
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    const [status] = await once(child, 'close');
    return { status, stderr };
  };
  const count = async (table: string) => Number((await db.query(`SELECT count(*) AS n FROM ${table}`))[0]?.n);
  const fine = { status: 0, stderr: '' };

  test('sqlflush | dbshell empties the database', async () => {
    expect(await pipe('manage --introspect sqlflush | manage dbshell')).toEqual(fine);
    expect([await count('auth_user'), await count('blogapp_post')]).toEqual([0, 0]);
    // Permissions of models that nobody declares could not be made again: they stay, as with flush.
    expect(await count('auth_permission')).toBe(32);
  });

  test('sqlclear | dbshell drops the tables of an app, and sqlall | dbshell makes them again', async () => {
    expect(await pipe('manage sqlclear sessions | manage dbshell')).toEqual(fine);
    await expect(count('django_session')).rejects.toThrow('django_session');
    expect(await pipe('manage sqlall sessions | manage dbshell')).toEqual(fine);
    expect(await count('django_session')).toBe(0);
    expect((await manage(['check', 'sessions', '--database', 'default', '--tag', 'schema'], { db })).exitCode).toBe(0);
  });

  test('an error in between is an error, and nothing is changed', async () => {
    const before = [await count('auth_user'), await count('django_session')];
    const broken = await pipe(
      "manage --introspect sqlflush | sed 's/COMMIT;/DELETE FROM nope; COMMIT;/' | manage dbshell",
    );
    expect(broken.status).toBe(engine === 'sqlite' ? 1 : 3);
    expect(broken.stderr).toContain('nope');
    const again = await pipe('manage sqlall sessions | manage dbshell');
    expect(again.status).not.toBe(0);
    const nobody = await pipe('manage sqlflush nope | manage dbshell');
    expect(nobody.status).toBe(1);
    expect([await count('auth_user'), await count('django_session')]).toEqual(before);
  });
});
