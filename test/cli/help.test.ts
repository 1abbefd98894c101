import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { main } from '../../src/app/main.js';
import { manage, temporaryFolder } from '../helpers/manage.js';

const demo = `import { defineCommand } from 'manage-auth';
export default defineCommand({
  describe: 'Demonstrate everything that help shows, in a sentence that is much longer than eighty columns and so is wrapped.',
  positionals: { app: { describe: 'An app.', required: true }, names: { describe: 'Names.', variadic: true } },
  options: {
    database: { type: 'string', default: 'default', choices: 'databases', placeholder: 'ALIAS', describe: 'The database.' },
    format: { type: 'string', short: 'f', choices: ['json', 'xml'], default: 'json', describe: 'The format.' },
    exclude: { type: 'list', describe: 'What to leave out.' },
    noInput: { type: 'boolean', aliases: ['noinput'], describe: 'Ask nothing.' },
    secret: { type: 'boolean', hidden: true, describe: 'Not shown.' },
  },
  modelOptions: (registry) => ({ [registry.userModel.auth.usernameField]: { type: 'string', describe: 'The login.' } }),
  examples: [['manage demo auth', 'Shows nothing.']],
  async run() {},
});`;
const files = {
  'manage.config.json': '{ "databases": { "pg": { "url": "postgres://h/d" } } }',
  'commands/demo.mjs': demo,
};

describe('help on all commands', () => {
  test.each([[[]], [['help']], [['--help']], [['-h']], [['-v2', '--no-color', 'help']]])('%j', async (args) => {
    const { exitCode, stdout, stderr } = await manage(args);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toMatch(
      /^Type 'manage help <command>' for help on a specific command\.\n\nAvailable commands:\n\n\[accounts\]\n/,
    );
    expect(stdout).toMatch(/^ {4}version +Show the version of manage-auth\.$/m);
  });

  test('every built-in command says what it does', async () => {
    const { json } = await manage(['help', '--json']);
    expect(json.problem).toBeNull();
    const tools = json.commands.filter(({ topic }: { topic: string }) => topic === 'tools');
    expect(tools.map(({ name }: { name: string }) => name)).not.toContain('migrate');
    for (const { name, source, describe: says } of json.commands) {
      expect(name).toMatch(/^[a-z0-9_]+$/);
      expect(source).toBe('manage-auth');
      expect(says, name).toMatch(/^[A-Z].*\.$/);
    }
  });

  test('stand by topic, within 80 columns', async () => {
    const { stdout } = await manage(['help'], { cwd: temporaryFolder(files) });
    const headings = stdout.split('\n').filter((line) => line.startsWith('['));
    expect(headings).toEqual(
      ['accounts', 'rights', 'sessions', 'credentials', 'fixtures', 'data', 'schema', 'tools', 'project']
        .map((topic) => `[${topic}]`)
        .filter((heading) => headings.includes(heading)),
    );
    expect(headings).toEqual(expect.arrayContaining(['[accounts]', '[sessions]', '[schema]', '[tools]', '[project]']));
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
    expect(stdout).toMatch(/^\[sessions\]\n {4}clearsessions +Delete expired sessions/m);
  });

  test('fits a narrow terminal, and so does the help on a command', async () => {
    for (const args of [['help'], ['help', 'migrate'], ['help', 'revokesessions']]) {
      const stdout = Object.assign(new PassThrough(), { isTTY: true, columns: 40 });
      const text: Buffer[] = [];
      stdout.on('data', (chunk) => text.push(chunk));
      const cwd = temporaryFolder();
      const host = { stdin: new PassThrough().end(), stdout, stderr: new PassThrough(), env: { NO_COLOR: '1' } };
      expect(await main(args, { ...host, cwd: () => cwd })).toBe(0);
      const lines = Buffer.concat(text).toString().split('\n');
      expect(lines.length).toBeGreaterThan(30);
      expect(lines.filter((line) => line.length > 40)).toEqual([]);
    }
  });

  test('--commands shows names only, sorted', async () => {
    const cwd = temporaryFolder(files);
    const names = (await manage(['help', '--commands'], { cwd })).stdout.trimEnd().split('\n');
    expect(names).toEqual([...names].sort());
    expect(names).toEqual(expect.arrayContaining(['demo', 'help', 'version']));
  });
});

describe('help on one command', () => {
  test.each([
    [['help', 'demo']],
    [['demo', '--help']],
    [['demo', '-h']],
    [['-h', 'demo']],
    [['demo', '--nope', '--help']],
  ])('%j', async (args) => {
    const cwd = temporaryFolder(files);
    const { exitCode, stdout, stderr } = await manage(args, { cwd });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toBe(`usage: manage demo [options] app [names ...]

Demonstrate everything that help shows, in a sentence that is much longer than
eighty columns and so is wrapped.

Arguments:
  app                       An app.
  names                     Names.

Options:
  --database ALIAS          The database. One of: default, pg. Default: default.
  -f, --format {json,xml}   The format. Default: json.
  --exclude EXCLUDE         What to leave out. May be given several times.
  --no-input, --noinput     Ask nothing.
  --username USERNAME       The login.

Examples:
  manage demo auth
      Shows nothing.

Options of every command:
  -v, --verbosity {0,1,2,3}
                            0 is minimal output, 1 normal, 2 verbose, 3 very
                            verbose. Default: 1.
  --json                    Write one JSON document to stdout, and errors as
                            JSON to stderr.
  --config FILE             Config file, instead of the nearest manage.config.*.
  --introspect              Read the models from the database instead of the
                            settings.
  --no-color                Don't use colors.
  --force-color             Use colors even when the output is not a terminal.
  --traceback               Show stack traces.
  --version                 Show the version.
  -h, --help                Show the help of this command.
`);
  });

  test('as JSON', async () => {
    const { json } = await manage(['help', 'demo', '--json'], { cwd: temporaryFolder(files) });
    expect(json).toMatchObject({
      name: 'demo',
      arguments: [
        { name: 'app', required: true, variadic: false },
        { name: 'names', required: false, variadic: true },
      ],
      examples: [{ line: 'manage demo auth', what: 'Shows nothing.' }],
    });
    expect(json.options[0]).toEqual({
      names: ['--database'],
      type: 'string',
      describe: 'The database.',
      default: 'default',
      choices: ['default', 'pg'],
      global: false,
    });
  });

  test.each([[['help', 'nope']], [['nope']], [['nope', '--help']]])('%j: an unknown command', async (args) => {
    expect(await manage(args)).toMatchObject({
      exitCode: 2,
      stdout: '',
      stderr: "Unknown command: 'nope'.\nType 'manage help' for usage.\n",
    });
  });

  test.each([
    ['adduser', 'Did you mean createuser or createsuperuser?'],
    ['add_user', 'Did you mean createuser or createsuperuser?'],
    ['passwd', 'Did you mean changepassword?'],
    ['logout', 'Did you mean revokesessions?'],
    ['shell_plus', 'Did you mean shell?'],
    ['runserver', 'The site is started by its own manage.py, or as a Node server.'],
    ['export', 'dumpdata'],
    ['whoami', 'print_user_for_session'],
    ['clear-sessions', 'Did you mean clearsessions?'],
    ['migrat', 'Did you mean migrate?'],
    ['rmuser', 'Did you mean deleteuser or deactivateuser?'],
    ['migration:run', 'Did you mean migrate?'],
    ['passkeys', 'Did you mean list2fa?'],
  ])('%s: what other tools call a command', async (word, says) => {
    expect((await manage([word])).stderr.split('\n')[0]).toContain(says);
  });

  test.each(['greet', 'reset', 'set', 'flash', 'clear', 'drop'])('%s: no guess destroys anything', async (word) => {
    const { stderr } = await manage([word]);
    expect(stderr).not.toMatch(/reset_db|flush|clear_models|populate_db|remove_stale|revoke|deleteuser|eraseuser/);
  });

  test('a misspelt command', async () => {
    expect(await manage(['vesrion'])).toMatchObject({
      exitCode: 2,
      stderr: "Unknown command: 'vesrion'. Did you mean version?\nType 'manage help' for usage.\n",
    });
    const { stderr } = await manage(['vesrion', '--json']);
    expect(JSON.parse(stderr)).toEqual({
      error: {
        code: 'unknown_command',
        message: "Unknown command: 'vesrion'. Did you mean version?",
        hint: "Type 'manage help' for usage.",
      },
    });
  });
});

describe('in a project whose config is broken', () => {
  const broken = { 'manage.config.mjs': "throw new Error('no way');", 'commands/demo.mjs': demo };

  test('help lists what there is and says why the rest may be missing', async () => {
    const cwd = temporaryFolder(broken);
    const { exitCode, stdout, stderr } = await manage(['help'], { cwd });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toContain('    version ');
    expect(stdout.trimEnd().split('\n').at(-1)).toBe(
      `The config file ${cwd}/manage.config.mjs cannot be loaded: no way`,
    );
  });

  test('help on one command shows the options for Django’s own user model', async () => {
    const { exitCode, stdout } = await manage(['demo', '--help'], { cwd: temporaryFolder(broken) });
    expect(exitCode).toBe(0);
    expect(stdout).toContain('--username USERNAME       The login.');
    expect(stdout).toContain('--database ALIAS          The database. Default: default.');
  });

  test('version works, other commands say what is wrong', async () => {
    const cwd = temporaryFolder(broken);
    expect(await manage(['version'], { cwd })).toMatchObject({ exitCode: 0 });
    expect(await manage(['demo', '--version'], { cwd })).toMatchObject({ exitCode: 0 });
    expect(await manage(['demo', 'x'], { cwd })).toMatchObject({
      exitCode: 1,
      stdout: '',
      stderr: `CommandError: The config file ${cwd}/manage.config.mjs cannot be loaded: no way\n`,
    });
    expect((await manage(['demo', 'x', '--traceback'], { cwd })).stderr).toMatch(/Caused by: Error: no way\n {4}at /);
  });

  test('an unknown command says that it may be missing for that reason', async () => {
    const cwd = temporaryFolder(broken);
    const { exitCode, stderr } = await manage(['more'], { cwd });
    expect(exitCode).toBe(2);
    expect(stderr).toBe(
      `Unknown command: 'more'.\nThe config file ${cwd}/manage.config.mjs cannot be loaded: no way\nType 'manage help' for usage.\n`,
    );
  });
});
