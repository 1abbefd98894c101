import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { main } from '../../src/app/main.js';
import { createDatabase, engines, type TestDatabase } from '../helpers/databases.js';
import { manage, temporaryFolder } from '../helpers/manage.js';

let db: TestDatabase;
beforeAll(async () => {
  db = await createDatabase(engines[0] ?? 'sqlite', { from: 'sample' });
});
afterAll(() => db.drop());

const long = 'x'.repeat(10_000);

/** Nothing that a person typed fills the screen. */
function expectShort(text: string): void {
  expect(text).not.toBe('');
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(300);
  expect(text).not.toMatch(/x{201}/);
}

describe('a value of 10,000 characters is cut in messages of', () => {
  test.each([
    ['changepassword', long, '--generate'],
    ['createuser', '--username', long, '--email', '', '--no-input'],
    ['createuser', '--username', 'x', '--email', long, '--no-input'],
    ['createuser', '--username', 'x', '--email', '', '--group', long, '--no-input'],
    ['createuser', '--username', 'x', '--email', '', '--permission', long, '--no-input'],
    ['edituser', long, '--staff'],
    ['deleteuser', long, '--no-input'],
    ['showuser', long],
    ['listusers', '--group', long],
    ['listusers', '--fields', long],
    ['listusers', '--sort', long],
    ['listusers', '--format', long],
    ['listusers', '--limit', long],
    ['access', long],
    ['grant', `auth.${long}`, '--user', 'user.01@+-_'],
    ['whocan', `auth.${long}`],
    ['editgroup', long, '--rename', 'x'],
    ['deletegroup', long, '--no-input'],
    ['dumpdata', long],
    ['dumpdata', `auth.${long}`],
    ['dumpdata', 'auth', '--format', long],
    ['loaddata', long],
    ['loaddata', `${long}.json`],
    ['migrate', long],
    ['migrate', 'auth', long],
    ['sqlmigrate', 'auth', long],
    ['showmigrations', long],
    ['flush', long, '--no-input'],
    ['clear_models', `auth.${long}`, '--no-input'],
    ['sqlall', long],
    ['inspectdb', long],
    ['check', long],
    ['check', '--tag', long],
    ['decode_session', long],
    ['createsession', long],
    ['listsessions', long],
    ['revokesessions', '--key', long, '--no-input'],
    ['populate_db', '--only', long, '--no-input'],
    ['populate_db', '--locale', long, '--no-input'],
    ['startcommand', `-${long}`],
    ['init', long],
    ['diffsettings', '--default', long],
    ['help', long],
    ['check', '--database', long],
    ['check', '--config', long],
    ['check', `--${long}`],
    [long],
  ])('%s %.20s', async (...args) => {
    const { exitCode, stderr, stdout } = await manage(args, { db, env: { SECRET_KEY: 'k'.repeat(50) } });
    expectShort(stderr + (args[0] === 'inspectdb' ? stdout : ''));
    expect(stderr).not.toMatch(/^\s+at |ENAMETOOLONG: /m);
    if (args[0] !== 'inspectdb') expect(exitCode).not.toBe(0);
  });
});

describe('a fixture with long values, or an error of a library, is one bounded sentence', () => {
  const json = (fields: object, model = 'auth.user') => JSON.stringify([{ model, pk: 1, fields }]);
  test.each([
    ['field.json', json({ [long]: 1 })],
    ['model.json', json({}, `auth.${long}`)],
    ['moment.json', json({ username: 'u', last_login: long })],
    ['flag.json', json({ username: 'u', is_active: long })],
    ['group.json', json({ username: 'u', groups: [[long]] })],
    ['key.json', JSON.stringify([{ model: 'auth.group', pk: long, fields: { name: 'x' } }])],
    [
      'entity.xml',
      `<?xml version="1.0"?><django-objects><object model="auth.group"><field name="name">&${long};</field>`,
    ],
    ['undefined.xml', '<django-objects><object model="auth.group"><field name="name">&copy;</field></object>'],
    ['tag.xml', `<django-objects><object model="auth.group"><field name="name">x</${long}></object>`],
    ['yaml.yaml', `- model: auth.group\n  fields: {name: [${long}\n`],
    ['alias.yaml', `- model: *${long}\n`],
  ])('%s', async (name, text) => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, name), text);
    const { exitCode, stderr } = await manage(['loaddata', name], { db, cwd });
    expect(exitCode).toBe(1);
    expectShort(stderr);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(stderr.split('\n').length).toBeLessThanOrEqual(4);
  });
});

test('a line break in a value is none in what an error says of it', async () => {
  const sly = 'x\nDone.';
  const fields = { username: 'u', last_login: sly, password: '!' };
  const cwd = temporaryFolder({
    'moment.json': JSON.stringify([{ model: 'auth.user', pk: 901, fields }]),
    'key.json': JSON.stringify([{ model: 'auth.group', pk: sly, fields: { name: 'x' } }]),
    'model.json': JSON.stringify([{ model: `auth.${sly}`, pk: 1, fields: {} }]),
    'label.json': JSON.stringify([{ model: sly, pk: 1, fields: {} }]),
    'field.json': JSON.stringify([{ model: 'auth.group', pk: 1, fields: { [sly]: 1 } }]),
    'link.json': JSON.stringify([
      { model: 'auth.user', pk: 901, fields: { ...fields, last_login: null, groups: [[sly]] } },
    ]),
    'users.csv': 'username,is_staff\nu,"x\nDone."\n',
    'columns.csv': '"x\nDone."\nu\n',
  });
  for (const line of [
    ['loaddata', 'moment'],
    ['loaddata', 'key'],
    ['loaddata', 'model'],
    ['loaddata', 'label'],
    ['loaddata', 'field'],
    ['loaddata', 'link'],
    ['loaddata', `${sly}.json`],
    ['loaddata', '-', '--format', sly],
    ['importusers', 'users.csv'],
    ['importusers', 'columns.csv'],
    ['createuser', '--username', 'v', '--email', sly, '--no-input'],
    ['createuser', '--username', 'v', '--email', '', '--field', `is_staff=${sly}`, '--no-input'],
    ['createuser', '--username', 'v', '--email', '', '--field', `${sly}=1`, '--no-input'],
    ['edituser', sly, '--staff'],
    ['showuser', 'v', sly],
    ['showuser', `--${sly}`],
    [sly],
    ['listusers', '--limit', sly],
    ['dumpdata', sly],
    ['dumpdata', `auth.${sly}`],
    ['dumpdata', 'auth.user', '--pks', sly],
    ['dumpdata', '--format', sly],
    ['clear_models', `auth.${sly}`, '--no-input'],
    ['migrate', sly],
    ['migrate', 'auth', sly],
    ['check', sly],
    ['check', '--tag', sly],
    ['grant', sly, '--user', 'v'],
    ['whocan', sly],
    ['unlockuser', '--ip', sly],
    ['prune', '--only', sly],
    ['decode_session', sly],
    ['listlog', '--object', sly],
    ['listlog', '--since', sly],
    ['showmigrations', sly],
    ['sqlmigrate', 'auth', sly],
    ['update_permissions', '--renamed', sly],
    ['deleteuser', '--by', 'pk', sly],
    ['showuser', '--database', sly],
    ['showuser', '--config', sly],
    ['createuser', '--username', 'v', '--email', '', '--password-file', sly],
    ['generatekeys', '--output', `moment.json/${sly}`],
  ]) {
    const { exitCode, stdout, stderr } = await manage(line, { db, cwd });
    expect(exitCode, line.join(' ')).not.toBe(0);
    expect(`${stdout}${stderr}`, line.join(' ')).not.toMatch(/^Done/m);
  }
});

test('what a name has in it neither controls the terminal nor looks like another line', async () => {
  const sly = 'eve\x1b]0;x\x07\x1b[2J\u202e\x9b31m\nDone.';
  const controls = /[\0-\x08\x0b-\x1f\x7f-\x9f\u202e]|^Done/m;
  const env = { SECRET_KEY: 'k'.repeat(50) };
  const record = { username: 'sly', password: '!', email: 'e@example.com', date_joined: '2026-01-01T00:00:00Z' };
  const cwd = temporaryFolder({ 'sly.json': JSON.stringify([{ model: 'auth.user', pk: 900, fields: record }]) });
  expect((await manage(['loaddata', 'sly', '-v0'], { db, cwd })).exitCode).toBe(0);
  for (const sql of [
    `UPDATE auth_user SET username = '${sly}', first_name = '${sly}', email = '${sly}@example.com' WHERE id = 900`,
    `UPDATE auth_group SET name = '${sly}' WHERE id = (SELECT min(id) FROM auth_group)`,
    'INSERT INTO auth_user_groups (user_id, group_id) SELECT 900, min(id) FROM auth_group',
    `CREATE TABLE "t${sly}" (id integer PRIMARY KEY, "c${sly}" integer REFERENCES auth_user (id))`,
    `INSERT INTO "t${sly}" VALUES (1, 900)`,
  ]) {
    await db.query(sql);
  }
  const made = await manage(['createsession', sly], { db, env });
  const sessionKey = made.stdout.trim().split('=')[1] ?? '';
  const [other] = await db.query('SELECT username FROM auth_user WHERE id <> 900 ORDER BY id');
  for (const line of [
    'showuser USER',
    'listusers',
    'credentials USER',
    'listsessions',
    'print_user_for_session KEY',
    'decode_session KEY',
    'sessionstats',
    'access USER',
    'whocan auth.add_user',
    'listgroups',
    'offboard USER --dry-run',
    'deleteuser USER --dry-run',
    'deleteuser USER --no-input',
    'eraseuser USER --dry-run',
    'deactivateuser USER',
    'edituser USER --staff',
    'check --introspect',
    'doctor --introspect',
    'flush --dry-run --introspect',
    'clear_models auth.User --dry-run --introspect',
    'clear_models auth.User --introspect --no-input',
    'mergeusers USER USER2 --dry-run --introspect',
    'mergeusers USER2 USER --dry-run --introspect',
    'flush tables.USER',
  ]) {
    const args = line
      .split(' ')
      .map((word) => word.replace('USER2', String(other?.username)).replace('USER', sly).replace('KEY', sessionKey));
    const { stdout, stderr } = await manage(args, { db, env });
    expect({ line, text: stdout + stderr }).toEqual({ line, text: expect.not.stringMatching(controls) });
    expect(stderr).not.toMatch(/\n {4}at /);
  }
  const terminal = ['listusers --format csv', 'listusers --json', 'export_emails', 'dumpdata auth.user'];
  for (const line of [...terminal, 'sqlflush --introspect']) {
    let shown = '';
    const stdout = new Writable({
      write(chunk, _, done) {
        shown += chunk;
        done();
      },
    });
    const stderr = new Writable({ write: (_chunk, _, done) => done() });
    await main(line.split(' '), {
      stdin: Readable.from([]),
      stdout: Object.assign(stdout, { isTTY: true, columns: 80 }),
      stderr,
      env: { DATABASE_URL: db.url },
      cwd: () => cwd,
    });
    expect(shown).toContain('eve');
    expect(shown.replaceAll('\r\n', '\n')).not.toMatch(/[\0-\x08\x0b-\x1f\x7f-\x9f\u202e]/);
    if (/json|dumpdata/.test(line)) expect(JSON.parse(shown)).toEqual(expect.anything());
  }
});
