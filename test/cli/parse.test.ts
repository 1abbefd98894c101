import { describe, expect, test } from 'vitest';
import { parse } from '../../src/cli/parse.js';
import type { Options, Positionals } from '../../src/command.js';
import { UsageError } from '../../src/errors.js';

const command = {
  options: {
    username: { type: 'string', describe: '' },
    email: { type: 'string', short: 'e', default: 'none', describe: '' },
    count: { type: 'integer', short: 'n', default: 5, describe: '' },
    limit: { type: 'integer', min: 1, max: 1000, describe: '' },
    exclude: { type: 'list', short: 'x', describe: '' },
    format: { type: 'string', choices: ['json', 'xml'], describe: '' },
    noInput: { type: 'boolean', aliases: ['noinput'], describe: '' },
    all: { type: 'boolean', short: 'a', describe: '' },
    database: { type: 'string', choices: 'databases', default: 'default', describe: '' },
    passwordFile: { type: 'string', describe: '' },
    passwordStdin: { type: 'boolean', describe: '' },
  } satisfies Options,
  positionals: {
    app: { describe: '' },
    names: { variadic: true, describe: '' },
  } satisfies Positionals,
};
const databases = ['default', 'pg'];

const run = (...argv: string[]) => parse(argv, command, { databases });
const argsOf = async (...argv: string[]) => (await run(...argv)).args;
async function failure(...argv: string[]): Promise<UsageError> {
  const error = await run(...argv).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof UsageError)) throw new Error(`expected a UsageError, got ${error}`);
  return error;
}

test('nothing given', async () => {
  expect(await argsOf()).toEqual({
    username: undefined,
    email: 'none',
    count: 5,
    limit: undefined,
    exclude: [],
    format: undefined,
    noInput: false,
    all: false,
    database: 'default',
    passwordFile: undefined,
    passwordStdin: false,
    app: undefined,
    names: [],
    modelArguments: {},
  });
});

describe('values', () => {
  test.each([
    [['--username', 'bob'], 'bob'],
    [['--username=bob'], 'bob'],
    [['--username='], ''],
    [['--username', ''], ''],
    [['--username=a=b'], 'a=b'],
    [['--username=--x'], '--x'],
    [['--username', '0123'], '0123'],
    [['--username', '1e5'], '1e5'],
    [['--username', '-5'], '-5'],
    [['--username', '-.5'], '-.5'],
    [['--username', '-'], '-'],
    [['--username="quoted"'], '"quoted"'],
    [["--username='"], "'"],
    [['--username=line\nbreak'], 'line\nbreak'],
    [['--username=\0'], '\0'],
    [['--username', 'true'], 'true'],
    [['--username', 'first', '--username', 'last'], 'last'],
    [['--user', 'bob'], 'bob'],
    [['--username', '__proto__'], '__proto__'],
    [['--username', '日本😀'], '日本😀'],
  ])('%j is %j', async (argv, username) => {
    expect((await argsOf(...argv)).username).toBe(username);
  });

  test('100 KB pass', async () => {
    const long = 'x'.repeat(100_000);
    expect((await argsOf(`--username=${long}`, long)).username).toBe(long);
  });

  test('text typed like numbers stays text in positionals too', async () => {
    expect(await argsOf('0123', '1e5', '-7')).toMatchObject({ app: '0123', names: ['1e5', '-7'] });
  });

  test('lists gather', async () => {
    expect((await argsOf('-x', 'a', '--exclude=b', '-xc', 'app')).exclude).toEqual(['a', 'b', 'c']);
  });

  test('integers', async () => {
    expect(await argsOf('-n', '7', '--limit=1000')).toMatchObject({ count: 7, limit: 1000 });
    expect(await argsOf('--count=-3')).toMatchObject({ count: -3 });
    expect(await argsOf('-n', '-3')).toMatchObject({ count: -3 });
  });

  test('single letters may be joined', async () => {
    expect(await argsOf('-an3')).toMatchObject({ all: true, count: 3 });
    expect(await argsOf('-n=3')).toMatchObject({ count: 3 });
    expect((await run('-av2')).globals.verbosity).toBe(2);
  });

  test('-- ends the options', async () => {
    expect(await argsOf('--all', '--', '--username', '-v')).toMatchObject({
      all: true,
      app: '--username',
      names: ['-v'],
      username: undefined,
    });
  });

  test('options may stand between words', async () => {
    expect(await argsOf('auth', '--all', 'x', '--database=pg')).toMatchObject({
      app: 'auth',
      names: ['x'],
      database: 'pg',
    });
  });

  test.each(['--no-input', '--noinput', '--noin', '--no-in'])('%s is one flag', async (word) => {
    expect((await argsOf(word)).noInput).toBe(true);
  });
});

describe('wrong usage', () => {
  test.each([
    [['--nope'], 'unrecognized arguments: --nope', undefined],
    [
      ['--run-syncdb'],
      'unrecognized arguments: --run-syncdb',
      'All apps have migrations here: `manage makemigrations` writes the first ones.',
    ],
    [['--usrname', 'bob', 'x', 'y'], 'unrecognized arguments: --usrname', 'Did you mean --username?'],
    [['--username=a', '-q'], 'unrecognized arguments: -q', undefined],
    [['-aq'], 'unrecognized arguments: -q', undefined],
    [['--username'], 'argument --username: expected one argument', undefined],
    [
      ['--username', '--all'],
      'argument --username: expected one argument',
      'Write --username=VALUE for a value that begins with a dash.',
    ],
    [['--username', '--'], 'argument --username: expected one argument', undefined],
    [['-n'], 'argument -n/--count: expected one argument', undefined],
    [['--no-input=x'], 'argument --no-input/--noinput: takes no value', undefined],
    [['--password-stdin=hunter2'], 'argument --password-stdin: takes no value', undefined],
    [['-n', 'x'], "argument -n/--count: invalid int value: 'x'", undefined],
    [['-n', '1.5'], "argument -n/--count: invalid int value: '1.5'", undefined],
    [['-n', '1e5'], "argument -n/--count: invalid int value: '1e5'", undefined],
    [['-n='], "argument -n/--count: invalid int value: ''", undefined],
    [['-n', '9007199254740993'], "argument -n/--count: invalid int value: '9007199254740993'", undefined],
    [['--limit', '0'], 'argument --limit: 0 is less than 1', undefined],
    [['--limit', '1001'], 'argument --limit: 1001 is more than 1000', undefined],
    [['-v', '4'], 'argument -v/--verbosity: invalid choice: 4 (choose from 0, 1, 2, 3)', undefined],
    [['--format', 'yaml'], "argument --format: invalid choice: 'yaml' (choose from 'json', 'xml')", undefined],
    [
      ['--database', 'nope'],
      "argument --database: invalid choice: 'nope' (choose from 'default', 'pg')",
      'Set DATABASE_URL_NOPE, or give `databases.nope` a `url` in the settings.',
    ],
    [['--database='], "argument --database: invalid choice: '' (choose from 'default', 'pg')", undefined],
    [['--no'], 'ambiguous option: --no could match --no-input, --noinput, --no-color', undefined],
    [
      ['--password', 'hunter2'],
      'ambiguous option: --password could match --password-file, --password-stdin',
      undefined,
    ],
    [['--conf', 'x'], 'unrecognized arguments: --conf', 'Did you mean --config?'],
    [['--__proto__'], 'unrecognized arguments: --__proto__', undefined],
    [['--constructor=x'], 'unrecognized arguments: --constructor', undefined],
    [['--no-all'], 'unrecognized arguments: --no-all', '--all has no opposite here.'],
  ])('%j', async (argv, message, hint) => {
    expect(await failure(...argv)).toMatchObject({ message, hint, exitCode: 2 });
  });

  test('words that are too many, and words that are missing', async () => {
    const one = { positionals: { name: { describe: '', required: true } } } as const;
    await expect(parse(['a', 'b', 'c'], one)).rejects.toThrow('unrecognized arguments: b c');
    await expect(parse([], one)).rejects.toThrow('the following arguments are required: name');
    const many = { positionals: { names: { describe: '', required: true, variadic: true } } } as const;
    await expect(parse([], many)).rejects.toThrow('the following arguments are required: names');
    expect((await parse(['', ''], many)).args.names).toEqual(['', '']);
  });

  test('what may be the value of an unknown option is not repeated', async () => {
    const none = {};
    await expect(parse(['--password', 'hunter2'], none)).rejects.toThrow(/^unrecognized arguments: --password$/);
    await expect(parse(['--password=hunter2'], none)).rejects.toThrow(/^unrecognized arguments: --password$/);
  });

  test('very long words are cut', async () => {
    expect((await failure(`--${'y'.repeat(100_000)}`)).message.length).toBeLessThan(300);
    expect((await failure('--format', 'y'.repeat(100_000))).message.length).toBeLessThan(300);
  });
});

describe('durations', () => {
  const timed = {
    options: {
      age: { type: 'integer', unit: 'seconds', max: 100_000, describe: '' },
      since: { type: 'integer', unit: 'days', describe: '' },
    } satisfies Options,
  };
  test.each([
    [['--age', '90'], { age: 90 }],
    [['--age=90s'], { age: 90 }],
    [['--age=10m'], { age: 600 }],
    [['--age=2H'], { age: 7200 }],
    [['--since=30d'], { since: 30 }],
    [['--since=4w'], { since: 28 }],
    [['--since=12h'], { since: 0.5 }],
    [['--since=7'], { since: 7 }],
  ])('%j', async (argv, wanted) => {
    expect((await parse(argv, timed)).args).toMatchObject(wanted);
  });

  test.each([['--age=2d'], ['--age=10x'], ['--age=m'], ['--since=1.5d']])('refuses %s', async (word) => {
    await expect(parse([word], timed)).rejects.toThrow(UsageError);
  });
});

describe('global options', () => {
  test.each(['--force', '--verb', '--trace', '--js'])('are never abbreviated behind a command: %s', async (word) => {
    expect((await failure(word)).message).toBe(`unrecognized arguments: ${word}`);
  });

  test('those of Django that mean nothing here are taken, and named', async () => {
    const given = ['--settings', 'site.settings', '--pythonpath=..', '--skip-checks'];
    expect((await run(...given)).globals.ignored).toEqual(['--settings', '--pythonpath', '--skip-checks']);
  });

  test('are told apart from those of the command', async () => {
    const { globals, args } = await run('-v0', '--json', '--no-color', '--traceback', '--config', 'x.json');
    expect(globals).toEqual({
      verbosity: 0,
      json: true,
      noColor: true,
      forceColor: false,
      traceback: true,
      ignored: [],
      version: false,
      help: false,
      introspect: false,
    });
    expect(args).not.toHaveProperty('verbosity');
  });

  test.each([['-v2'], ['-v', '2'], ['--verbosity=2'], ['-v1', '-v2']])('%j', async (...argv) => {
    expect((await run(...argv)).globals.verbosity).toBe(2);
  });

  test('with --help nothing is missing', async () => {
    const { globals } = await parse(['-h'], { positionals: { name: { describe: '', required: true } } });
    expect(globals.help).toBe(true);
  });

  test('--json is refused by commands that write for other programs', async () => {
    await expect(parse(['--json'], { json: false })).rejects.toThrow('argument --json');
  });

  test('options of the command win', async () => {
    const own = { options: { version: { type: 'string', describe: '' } } } as const;
    const { globals, args } = await parse(['--version', '3'], own);
    expect([globals.version, args.version]).toEqual([false, '3']);
  });
});

test('options of the user model are spelt as its fields, and arrive by field name where they are given', async () => {
  const modelOptions = {
    full_name: { type: 'string', describe: '', default: 'nobody' },
    groups: { type: 'list', describe: '' },
  } as const;
  const model = async (...argv: string[]) => (await parse(argv, {}, { modelOptions })).args.modelArguments;
  expect(await model()).toEqual({});
  expect(await model('--full_name=Bob', '--groups', '1', '--groups=2')).toEqual({
    full_name: 'Bob',
    groups: ['1', '2'],
  });
  expect(await model('--full-name', 'Bob')).toEqual({ full_name: 'Bob' });
});
