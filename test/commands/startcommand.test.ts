import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { manage, temporaryFolder } from '../helpers/manage.js';

test.each([
  [[], 'greet.ts'],
  [['--javascript'], 'greet.js'],
])('writes a command that works (%j)', async (options, file) => {
  const cwd = temporaryFolder();
  const { exitCode, json } = await manage(['startcommand', 'greet', '--json', ...options], { cwd, config: {} });
  expect(exitCode).toBe(0);
  expect(json.files).toEqual([join(cwd, 'commands', file), join(cwd, 'test', 'greet.test.js')]);
  expect((await manage(['greet', '--name', 'Ada'], { cwd })).stdout).toBe('Hello, Ada.\n');
  expect((await manage(['help'], { cwd })).stdout).toContain('greet');
});

test('leaves files that are there, and takes no bad names', async () => {
  const cwd = temporaryFolder();
  await manage(['startcommand', 'greet'], { cwd, config: {} });
  writeFileSync(join(cwd, 'commands/greet.ts'), '// mine\n');
  const again = await manage(['startcommand', 'greet'], { cwd });
  expect(again.exitCode).toBe(1);
  expect(again.stderr).toContain('is there already');
  for (const name of ['../evil', '_hidden', 'a b', '']) {
    expect((await manage(['startcommand', name], { cwd })).exitCode).toBe(1);
  }
  expect(existsSync(join(cwd, '../evil.ts'))).toBe(false);
  expect((await manage(['startcommand', 'greet'])).stderr).toContain('no project here');
});
