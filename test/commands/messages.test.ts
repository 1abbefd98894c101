import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
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
