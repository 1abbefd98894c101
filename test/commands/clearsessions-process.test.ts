import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { forEachEngine, type TestDatabase } from '../helpers/databases.js';
import { manage, runManage, temporaryFolder } from '../helpers/manage.js';
import { addManySessions, createSite } from '../sessions/site.js';

const day = 86_400_000;

forEachEngine((engine) => {
  let db: TestDatabase;
  const count = async (start: string) => {
    const [row] = await db.query('SELECT count(*) AS n FROM django_session WHERE session_key LIKE ?', [`${start}%`]);
    return Number(row?.n);
  };
  /** A run in batches of 20. Its pause is so long that it is in the middle while something is done to it. */
  const begin = (): ChildProcess & { readonly finished: Promise<{ code: number | null; output: string }> } => {
    const bin = join(import.meta.dirname, '../../bin/manage.js');
    const args = [bin, 'clearsessions', '--batch-size', '20', '--pause', '60000'];
    const { PATH, HOME, MANAGE_SQLITE_DRIVER: driver } = process.env;
    const chosen = driver === undefined ? {} : { MANAGE_SQLITE_DRIVER: driver };
    const env = { PATH, HOME, DATABASE_URL: db.url, ...chosen };
    const child = spawn(process.execPath, args, { cwd: temporaryFolder(), env });
    let output = '';
    const collect = (chunk: Buffer) => {
      output += chunk;
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    const finished = new Promise<{ code: number | null; output: string }>((resolve) => {
      child.on('close', (code) => resolve({ code, output }));
    });
    return Object.assign(child, { finished });
  };
  const untilItDeletes = async () => {
    while ((await count('old')) === 1000) await sleep(20);
  };

  beforeEach(async () => {
    db = await createSite(engine);
    await addManySessions(db, 'old', 1000, new Date(Date.now() - day));
    await addManySessions(db, 'new', 300, new Date(Date.now() + day));
  });
  afterEach(() => db.drop());

  test('killed half way, and run again', async () => {
    const child = begin();
    await untilItDeletes();
    child.kill('SIGKILL');
    await child.finished;
    const left = await count('old');
    expect(left % 20).toBe(0);
    expect(left).toBeGreaterThan(0);
    expect(await count('new')).toBe(300);
    const { exitCode, json } = await runManage(['clearsessions', '--json'], { db });
    expect(exitCode).toBe(0);
    expect(json).toMatchObject({ deleted: left, stopped: null, running: false });
    expect([await count('old'), await count('new')]).toEqual([0, 300]);
  });

  test('a second run at the same time does nothing, and an interruption ends the first with its batch', async () => {
    const child = begin();
    await untilItDeletes();
    const second = await manage(['clearsessions', '--json'], { db });
    expect(second.exitCode).toBe(0);
    expect(second.json).toMatchObject({ deleted: 0, running: true });
    child.kill('SIGINT');
    const { code, output } = await child.finished;
    const left = await count('old');
    expect(code).toBe(130);
    expect(left).toBeGreaterThan(0);
    expect(output).toBe(
      `${1000 - left} expired sessions were removed before the interruption; run it again to continue.\nOperation cancelled.\n`,
    );
    expect(await count('new')).toBe(300);
  });
});
