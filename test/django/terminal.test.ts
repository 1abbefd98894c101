import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createDatabase, forEachEngine } from '../helpers/databases.js';
import { temporaryFolder } from '../helpers/manage.js';
import { play } from '../helpers/play.js';

const projectWith = (body: string) =>
  temporaryFolder({
    'manage.config.json': '{}',
    'commands/demo.mjs': `export default { describe: 'x', async run({ terminal, signal }) { void signal; ${body} } };`,
  });

const asking = () =>
  projectWith(
    "const name = await terminal.ask('Name: '); const secret = await terminal.askSecret('Secret: '); terminal.say(name + ' ' + secret.length);",
  );

const SIGTERM = 15;

test('questions are answered, and what is secret is not shown', async () => {
  const played = await play(
    ['demo'],
    [
      { expect: 'Name: ', send: 'bop\x7fb\r' },
      { expect: 'Secret: ', send: 'hünter2\r' },
    ],
    { cwd: asking() },
  );
  expect(played).toMatchObject({ status: 0, hanging: false, restored: true });
  expect(played.screen).toContain('bob 7\r\n');
  expect(played.screen).not.toContain('nter2');
});

test('answers that are typed ahead wait for their questions', async () => {
  const played = await play(['demo'], [{ expect: 'Name: ', send: 'bob\rhunter2\r' }], { cwd: asking() });
  expect(played).toMatchObject({ status: 0, restored: true });
  expect(played.screen).toContain('bob 7\r\n');
});

describe('a question is given up', () => {
  const name = { expect: 'Name: ', send: 'bob\r' };
  test.each([
    ['Ctrl-C at a question', [{ expect: 'Name: ', send: 'b\x03' }], 130],
    ['Ctrl-D at a question', [{ expect: 'Name: ', send: '\x04' }], 130],
    ['SIGTERM at a question', [{ expect: 'Name: ', signal: SIGTERM }], 143],
    ['Ctrl-C at a secret', [name, { expect: 'Secret: ', send: 'hun\x03' }], 130],
    ['Ctrl-D at a secret', [name, { expect: 'Secret: ', send: '\x04' }], 130],
    ['SIGTERM at a secret', [name, { expect: 'Secret: ', signal: SIGTERM }], 143],
  ] as const)('%s', async (_, steps, status) => {
    const played = await play(['demo'], steps, { cwd: asking() });
    expect(played).toMatchObject({ status, hanging: false, restored: true });
    expect(played.screen).toMatch(/\r\nOperation cancelled\.\r\n$/);
    expect(played.screen).not.toContain('hun');
    expect(played.screen).not.toContain('    at ');
  });
});

test('a crash during a question restores the terminal', async () => {
  const cwd = projectWith(
    "setTimeout(() => { throw new Error('crashed'); }, 300); await terminal.askSecret('Secret: ');",
  );
  const played = await play(['demo'], [{ expect: 'Secret: ', send: 'hun' }], { cwd });
  expect(played).toMatchObject({ status: 1, restored: true });
  expect(played.screen).toContain('crashed');
});

/** Works until it is interrupted. */
const work =
  "const t = setInterval(() => {}, 1000); await new Promise((resolve) => signal.addEventListener('abort', resolve)); clearInterval(t);";

test('Ctrl-C while a command works', async () => {
  const cwd = projectWith(`terminal.begin('Working...'); ${work}`);
  const played = await play(['demo'], [{ expect: 'Working...', send: '\x03' }], { cwd });
  expect(played).toMatchObject({ status: 130, hanging: false, restored: true });
  expect(played.screen).toMatch(/\r\nOperation cancelled\.\r\n$/);
});

describe('progress', () => {
  const body = `const p = terminal.progress('Reading'); p.update(5, 10); terminal.note('started'); ${work} p.stop();`;

  test('is drawn, and Ctrl-C takes it away and shows the cursor again', async () => {
    const played = await play(['demo'], [{ expect: 'Reading 5 of 10', send: '\x03' }], { cwd: projectWith(body) });
    expect(played).toMatchObject({ status: 130, hanging: false, restored: true });
    expect(played.screen).toContain('\x1b[?25l');
    expect(played.screen.lastIndexOf('\x1b[?25h')).toBeGreaterThan(played.screen.lastIndexOf('\x1b[?25l'));
  });

  test('is not drawn where the terminal does not say how wide it is', async () => {
    const played = await play(['demo'], [{ expect: 'started', send: '\x03' }], { cwd: projectWith(body), columns: 0 });
    expect(played).toMatchObject({ status: 130, hanging: false, restored: true });
    expect(played.screen).not.toContain('Reading');
  });
});

test('questions are asked where the terminal does not say how wide it is', async () => {
  const steps = [
    { expect: 'Name: ', send: 'bob\r' },
    { expect: 'Secret: ', send: 'hunter2\r' },
  ];
  const played = await play(['demo'], steps, { cwd: asking(), columns: 0 });
  expect(played).toMatchObject({ status: 0, hanging: false, restored: true });
});

test.each(['stdout', 'stderr'] as const)('questions reach the terminal although %s goes to a file', async (stream) => {
  const cwd = asking();
  const played = await play(
    ['demo'],
    [
      { expect: 'Name: ', send: 'bob\r' },
      { expect: 'Secret: ', send: 'hunter2\r' },
    ],
    { cwd, [stream]: join(cwd, 'out') },
  );
  expect(played).toMatchObject({ status: 0, restored: true });
  expect(readFileSync(join(cwd, 'out'), 'utf8')).toBe(stream === 'stdout' ? 'bob 7\n' : '');
  expect(played.screen.includes('bob 7')).toBe(stream === 'stderr');
});

forEachEngine((engine) => {
  test('createsuperuser is answered at a terminal', async () => {
    const db = await createDatabase(engine);
    try {
      const cwd = temporaryFolder();
      const played = await play(
        ['createsuperuser', '--migrate'],
        [
          { expect: 'Username', send: 'bob\r' },
          { expect: 'Email address: ', send: 'Bob@EXAMPLE.com\r' },
          { expect: 'Password: ', send: 'correct horse battery staple\r' },
          { expect: 'Password (again): ', send: 'correct horse battery staple\r' },
        ],
        { cwd, env: { DATABASE_URL: db.url } },
      );
      expect(played).toMatchObject({ status: 0, hanging: false, restored: true });
      expect(played.screen).toContain('Superuser created successfully.');
      expect(played.screen).not.toContain('correct horse');
      const rows = await db.query('SELECT username, email FROM auth_user');
      expect(rows).toEqual([{ username: 'bob', email: 'Bob@example.com' }]);
    } finally {
      await db.drop();
    }
  });
});
