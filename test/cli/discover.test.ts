import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { describeInText } from '../../src/cli/discover.js';
import { manage, temporaryFolder } from '../helpers/manage.js';

const command = (describe: string, says: string, before = '') =>
  `${before}import { defineCommand } from 'manage-auth';
export default defineCommand({ describe: '${describe}', async run({ terminal }) { terminal.say('${says}'); return { json: '${says}' }; } });`;

/** A project with commands of its own, and with a package that brings some. */
const files = {
  'manage.config.json': '{ "packages": ["manage-more", "@scope/plain"] }',
  'commands/greet.ts': command("Greet \\'everybody\\'.\\nAt length.", 'hello', 'const x: number = 1; void x;\n'),
  'commands/version.mts': command('Our own version.', 'ours'),
  'commands/plain.js': command('Plain.', 'plain'),
  'commands/_shared.ts': 'throw new Error();',
  'commands/.hidden.js': 'throw new Error();',
  'commands/types.d.ts': 'export {};',
  'commands/plain.js.map': '{}',
  'commands/notes.txt': 'no command',
  'node_modules/manage-more/package.json': '{ "type": "module", "manage": { "commands": "./lib" } }',
  'node_modules/manage-more/lib/more.js': command('More.', 'more'),
  'node_modules/manage-more/lib/plain.js': command('Replaced by the project.', 'never'),
  'node_modules/@scope/plain/package.json': '{ "type": "module" }',
  'node_modules/@scope/plain/commands/scoped.js': command('Scoped.', 'scoped'),
};

test('commands come from this package, from packages and from the project', async () => {
  const { stdout, exitCode } = await manage(['help'], { cwd: temporaryFolder(files) });
  const groups = stdout.split(/\n\n(?=\[)/);
  expect(exitCode).toBe(0);
  const at = groups.findIndex((group) => group.startsWith('[tools]\n'));
  expect(groups[at]).toMatch(/^\[tools\]\n(?: {4}.*\n)* {4}help +List commands/);
  expect(groups[at]).not.toMatch(/^ +version /m);
  expect(groups.slice(at + 1).map((group) => group.trim().replace(/ {2,}/g, '  '))).toEqual([
    '[manage-more]\n  more  More.',
    '[@scope/plain]\n  scoped  Scoped.',
    "[project]\n  greet  Greet 'everybody'.\n  plain  Plain.\n  version  Our own version.",
  ]);
});

test.each([
  ['greet', 'hello'],
  ['version', 'ours'],
  ['plain', 'plain'],
  ['more', 'more'],
  ['scoped', 'scoped'],
])('%s runs', async (name, says) => {
  const cwd = temporaryFolder(files);
  expect(await manage([name], { cwd })).toMatchObject({ exitCode: 0, stdout: `${says}\n`, stderr: '' });
  expect((await manage([name, '--json'], { cwd })).json).toBe(says);
});

test('a command that replaces another says so at -v2', async () => {
  const cwd = temporaryFolder(files);
  const { stderr } = await manage(['version', '-v2'], { cwd });
  expect(stderr).toBe("The command 'version' of project replaces the one of manage-auth.\n");
  expect((await manage(['plain', '-v2'], { cwd })).stderr).toContain('of project replaces the one of manage-more.');
});

test('files beside that are no commands are none', async () => {
  const cwd = temporaryFolder(files);
  for (const name of ['_shared', '.hidden', 'types', 'types.d', 'notes', 'plain.js', '', '../commands/greet']) {
    expect(await manage(['--', name], { cwd })).toMatchObject({ exitCode: 2, stdout: '' });
  }
});

test('without a config file a folder named commands is somebody else’s', async () => {
  const cwd = temporaryFolder({ 'commands/greet.js': command('x', 'x') });
  expect(await manage(['greet'], { cwd })).toMatchObject({ exitCode: 2 });
});

describe('broken command files', () => {
  test.each([
    ['broken.ts', 'export default {', /^CommandError: The command 'broken' cannot be loaded from .*broken\.ts: ./],
    [
      'broken.js',
      "import 'no-such-package';",
      /cannot be loaded from .*broken\.js: Cannot find package 'no-such-package'/,
    ],
    ['broken.mjs', "throw new Error('no way');", /cannot be loaded from .*broken\.mjs: no way\n/],
    [
      'broken.ts',
      'export const x = 1;',
      /^CommandError: The file .*broken\.ts exports no command\.\nWrite `export default/,
    ],
    ['broken.mjs', 'export default () => {};', /exports no command/],
    ['broken.mjs', "export default { describe: 'x' };", /exports no command/],
  ])('%s: %s', async (name, text, message) => {
    const cwd = temporaryFolder({ 'manage.config.json': '{}', [`commands/${name}`]: text });
    const { exitCode, stdout, stderr } = await manage(['broken'], { cwd });
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain('    at ');
    expect((await manage(['help'], { cwd })).stdout).toContain('[project]\n    broken');
    expect((await manage(['version'], { cwd })).exitCode).toBe(0);
  });

  test('--traceback shows where a file fails', async () => {
    const cwd = temporaryFolder({ 'manage.config.json': '{}', 'commands/broken.mjs': "throw new Error('no way');" });
    const { stderr } = await manage(['broken', '--traceback'], { cwd });
    expect(stderr).toMatch(/Caused by: Error: no way\n {4}at .*broken\.mjs/);
  });

  test('two files of one name', async () => {
    const text = command('x', 'x');
    const cwd = temporaryFolder({ 'manage.config.json': '{}', 'commands/a.js': text, 'commands/a.ts': text });
    const { exitCode, stderr } = await manage(['a'], { cwd });
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`The command 'a' is there twice: ${join(cwd, 'commands/a.js')}`);
    expect(await manage(['help'], { cwd })).toMatchObject({ exitCode: 0, stderr: '' });
  });
});

test.each([
  ["export default defineCommand({ describe: 'One.\\nTwo.', run() {} })", 'One.'],
  [
    'const o = { describe: "no" };\nexport default defineCommand({\n  settings: false,\n  describe: `One.\nTwo.`,',
    'One.',
  ],
  ['export default defineCommand({ options: { x: { describe: "an option" } } })', ''],
  ['var s = defineCommand({describe:"It\\"s",run(){}});', 'It"s'],
  ['', ''],
])('a description is read from text: %s', (text, described) => {
  expect(describeInText(text)).toBe(described);
});

test('commands may use everything of the package, as one and the same module', async () => {
  const cwd = temporaryFolder({
    'manage.config.ts': "import type { Settings } from 'manage-auth';\nexport default {} satisfies Settings;",
    'commands/_message.ts': "export const message: string = 'shared';",
    'commands/fail.ts': `import { CommandError, defineCommand } from 'manage-auth';
import { message } from './_message.js';
export default defineCommand({
  describe: 'Fails.',
  async run() { throw new CommandError(message, { code: 'mine', hint: 'Try again.' }); },
});`,
  });
  expect(await manage(['fail'], { cwd })).toMatchObject({ exitCode: 1, stderr: 'CommandError: shared\nTry again.\n' });
  const { stderr } = await manage(['fail', '--json'], { cwd });
  expect(JSON.parse(stderr)).toEqual({ error: { code: 'mine', message: 'shared', hint: 'Try again.' } });
});
