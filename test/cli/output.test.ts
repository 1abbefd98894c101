import { describe, expect, test } from 'vitest';
import { type ManageOptions, manage, temporaryFolder } from '../helpers/manage.js';

/** Runs a command whose `run` has this body. */
function run(body: string, args: readonly string[] = [], options: ManageOptions & { readonly extra?: string } = {}) {
  const { extra = '', ...rest } = options;
  const cwd = temporaryFolder({
    'manage.config.json': '{}',
    'commands/demo.mjs': `import { CommandError, OperationCancelled, UsageError, defineCommand } from 'manage-auth';
export default defineCommand({ describe: 'Demo.', ${extra} async run({ terminal, ...context }, args) { ${body} } });`,
  });
  return manage(['demo', ...args], { cwd, ...rest });
}

describe('verbosity', () => {
  const body = `terminal.say('said'); terminal.say('more', 2); terminal.say('most', 3);
    terminal.note('noted'); terminal.note('noted more', 2); terminal.warn('warned');
    terminal.begin('begun...'); terminal.say(' OK'); await terminal.write('data');`;

  test.each([
    ['-v0', 'data', 'warned\n'],
    ['-v1', 'said\nbegun... OK\ndata', 'noted\nwarned\n'],
    ['-v2', 'said\nmore\nbegun... OK\ndata', 'noted\nnoted more\nwarned\n'],
    ['-v3', 'said\nmore\nmost\nbegun... OK\ndata', 'noted\nnoted more\nwarned\n'],
    ['--json', 'null\n', '{"warning":{"message":"warned"}}\n'],
  ])('%s', async (word, stdout, stderr) => {
    expect(await run(body, [word])).toMatchObject({ exitCode: 0, stdout, stderr });
  });
});

describe('--json', () => {
  test('writes the result and nothing else', async () => {
    const { stdout, exitCode } = await run("terminal.say('x'); return { json: { a: 1, text: 'é' }, exitCode: 1 };", [
      '--json',
    ]);
    expect({ stdout, exitCode }).toEqual({ stdout: '{"a":1,"text":"é"}\n', exitCode: 1 });
  });

  test.each([
    [
      "throw new CommandError('It failed.', { code: 'failed', hint: 'Mend it.' });",
      1,
      { code: 'failed', message: 'It failed.', hint: 'Mend it.' },
    ],
    ["throw new UsageError('Nobody.');", 2, { code: 'usage', message: 'Nobody.', hint: null }],
    ['throw new OperationCancelled();', 130, { code: 'cancelled', message: 'Operation cancelled.', hint: null }],
    ["throw new Error('oops');", 1, { code: 'unexpected', message: 'oops', hint: null }],
    ["terminal.begin('x...'); throw 'text';", 1, { code: 'unexpected', message: 'text', hint: null }],
  ])('a failure leaves stdout empty: %s', async (body, exitCode, error) => {
    const result = await run(body, ['--json']);
    expect(result).toMatchObject({ exitCode, stdout: '' });
    expect(JSON.parse(result.stderr)).toEqual({ error });
  });

  test.each([
    [['--nope', '--json'], 2, 'usage'],
    [['--json', '--database', 'x'], 2, 'usage'],
  ])('wrong usage: %j', async (args, exitCode, code) => {
    const result = await run('', args);
    expect(result).toMatchObject({ exitCode, stdout: '' });
    expect(JSON.parse(result.stderr).error.code).toBe(code);
  });

  test('broken settings', async () => {
    const result = await run('', ['--json'], { env: { DATABASE_URL: 'oracle://me:hunter2@h/d' } });
    expect(result).toMatchObject({ exitCode: 1, stdout: '' });
    expect(JSON.parse(result.stderr).error).toMatchObject({ code: 'bad_settings' });
    expect(result.stderr).not.toContain('hunter2');
  });

  test('is refused by a command that has none', async () => {
    const result = await run('', ['--json'], { extra: 'json: false,' });
    expect(result).toMatchObject({ exitCode: 2, stdout: '' });
    expect(JSON.parse(result.stderr).error.message).toContain('--json');
    expect((await run('', ['--help'], { extra: 'json: false,' })).stdout).not.toContain('--json');
  });
});

describe('errors', () => {
  test('a CommandError is one sentence and its hint', async () => {
    const result = await run("throw new CommandError('It failed.', { hint: 'Mend it.' });");
    expect(result).toMatchObject({ exitCode: 1, stdout: '', stderr: 'CommandError: It failed.\nMend it.\n' });
  });

  test('--traceback shows its stack and causes', async () => {
    const { stderr, exitCode } = await run("throw new CommandError('It failed.', { cause: new Error('why') });", [
      '--traceback',
    ]);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^CommandError: It failed\.\n {4}at [\s\S]*\nCaused by: Error: why\n {4}at /);
  });

  test('wrong usage shows how the command is used', async () => {
    const result = await run('', ['--forc-color'], {
      extra: "positionals: { name: { describe: 'x', required: true } },",
    });
    expect(result).toMatchObject({
      exitCode: 2,
      stdout: '',
      stderr:
        'usage: manage demo [options] name\nmanage demo: error: unrecognized arguments: --forc-color\nDid you mean --force-color?\n',
    });
  });

  test('wrong usage found by the command itself', async () => {
    expect(await run("throw new UsageError('Give one of the two.');")).toMatchObject({
      exitCode: 2,
      stderr: 'manage demo: error: Give one of the two.\n',
    });
  });

  test('anything unexpected shows its stack and causes, and nothing that it carries', async () => {
    const { stderr, exitCode } = await run(
      "throw Object.assign(new Error('oops', { cause: new AggregateError([new Error('one'), new Error('two')], 'both') }), { password: 'hunter2' });",
    );
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^Error: oops\n {4}at /);
    for (const cause of ['both', 'one', 'two']) expect(stderr).toContain(cause);
    expect(stderr).not.toContain('hunter2');
  });

  test('an error begins a line of its own', async () => {
    const { stdout, stderr } = await run("terminal.begin('Applying x...'); throw new CommandError('No.');");
    expect({ stdout, stderr }).toEqual({ stdout: 'Applying x...\n', stderr: 'CommandError: No.\n' });
  });

  test('a note in the middle of a line ends that first', async () => {
    const { stdout } = await run("terminal.begin('Applying x...'); terminal.note('Waiting.'); terminal.say('OK');");
    expect(stdout).toBe('Applying x...\nOK\n');
  });

  test('an error from another copy of this package is known by what it carries', async () => {
    const body =
      "throw Object.assign(new Error('Foreign.'), { name: 'CommandError', exitCode: 1, code: 'x', hint: 'Hint.' });";
    expect(await run(body)).toMatchObject({ exitCode: 1, stderr: 'CommandError: Foreign.\nHint.\n' });
  });

  test('control characters in names cannot move the cursor or set the title', async () => {
    const body =
      "const name = 'a\\x1b]0;t\\x07\\x1b[2Jb\\r\\x9b1m'; terminal.say(name); terminal.warn(name); throw new CommandError(name, { hint: name });";
    const { stdout, stderr } = await run(body);
    const safe = 'a\\x1b]0;t\\x07\\x1b[2Jb\\x0d\\x9b1m';
    expect(stdout).toBe(`${safe}\n`);
    expect(stderr).toBe(`${safe}\nCommandError: ${safe}\n${safe}\n`);
  });

  test('colours and marks of direction in data stay what they are: data', async () => {
    const body =
      "const name = 'a\\x1b[31mb\\u202ec'; terminal.say(terminal.style.success('yes') + name); terminal.warn(name); terminal.note(name); throw new CommandError(name, { hint: name });";
    const safe = 'a\\x1b[31mb\\u202ec';
    const plain = await run(body);
    expect(plain.stdout).toBe(`yes${safe}\n`);
    expect(plain.stderr).toBe(`${safe}\n${safe}\nCommandError: ${safe}\n${safe}\n`);
    const colourful = await run(body, ['--force-color']);
    expect(colourful.stdout).toBe(`\x1b[32;1myes\x1b[0m${safe}\n`);
    expect(colourful.stderr).toBe(
      `\x1b[33;1m${safe}\x1b[0m\n${safe}\n\x1b[31;1mCommandError: ${safe}\x1b[0m\n${safe}\n`,
    );
    const own = await run("throw new CommandError('\\x1b[31;1mred\\x1b[0m');", ['--force-color']);
    expect(own.stderr).toContain('CommandError: \\x1b[31;1mred\\x1b[0m');
  });
});

describe('colours', () => {
  const body = "terminal.say(terminal.style.success('yes')); terminal.warn('no');";
  const green = '\x1b[32;1myes\x1b[0m\n';

  test.each([
    [[], {}, 'yes\n'],
    [['--force-color'], {}, green],
    [[], { FORCE_COLOR: '1' }, green],
    [[], { FORCE_COLOR: '0' }, 'yes\n'],
    [['--no-color'], { FORCE_COLOR: '1' }, 'yes\n'],
    [['--force-color'], { NO_COLOR: '1' }, green],
  ])('%j %j', async (args, env, stdout) => {
    const result = await run(body, args, { env });
    expect(result.stdout).toBe(stdout);
    expect(result.stderr).toBe(stdout === green ? '\x1b[33;1mno\x1b[0m\n' : 'no\n');
  });

  test('both options at once', async () => {
    const result = await run(body, ['--no-color', '--force-color']);
    expect(result).toMatchObject({
      exitCode: 1,
      stdout: '',
      stderr:
        "CommandError: The --no-color and --force-color options can't be used together.\nLeave one of them out.\n",
    });
  });
});

describe('questions', () => {
  const ask =
    "const name = await terminal.ask('Name: '); const password = await terminal.askSecret('Password: '); const sure = await terminal.confirm('Sure? '); terminal.say(JSON.stringify([name, password, sure]));";

  test.each([
    ['yes', true],
    ['YES', false],
    ['y', false],
    ['', false],
  ])('only yes is a yes: %j', async (answer, sure) => {
    const answers = [
      ['Name: ', 'bob'],
      [/^Pass/, 'secret'],
      ['Sure', answer],
    ] as const;
    expect((await run(ask, [], { answers })).stdout).toBe(`${JSON.stringify(['bob', 'secret', sure])}\n`);
  });

  test('nobody is there', async () => {
    expect(await run(ask, [], { stdin: 'bob\nsecret\nyes\n' })).toMatchObject({
      exitCode: 2,
      stdout: '',
      stderr:
        'manage demo: error: Cannot prompt: stdin is not a terminal.\nUse --no-input, and give what is needed as options.\n',
    });
  });

  test('an unexpected question and one that is never asked fail the test', async () => {
    await expect(run(ask, [], { answers: [['Other: ', 'x']] })).rejects.toThrow('Unexpected question: asked "Name: "');
    await expect(run('', [], { answers: [['Name: ', 'x']] })).rejects.toThrow('Questions never asked: Name: ');
  });
});

test('the context has the time, the environment with .env, and the working directory', async () => {
  const cwd = temporaryFolder({
    'manage.config.json': '{}',
    '.env': 'FROM_DOTENV=1\nBOTH=dotenv',
    'commands/demo.mjs':
      "export default { describe: 'x', async run(c) { return { json: [c.now().toISOString(), c.env.FROM_DOTENV, c.env.BOTH, c.cwd()] }; } };",
  });
  const { json } = await manage(['demo', '--json'], { cwd, now: '2026-01-02T03:04:05Z', env: { BOTH: 'process' } });
  expect(json).toEqual(['2026-01-02T03:04:05.000Z', '1', 'process', cwd]);
});
