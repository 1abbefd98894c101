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

test('writes modules that Node loads as such where package.json says commonjs', async () => {
  const cwd = temporaryFolder({ 'package.json': '{ "type": "commonjs" }' });
  const { json } = await manage(['startcommand', 'greet', '--javascript', '--json'], { cwd, config: {} });
  expect(json.files).toEqual([join(cwd, 'commands/greet.mjs'), join(cwd, 'test/greet.test.mjs')]);
  expect((await manage(['greet', '--name', 'Ada'], { cwd })).stdout).toBe('Hello, Ada.\n');
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

test('replaces a command of the program only with --force', async () => {
  const cwd = temporaryFolder();
  const refused = await manage(['startcommand', 'migrate'], { cwd, config: {} });
  expect(refused.exitCode).toBe(1);
  expect(refused.stderr).toContain("There is a command 'migrate' of manage-auth already.");
  expect(refused.stderr).toContain('--force');
  expect(existsSync(join(cwd, 'commands'))).toBe(false);
  expect((await manage(['startcommand', 'version', '--force'], { cwd })).exitCode).toBe(0);
  expect((await manage(['version'], { cwd })).stdout).toBe('Hello, world.\n');
});

test('says in a sentence why a file cannot be written', async () => {
  const cwd = temporaryFolder({ commands: 'no folder' });
  const { exitCode, stderr } = await manage(['startcommand', 'greet'], { cwd, config: {} });
  expect(exitCode).toBe(1);
  expect(stderr).toBe(`CommandError: '${join(cwd, 'commands')}' cannot be used: file already exists (EEXIST).\n`);
  const traced = await manage(['startcommand', 'greet', '--traceback'], { cwd });
  expect(traced.stderr).toContain('Caused by: Error: EEXIST');
});

test('writes nothing where one of its files is there', async () => {
  const cwd = temporaryFolder({ 'test/greet.test.js': '// mine\n' });
  const { exitCode, stderr } = await manage(['startcommand', 'greet'], { cwd, config: {} });
  expect(exitCode).toBe(1);
  expect(stderr).toContain('greet.test.js is there already');
  expect(existsSync(join(cwd, 'commands/greet.ts'))).toBe(false);
  const other = temporaryFolder({ 'commands/greet.js': 'export default {};' });
  expect((await manage(['startcommand', 'greet'], { cwd: other, config: {} })).stderr).toContain('greet.js is there');
  expect(existsSync(join(other, 'commands/greet.ts'))).toBe(false);
});
