import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { CommandError, UsageError } from '../../src/errors.js';
import { callCommand } from '../../src/index.js';
import { temporaryFolder } from '../helpers/manage.js';

function project(body: string) {
  const cwd = temporaryFolder({
    'manage.config.json': '{}',
    'other.json': '{ "secretKey": "other" }',
    'commands/demo.mjs': `import { CommandError } from 'manage-auth';
export default {
  describe: 'x',
  positionals: { app: { describe: 'x' }, names: { describe: 'x', variadic: true } },
  options: {
    dryRun: { type: 'boolean', describe: 'x' },
    userName: { type: 'string', describe: 'x' },
    count: { type: 'integer', describe: 'x' },
    exclude: { type: 'list', describe: 'x' },
  },
  modelOptions: () => ({ full_name: { type: 'string', describe: 'x' } }),
  async run({ terminal, settings }, args) { void CommandError; void settings; ${body} },
};`,
  });
  let stdout = '';
  const host = {
    cwd: () => cwd,
    env: {},
    stdout: new Writable({
      write(chunk, _, done) {
        stdout += chunk;
        done();
      },
    }),
  };
  const call = (args?: readonly string[] | Readonly<Record<string, unknown>>) => callCommand('demo', args, host);
  return { call, stdout: () => stdout };
}

test('a program gets what --json shows, and the command says what it says', async () => {
  const { call, stdout } = project("terminal.say('said'); return { json: { done: true }, exitCode: 1 };");
  expect(await call()).toEqual({ done: true });
  expect(stdout()).toBe('said\n');
  expect(await call({ verbosity: 0 })).toEqual({ done: true });
  expect(stdout()).toBe('said\n');
});

const none = {
  dryRun: false,
  userName: undefined,
  count: undefined,
  exclude: [],
  app: undefined,
  names: [],
  modelArguments: {},
};

test.each([
  [['--dry-run', 'auth', '--', '-x'], { ...none, dryRun: true, app: 'auth', names: ['-x'] }],
  [{}, none],
  [
    { dryRun: true, userName: '-v', count: 3, exclude: ['a', '--b'] },
    { ...none, dryRun: true, userName: '-v', count: 3, exclude: ['a', '--b'] },
  ],
  [
    { dryRun: false, userName: undefined, exclude: 'a' },
    { ...none, exclude: ['a'] },
  ],
  [
    { app: '--app', names: ['-1', 'x'] },
    { ...none, app: '--app', names: ['-1', 'x'] },
  ],
  [{ full_name: 'Bob' }, { ...none, modelArguments: { full_name: 'Bob' } }],
])('arguments are words, or values by name: %j', async (args, expected) => {
  expect(await project('return { json: args };').call(args)).toEqual(expected);
});

test('the config may be named', async () => {
  const { call } = project('return { json: settings.secretKey };');
  expect(await call({ config: 'other.json' })).toBe('other');
  expect(await call(['--config', 'other.json'])).toBe('other');
});

test.each([
  [{ dryrun: true }, 'unrecognized arguments: dryrun'],
  [{ count: 'x' }, "argument --count: invalid int value: 'x'"],
  [{ userName: { a: 1 } }, 'argument userName: expected text'],
  [{ dryRun: 'yes' }, 'argument --dry-run: takes no value'],
  [{ __proto__: null, constructor: 'x' }, 'unrecognized arguments: constructor'],
])('wrong arguments are UsageErrors: %j', async (args, message) => {
  await expect(project('').call(args)).rejects.toThrow(UsageError);
  await expect(project('').call(args)).rejects.toThrow(message);
});

test('what a command throws arrives as it is', async () => {
  const failing = project("throw new CommandError('It failed.', { code: 'failed' });");
  await expect(failing.call()).rejects.toMatchObject({ message: 'It failed.', code: 'failed', exitCode: 1 });
  await expect(project("throw new TypeError('oops');").call()).rejects.toThrow(TypeError);
  await expect(callCommand('no_such_command', [], { cwd: () => temporaryFolder() })).rejects.toThrow(CommandError);
});
