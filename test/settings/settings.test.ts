import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CommandError } from '../../src/errors.js';
import { parseSettings } from '../../src/settings/parse.js';
import { loadProject } from '../../src/settings/project.js';
import type { Settings } from '../../src/settings/settings.js';
import { temporaryFolder } from '../helpers/manage.js';

interface Given {
  readonly files?: Readonly<Record<string, string>>;
  readonly config?: Settings | Record<string, unknown>;
  readonly env?: Readonly<Record<string, string>>;
  /** Relative to the folder that the files are in. */
  readonly cwd?: string;
  readonly option?: string;
}

function folderWith({ files = {}, config }: Given): string {
  return temporaryFolder({
    ...files,
    ...(config === undefined ? {} : { 'manage.config.json': JSON.stringify(config) }),
  });
}

async function load(given: Given = {}) {
  const folder = folderWith(given);
  const host = { env: given.env ?? {}, cwd: () => join(folder, given.cwd ?? '') };
  const project = await loadProject(host, given.option);
  const { settings, registry } = await parseSettings(project);
  return { folder, settings, registry };
}

async function problemOf(given: Given): Promise<string> {
  const error = await load(given).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof CommandError)) throw new Error(`expected a CommandError, got ${error}`);
  expect(error).toMatchObject({ code: 'bad_settings', exitCode: 1 });
  return error.message;
}

const fileOf = (settings: { databases: Readonly<Record<string, { target: object }>> }, alias = 'default') =>
  settings.databases[alias]?.target;

test('everything has a default', async () => {
  const { settings, folder } = await load();
  expect(settings).toMatchObject({
    root: folder,
    configFile: undefined,
    databases: {
      default: {
        alias: 'default',
        target: { engine: 'sqlite', filename: join(folder, 'db.sqlite3') },
        protected: false,
      },
    },
    secretKey: undefined,
    secretKeyFallbacks: [],
    useTz: true,
    timeZone: 'UTC',
    userModel: 'auth.user',
    packages: [],
    passwordHashers: ['pbkdf2_sha256', 'pbkdf2_sha1', 'argon2', 'bcrypt_sha256', 'scrypt'],
    fixtureDirs: [],
    session: { cookieName: 'sessionid', cookieAge: 1_209_600 },
    sqliteDriver: undefined,
  });
  expect(settings.apps.map(({ label }) => label)).toEqual(['admin', 'auth', 'contenttypes', 'sessions']);
  expect(settings.passwordValidators.map(({ name }) => name)).toEqual([
    'UserAttributeSimilarityValidator',
    'MinimumLengthValidator',
    'CommonPasswordValidator',
    'NumericPasswordValidator',
  ]);
});

describe('precedence', () => {
  const config = {
    databases: { default: { url: 'sqlite:///config.db' } },
    secretKey: 'from config',
    timeZone: 'Europe/Paris',
  };

  test('the config stands above the defaults', async () => {
    const { settings, folder } = await load({ config, cwd: '' });
    expect(fileOf(settings)).toMatchObject({ filename: join(folder, 'config.db') });
    expect(settings).toMatchObject({ secretKey: 'from config', timeZone: 'Europe/Paris' });
  });

  test('.env in the working directory stands above the config', async () => {
    const files = { 'sub/.env': 'DATABASE_URL=sqlite:///cwd.db\nSECRET_KEY=cwd' };
    const { settings, folder } = await load({ config, cwd: 'sub', files });
    expect(fileOf(settings)).toMatchObject({ filename: join(folder, 'sub/cwd.db') });
    expect(settings.secretKey).toBe('cwd');
  });

  test('.env beside the config stands above that', async () => {
    const files = { 'sub/.env': 'DATABASE_URL=sqlite:///cwd.db', '.env': 'DATABASE_URL=sqlite:///beside.db' };
    const { settings, folder } = await load({ config, cwd: 'sub', files });
    expect(fileOf(settings)).toMatchObject({ filename: join(folder, 'beside.db') });
  });

  test('the process environment stands above all, and its relative paths are those of the working directory', async () => {
    const files = { '.env': 'DATABASE_URL=sqlite:///beside.db', 'sub/x': '' };
    const env = { DATABASE_URL: 'sqlite:///env.db', SECRET_KEY: 'from env', TIME_ZONE: 'Asia/Tokyo' };
    const { settings, folder } = await load({ config, cwd: 'sub', files, env });
    expect(fileOf(settings)).toMatchObject({ filename: join(folder, 'sub/env.db') });
    expect(settings).toMatchObject({ secretKey: 'from env', timeZone: 'Asia/Tokyo' });
  });
});

describe('the environment', () => {
  test('adds databases and changes those of the config', async () => {
    const { settings } = await load({
      config: {
        databases: { live: { url: 'postgres://a/b', protected: true }, 'read-only': { url: 'sqlite::memory:' } },
      },
      env: {
        DATABASE_URL_LIVE: 'postgres://c/d',
        DATABASE_URL_OTHER: 'sqlite::memory:',
        DATABASE_URL_READ_ONLY: 'postgres://e/f',
      },
    });
    expect(Object.keys(settings.databases)).toEqual(['default', 'live', 'read-only', 'other']);
    expect(settings.databases.live).toMatchObject({ target: { host: 'c' }, protected: true });
    expect(settings.databases['read-only']).toMatchObject({ target: { host: 'e' } });
  });

  test('.env may say how PostgreSQL is to be reached', async () => {
    const files = {
      '.env': 'DATABASE_URL=postgres://h/d\nPGSSLMODE=verify-ca\nPGSSLROOTCERT=ca.pem',
      'manage.config.json': '{}',
    };
    const { settings } = await load({ files });
    expect(settings.databases.default?.target).toMatchObject({
      sslMode: 'verify-ca',
      sslRootCert: expect.stringMatching(/^\/.*\/ca\.pem$/),
    });
  });

  test('a folder named .env is none of ours', async () => {
    expect((await load({ config: { secretKey: 'x' }, files: { '.env/bin/python': '' } })).settings.secretKey).toBe('x');
  });

  test('.env may quote, comment and export', async () => {
    const text = '\uFEFF# keys\r\nexport SECRET_KEY="a b#c"\r\nTIME_ZONE=Europe/Paris # home\r\n';
    const { settings } = await load({ files: { '.env': text } });
    expect(settings).toMatchObject({ secretKey: 'a b#c', timeZone: 'Europe/Paris' });
  });

  test.each(['utf16le', 'utf16be'])('files that Windows wrote in UTF-16 are read: %s', async (encoding) => {
    const written = (text: string) => {
      const bytes = Buffer.from(`\uFEFF${text}`, 'utf16le');
      return encoding === 'utf16be' ? bytes.swap16() : bytes;
    };
    const folder = temporaryFolder();
    writeFileSync(join(folder, '.env'), written('SECRET_KEY=grün\r\n'));
    writeFileSync(join(folder, 'manage.config.json'), written('{ "timeZone": "Europe/Berlin" }'));
    const { settings } = await parseSettings(await loadProject({ env: {}, cwd: () => folder }, undefined));
    expect(settings).toMatchObject({ secretKey: 'grün', timeZone: 'Europe/Berlin' });
  });

  // What python-dotenv and django-environ (by default) give where they agree.
  test.each([
    ['django-insecure-ab#cd$ef(gh)01', 'django-insecure-ab#cd$ef(gh)01'],
    ['a#b # comment', 'a#b'],
    ['a\t# comment', 'a'],
    ['#a', '#a'],
    ["'a#b'", 'a#b'],
    ["'a # b' # comment", 'a # b'],
    ['"a # b"# comment', 'a # b'],
    ["'it''s#x'", "it''s#x"],
    ['"a\\"b\\\\c"', 'a"b\\c'],
    ['"a\\nb"', 'a\nb'],
    ['"a\nb # c"', 'a\nb # c'],
    ['"open', '"open'],
    ['  a b  ', 'a b'],
    ['a"b"', 'a"b"'],
    ['`a`', '`a`'],
    // As python-dotenv alone has it; django-environ puts nothing in.
    [`\${PART}-\${OTHER:-x}`, 'line-x'],
    [`"\${PART}"`, 'line'],
    [`\${HOST}:\${HOST:-x}`, 'here:here'],
    [`$PART \${NONE} \${`, `$PART \${NONE} \${`],
  ])('.env reads %j', async (written, value) => {
    const { settings } = await load({
      env: { HOST: 'here' },
      files: { '.env': `HOST=there\nPART=line\nno assignment\nSECRET_KEY=${written}\r\nTIME_ZONE = UTC # x` },
    });
    expect(settings).toMatchObject({ secretKey: value, timeZone: 'UTC' });
  });

  test('warns of the quotes that --env-file of Docker keeps', async () => {
    const { settings } = await load({ env: { SECRET_KEY: '"quoted"', OTHER: '"fine"' } });
    expect(settings.secretKey).toBe('"quoted"');
    expect(settings.warnings).toEqual([
      'SECRET_KEY in the environment has quotes around its whole value, which are taken for a part of it: ' +
        'Docker’s --env-file keeps them. Remove them there.',
    ]);
    expect(await problemOf({ env: { DATABASE_URL: "'sqlite:///x.db'" } })).toMatch(/Remove the quotes around it\.$/);
  });

  test('separates fallback keys by commas', async () => {
    const { settings } = await load({ env: { SECRET_KEY_FALLBACKS: 'one, two ,' } });
    expect(settings.secretKeyFallbacks).toEqual(['one', 'two']);
  });

  test.each(['DATABASE_URL', 'DATABASE_URL_LIVE', 'SECRET_KEY', 'TIME_ZONE'])(
    'refuses an empty %s, which is most likely a mistake of a deployment',
    async (name) => {
      expect(await problemOf({ env: { [name]: '' } })).toBe(
        `${name} in the environment is empty: give it a value, or remove it.`,
      );
    },
  );

  test('chooses the SQLite driver', async () => {
    expect((await load({ env: { MANAGE_SQLITE_DRIVER: 'node:sqlite' } })).settings.sqliteDriver).toBe('node:sqlite');
    expect(await problemOf({ env: { MANAGE_SQLITE_DRIVER: 'better' } })).toContain('MANAGE_SQLITE_DRIVER');
  });
});

describe('the config file', () => {
  test('is looked for upwards', async () => {
    const { settings, folder } = await load({ config: {}, files: { 'a/b/x': '' }, cwd: 'a/b' });
    expect(settings.root).toBe(folder);
  });

  test.each(['package.json', '.git/HEAD'])('is not looked for above a folder with %s', async (file) => {
    const { settings, folder } = await load({
      config: { secretKey: 'x' },
      files: { [`a/${file}`]: '{}', 'a/b/x': '' },
      cwd: 'a/b',
    });
    expect(settings).toMatchObject({ root: join(folder, 'a/b'), configFile: undefined, secretKey: undefined });
  });

  test('is found beside a package.json', async () => {
    const files = { 'package.json': '{}', 'a/x': '' };
    expect((await load({ config: { secretKey: 'x' }, files, cwd: 'a' })).settings.secretKey).toBe('x');
  });

  test('may be named, relative to the working directory', async () => {
    const files = { 'a/my.json': '{"databases":{"default":{"url":"sqlite:///my.db"}}}' };
    const { settings, folder } = await load({ config: { secretKey: 'x' }, files, option: 'a/my.json' });
    expect(settings).toMatchObject({ root: join(folder, 'a'), secretKey: undefined });
    expect(fileOf(settings)).toMatchObject({ filename: join(folder, 'a/my.db') });
  });

  test('that is named must exist, and be a file', async () => {
    expect(await problemOf({ option: 'no.json' })).toMatch(/The config file \/.*no\.json does not exist\./);
    expect(await problemOf({ option: '' })).toMatch(/^--config is empty\. Give the path of a config file/);
    expect(await problemOf({ option: '.' })).toMatch(/The config file \/.* is a folder\. Give the path/);
  });

  test.each([
    "export default { get secretKey() { throw new Error('no vault'); } };",
    "export default { get packages() { throw new Error('no vault'); } };",
    "export default { databases: { get default() { throw new Error('no vault'); } } };",
    "export default { session: { get cookieAge() { throw new Error('no vault'); } } };",
  ])('whose getter throws is a problem of one sentence: %s', async (text) => {
    const files = { 'manage.config.mjs': text };
    expect(await problemOf({ files })).toMatch(/manage\.config\.mjs cannot be (read|loaded): no vault$/);
  });

  test.each([
    [
      'manage.config.ts',
      "import { defineConfig } from 'manage-auth';\nexport default defineConfig({ secretKey: 'x' as string });",
    ],
    ['manage.config.mts', "export default { secretKey: 'x' as string };"],
    [
      'manage.config.js',
      "import { defineConfig } from 'manage-auth';\nexport default defineConfig({ secretKey: 'x' });",
    ],
    ['manage.config.mjs', "export default { secretKey: 'x' };"],
    ['manage.config.json', '\uFEFF{ "secretKey": "x" }'],
    ['manage.config.mts', 'export default async (env: Record<string, string>) => ({ secretKey: env.KEY });'],
    ['manage.config.mjs', 'export default ({ KEY }) => ({ secretKey: KEY });'],
  ])('may be %s', async (name, text) => {
    const { settings, folder } = await load({ files: { [name]: text, '.env': 'KEY=x' } });
    expect(settings.secretKey).toBe('x');
    expect(settings.configFile).toBe(join(folder, name));
  });

  test.each([
    ['manage.config.ts', 'export default {'],
    ['manage.config.mjs', "throw new Error('no way');"],
    ['manage.config.mjs', "export default () => { throw new Error('no way'); };"],
    ['manage.config.json', '{'],
    ['manage.config.mjs', "import 'no-such-package'; export default {};"],
  ])('that cannot be loaded is named: %s %s', async (name, text) => {
    expect(await problemOf({ files: { [name]: text } })).toMatch(
      /^The config file .*manage\.config\.\w+ cannot be loaded: ./,
    );
  });

  test('that cannot be parsed is told with the line, its own or that of what it imports', async () => {
    const [config, app] = [
      "import './app.ts';\nexport default {};\n",
      'export const app = 1;\n\nexport const other = {{;\n',
    ];
    expect(await problemOf({ files: { 'manage.config.ts': '\nexport default {{;\n' } })).toMatch(
      /cannot be loaded: Unexpected token \(line 2\)$/m,
    );
    expect(await problemOf({ files: { 'manage.config.ts': config, 'app.ts': app } })).toMatch(
      /cannot be loaded: Unexpected token \(\S+app\.ts:3\)$/m,
    );
  });

  test.each(['export default 5;', 'export default [];', 'export const x = 1;'])(
    'must export an object: %s',
    async (text) => {
      expect(await problemOf({ files: { 'manage.config.mjs': text } })).toMatch(/must export an object of settings/);
    },
  );

  test('is one file', async () => {
    expect(await problemOf({ config: {}, files: { 'manage.config.mjs': 'export default {};' } })).toMatch(
      /has several config files: manage\.config\.mjs, manage\.config\.json\. Keep one of them/,
    );
  });
});

test('all problems are reported at once', async () => {
  const message = await problemOf({
    config: {
      databases: {
        default: { url: 'oracle://x' },
        live: {},
        '1st': { url: 'sqlite::memory:' },
        old: { url: '', x: 1 },
      },
      secretkey: 'x',
      useTz: 'yes',
      timeZone: 'Mars/Olympus',
      userModel: 'people.person',
      passwordHashers: ['pbkdf2'],
      passwordValidators: [{ name: 'MinimumLengthValidator', options: { minLength: 5 } }, 'Nope', 7],
      fixtureDirs: 'fixtures',
      packages: ['../evil', 'not-installed'],
      session: { cookieAge: 0, name: 'x' },
      apps: 'auth',
      __proto__: { polluted: true },
    },
    env: { DATABASE_URL_LIVE: 'postgres://h:x/d' },
  });
  const problems = message.split('\n');
  expect(problems[0]).toBe('The settings are wrong:');
  for (const part of [
    "`databases.default.url` is not a database URL: it begins with 'oracle:'",
    'DATABASE_URL_LIVE in the environment is not a database URL: its port',
    "the alias '1st'",
    '`databases.old.url` must be text, and not empty.',
    '`databases.old.x` is not a setting.',
    '`secretkey` is not a setting. Did you mean secretKey?',
    '`useTz` must be true or false.',
    "`timeZone` is 'Mars/Olympus', which is not a known time zone.",
    "'people.person'",
    "`passwordHashers` names 'pbkdf2', which is unknown. Did you mean pbkdf2_sha",
    "gives MinimumLengthValidator the option 'minLength', which it does not have. Known are min_length.",
    "`passwordValidators` names 'Nope', which is unknown.",
    '`passwordValidators` must be an array',
    '`fixtureDirs` must be an array of texts.',
    "`packages` names '../evil', which is not a package name.",
    "`packages` names 'not-installed', which is not installed. Run `npm install not-installed`.",
    '`session.cookieAge` must be a whole number of seconds above 0.',
    '`session.name` is not a setting.',
    '`apps` must be an array of apps, each with a `label` and `models`',
  ]) {
    expect(problems.filter((line) => line.includes(part)).length, part).toBe(1);
  }
});

test('class paths of Django are taken for hashers and validators', async () => {
  const { settings } = await load({
    config: {
      passwordHashers: ['django.contrib.auth.hashers.ScryptPasswordHasher', 'md5'],
      passwordValidators: [
        { name: 'django.contrib.auth.password_validation.MinimumLengthValidator', options: { min_length: 12 } },
      ],
    },
  });
  expect(settings.passwordHashers).toEqual(['scrypt', 'md5']);
  expect(settings.passwordValidators).toEqual([{ name: 'MinimumLengthValidator', options: { min_length: 12 } }]);
});

test('aliases like names of Object.prototype are no databases unless they are declared', async () => {
  const { settings } = await load();
  expect(settings.databases.constructor).toBeUndefined();
  const declared = await load({ config: { databases: { constructor: { url: 'sqlite::memory:' } } } });
  expect(declared.settings.databases.constructor).toMatchObject({ alias: 'constructor' });
});

test('paths in the config are relative to it', async () => {
  const { settings, folder } = await load({
    config: { fixtureDirs: ['fixtures', '/abs'] },
    files: { 'a/x': '' },
    cwd: 'a',
  });
  expect(settings.fixtureDirs).toEqual([join(folder, 'fixtures'), '/abs']);
});

test("apps of packages come after Django's and before the project's own", async () => {
  const app = (label: string) => ({ label, models: { Thing: { fields: { name: { type: 'TextField' } } } } });
  const { settings, registry, folder } = await load({
    config: { packages: ['manage-things'], apps: [app('own')] },
    files: {
      'node_modules/manage-things/package.json': JSON.stringify({ type: 'module', manage: { apps: './apps.js' } }),
      'node_modules/manage-things/apps.js': `export default ${JSON.stringify(app('things'))};`,
      'node_modules/manage-things/commands/x.js': '',
    },
  });
  expect(registry.apps.map(({ label }) => label)).toEqual([
    'admin',
    'auth',
    'contenttypes',
    'sessions',
    'things',
    'own',
  ]);
  const root = join(folder, 'node_modules/manage-things');
  expect(settings.packages).toEqual([
    {
      name: 'manage-things',
      root,
      commands: join(root, 'commands'),
      migrations: undefined,
      apps: join(root, 'apps.js'),
    },
  ]);
});
