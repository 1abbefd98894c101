import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { manage, temporaryFolder } from '../helpers/manage.js';

const env = { SECRET_KEY: 'very secret', DATABASE_URL_LIVE: 'postgres://ann:hush@db.example/shop' };
const config = { timeZone: 'Europe/Rome', secretKeyFallbacks: ['older secret'], passwordIterations: 2_000_000 };

test('shows what is not the default, without secrets', async () => {
  const { stdout, exitCode } = await manage(['diffsettings'], { env, config });
  expect(exitCode).toBe(0);
  expect(stdout).toContain('timeZone = "Europe/Rome"\n');
  expect(stdout).toMatch(/^databases\.live = .*"password":"\*+".* {2}###$/m);
  expect(stdout).toContain('secretKey = "********"\n');
  expect(stdout).toContain('passwordIterations = 2000000  ###\n');
  expect(stdout).not.toMatch(/secret"|hush|useTz/);
  const names = stdout
    .trim()
    .split('\n')
    .map((line) => line.split(' ')[0]);
  expect(names).toEqual([...names].sort());
});

test('shows secrets where they are asked for, and everything with --all', async () => {
  const { stdout } = await manage(['diffsettings', '--show-secrets', '--all'], { env, config });
  expect(stdout).toContain('secretKey = "very secret"');
  expect(stdout).toContain('"password":"hush"');
  expect(stdout).toContain('### useTz = true\n');
});

test('marks both sides, and compares with another file', async () => {
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, 'other.json'), JSON.stringify({ timeZone: 'Asia/Tokyo', secretKey: 'another secret' }));
  const args = ['diffsettings', '--output', 'unified', '--default', 'other.json'];
  const { stdout } = await manage(args, {
    cwd,
    env: { SECRET_KEY: 'very secret' },
    config: { timeZone: 'Europe/Rome' },
  });
  expect(stdout).toContain('- timeZone = "Asia/Tokyo"\n+ timeZone = "Europe/Rome"\n');
  expect(stdout).toContain('secretKey = "********"\n');
  const { json } = await manage([...args, '--json'], { cwd });
  expect(json.timeZone).toEqual({ value: 'Europe/Rome', default: 'Asia/Tokyo', changed: true });
});

test('is silent where all is as by default, and names what it does not know', async () => {
  const env = { MANAGE_SQLITE_DRIVER: '' };
  expect(await manage(['diffsettings'], { env })).toMatchObject({ exitCode: 0, stdout: '', stderr: '' });
  expect((await manage(['diffsettings', '--default', 'none.json'])).exitCode).toBe(1);
  expect((await manage(['diffsettings', '--output', 'xml'])).exitCode).toBe(2);
});
