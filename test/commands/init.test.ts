import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { manage, runManage, temporaryFolder } from '../helpers/manage.js';

test('writes a project that works, and whose test passes', async () => {
  const cwd = temporaryFolder();
  const { exitCode, json } = await manage(['init', '--json'], { cwd });
  expect(exitCode).toBe(0);
  expect(json.files).toHaveLength(8);
  expect(statSync(join(cwd, '.env')).mode & 0o777).toBe(0o600);
  expect(readFileSync(join(cwd, '.env'), 'utf8')).toMatch(/^SECRET_KEY=[A-Za-z0-9]{50}$/m);

  expect(await runManage(['migrate', '-v0', '--no-input'], { cwd })).toMatchObject({ exitCode: 0, stderr: '' });
  expect((await runManage(['check', '--json'], { cwd })).json.findings).toEqual([]);
  expect((await runManage(['makemigrations', '--check'], { cwd })).exitCode).toBe(0);
  expect((await runManage(['populate_db', '--users', '2', '--no-input'], { cwd })).exitCode).toBe(0);
  expect((await runManage(['countnotes'], { cwd })).stdout).toBe('Notes: 1.\n');

  // What `npm init -y` writes.
  writeFileSync(join(cwd, 'package.json'), '{ "type": "commonjs" }');
  mkdirSync(join(cwd, 'node_modules'));
  symlinkSync(join(import.meta.dirname, '../..'), join(cwd, 'node_modules/manage-auth'));
  await promisify(execFile)(process.execPath, ['--test'], { cwd });
});

test('has a test that runs where package.json says commonjs, as that of npm init does', async () => {
  const cwd = temporaryFolder({ 'package.json': '{ "type": "commonjs" }', 'esm/package.json': '{ "type": "module" }' });
  const { json } = await manage(['init', 'sub', '--json', '--dry-run'], { cwd });
  expect(json.files).toContain(join(cwd, 'sub/test/notes.test.mjs'));
  const esm = await manage(['init', 'esm', '--json', '--dry-run'], { cwd });
  expect(esm.json.files).toContain(join(cwd, 'esm/test/notes.test.js'));
});

test('overwrites nothing', async () => {
  const cwd = temporaryFolder({ 'sub/notes.ts': '', '.env': 'SECRET_KEY=mine', 'old/manage.config.json': '{}' });
  // Two configs beside each other are refused by every other command.
  expect((await manage(['init', 'old'], { cwd })).stderr).toContain('old has manage.config.json already');
  expect(await manage(['init', 'sub'], { cwd })).toMatchObject({
    exitCode: 1,
    stderr: `CommandError: ${cwd}/sub has notes.ts already; nothing was written.\nName another folder: \`manage init FOLDER\`.\n`,
  });
  expect(readdirSync(join(cwd, 'sub'))).toEqual(['notes.ts']);
  expect((await manage(['init'], { cwd })).stderr).toContain('Left .env as it is.');
  expect(readFileSync(join(cwd, '.env'), 'utf8')).toBe('SECRET_KEY=mine');
  writeFileSync(join(cwd, '.env'), '');
  expect((await manage(['init', 'new', '--dry-run'], { cwd })).stdout).toContain('Would write');
  expect(readdirSync(cwd)).not.toContain('new');
});
