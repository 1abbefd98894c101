import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { forEachEngine } from '../helpers/databases.js';
import { manage, temporaryFolder } from '../helpers/manage.js';
import { createFilledSite } from './holdings.js';
import { now, secretKey } from './site.js';

/** Command lines that change something, in their order, with whom their entries are about and what these say. */
const trail: readonly (readonly [line: string, entries: readonly string[], stdin?: string])[] = [
  ['auditpasswords --wrap --no-input', ['2 users: password']],
  ['createuser carl --no-input --email=carl@example.org', ['carl: added']],
  ['createsuperuser dora --no-input --email=dora@example.org', ['dora: added']],
  ['createuser carl --no-input --if-not-exists', []],
  ['changepassword alice --password-stdin', ['alice: password'], 'Correct-Horse-9'],
  ['edituser alice --first-name=A --add-group=Editors', ['alice: First name']],
  ['edituser alice --first-name=A', []],
  ['deactivateuser bob', ['bob: Active']],
  ['activateuser bob', ['bob: Active']],
  ['creategroup pens', ['pens: added']],
  ['editgroup pens --rename=quills --add-user=alice', ['quills: Name', 'alice: Groups']],
  ['grant auth.change_group --group=quills --user=carl', ['carl: User permissions', 'quills: Permissions']],
  ['revoke auth.change_group --group=quills --dry-run', []],
  ['revoke auth.change_group --group=quills', ['quills: Permissions']],
  ['update_permissions --renamed=auth.grupo=group', ['auth.change_group: Moved from auth.change_grupo']],
  ['applyaccess access.yaml --check', []],
  ['applyaccess access.yaml', ['quills: Permissions']],
  [
    'importusers - --format=csv',
    ['erin: added'],
    'username,password_hash\nerin,md5$a$0123456789abcdef0123456789abcdef\n',
  ],
  ['importusers - --format=csv --update', ['erin: First name'], 'username,first_name\nerin,Erin\n'],
  ['importusers - --format=csv --if-not-exists', [], 'username\nerin\n'],
  ['createsession alice', ['alice: Sessions']],
  ['revokesessions alice --no-input', ['alice: Sessions']],
  ['createtoken alice --kind=authtoken --replace', ['alice: Tokens']],
  ['revoketokens alice --no-input', ['alice: Tokens']],
  ['unlockuser alice', ['alice: Failed logins']],
  ['reset2fa alice', ['alice: Second factors']],
  ['set_fake_emails --no-input', ['6 users: Email address']],
  ['set_fake_passwords --no-input --unusable', ['6 users: password']],
  ['mergeusers carl erin --no-input --dry-run', []],
  ['mergeusers carl erin --no-input --undo-file=undo.json', ['erin: deleted', 'carl: Merged with erin']],
  ['mergeusers --undo=undo.json', ['erin: added', 'carl: Unmerged from erin']],
  ['eraseuser erin --no-input', ['erased-12: Erased']],
  ['offboard bob --no-input', ['bob: Active,Sessions,Tokens']],
  ['deletegroup quills --no-input', ['quills: deleted']],
  ['deleteuser carl --no-input --dry-run', []],
  ['deleteuser carl --no-input', ['carl: deleted']],
];

const commandOf = (line: string) => line.split(' ', 1)[0] ?? '';

test('every command that takes an actor is among them', async () => {
  const names = readdirSync(join(import.meta.dirname, '../../src/commands'))
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.replace('.ts', ''));
  const found = [];
  for (const name of names) {
    const { default: command } = await import(`../../src/commands/${name}.ts`);
    if ('actor' in (command.options ?? {})) found.push(name);
  }
  expect(found.length).toBeGreaterThan(25);
  expect(found.filter((name) => !trail.some(([line]) => commandOf(line) === name))).toEqual([]);
});

forEachEngine((engine) => {
  test.each([true, false])('each change leaves its entry where there is an actor, else none: %s', async (hasActor) => {
    const db = await createFilledSite(engine);
    await db.add('auth_user', {
      id: 9,
      username: 'root',
      password: '!',
      is_superuser: false,
      first_name: '',
      last_name: '',
      email: 'root@example.org',
      is_staff: true,
      is_active: true,
      date_joined: '2026-01-01 00:00:00+00:00',
    });
    await db.add('auth_permission', { id: 2, content_type_id: 1, codename: 'change_grupo', name: 'Can change grupo' });
    await db.add('auth_user_user_permissions', { user_id: 2, permission_id: 2 });
    const cwd = temporaryFolder();
    writeFileSync(
      join(cwd, 'access.yaml'),
      'groups:\n  - name: quills\n    permissions:\n      - auth.group.change_group\n',
    );
    const env = { SECRET_KEY: secretKey, ...(hasActor ? { MANAGE_ACTOR: 'root' } : {}) };
    const run = (args: readonly string[], stdin = '') =>
      manage(args, { db, env, now, cwd, stdin, config: { passwordIterations: 1 } });
    await run(['sqlsequencereset', 'auth', 'contenttypes', '--apply', '--no-input']);
    try {
      let after = 0;
      const found = [];
      for (const [line, , stdin] of trail) {
        const { exitCode, stderr } = await run(line.split(' '), stdin);
        const rows = await db.query('SELECT * FROM django_admin_log WHERE id > ? ORDER BY id', [after]);
        after = Number(rows.at(-1)?.id ?? after);
        const entries = rows.map(({ user_id: user, object_repr: name, change_message: text }) => {
          const [message, { manage: source }] = JSON.parse(String(text));
          expect({ line, user, command: source.command }).toEqual({ line, user: 9, command: commandOf(line) });
          return `${name}: ${message.changed?.fields ?? Object.keys(message)[0]}`;
        });
        found.push({ line, entries, ...(exitCode === 0 ? {} : { exitCode, stderr }) });
      }
      const expected = trail.map(([line, entries]) => ({
        line,
        entries: hasActor ? entries : [],
        ...(line.endsWith('--check') ? { exitCode: 1, stderr: '' } : {}),
      }));
      expect(found).toEqual(expected);
    } finally {
      await db.drop();
    }
  });
});
