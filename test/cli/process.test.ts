import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createDatabase } from '../helpers/databases.js';
import { runManage, temporaryFolder } from '../helpers/manage.js';

const bin = join(import.meta.dirname, '../../bin/manage.js');

/** A project with a command whose `run` has this body. */
const projectWith = (body: string) =>
  temporaryFolder({
    'manage.config.json': '{}',
    'commands/demo.mjs': `export default { describe: 'x', async run({ terminal, signal, stdin }) { void signal; void stdin; ${body} } };`,
  });

/** Runs a line of shell with `manage` for the program; the pipe's last command decides the status. */
async function shell(line: string, cwd: string) {
  const child = spawn('bash', ['-c', line.replaceAll('manage', `"${process.execPath}" "${bin}"`)], { cwd });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  child.stdin.end();
  const [exitCode] = await once(child, 'close');
  return { exitCode, stdout, stderr };
}

test('the program runs as a process of its own', async () => {
  expect(await runManage(['nope'])).toMatchObject({
    exitCode: 2,
    stdout: '',
    stderr: "Unknown command: 'nope'.\nType 'manage help' for usage.\n",
  });
  const { exitCode, json } = await runManage(['help', '--json']);
  expect({ exitCode, problem: json.problem }).toEqual({ exitCode: 0, problem: null });
  for (const { name, describe } of json.commands) expect(describe, name).toMatch(/^[A-Z].*\.$/);
});

test('all of a long output arrives', async () => {
  const cwd = projectWith("for (let i = 0; i < 200; i++) await terminal.write('x'.repeat(9999) + '\\n');");
  expect((await runManage(['demo'], { cwd })).stdout.length).toBe(2_000_000);
  const json = projectWith("return { json: 'x'.repeat(2_000_000) };");
  expect((await runManage(['demo', '--json'], { cwd: json })).json).toHaveLength(2_000_000);
});

const endless = "for (;;) await terminal.write('x'.repeat(9999) + '\\n');";

test('a closed pipe ends the writing quietly with status 0', async () => {
  const { stdout, stderr } = await shell('{ manage demo; echo "status $?" >&2; } | head -c 5', projectWith(endless));
  expect({ stdout, stderr }).toEqual({ stdout: 'xxxxx', stderr: 'status 0\n' });
});

/** Makes 3 a pipe whose reader has gone. */
const closedPipe = 'exec 3> >(true); wait $!;';

test('sentences into a closed pipe do not stop the work', async () => {
  const cwd = projectWith(
    "for (let i = 0; i < 9; i++) { terminal.say('line'); await new Promise((r) => setTimeout(r, 5)); } terminal.warn('finished'); return { exitCode: 1 };",
  );
  const { stderr } = await shell(`${closedPipe} manage demo >&3; echo "status $?" >&2`, cwd);
  expect(stderr).toBe('finished\nstatus 0\n');
});

test('errors into a closed pipe keep their status', async () => {
  const { stdout } = await shell(`${closedPipe} manage nope >/dev/null 2>&3; echo "status $?"`, '/');
  expect(stdout).toBe('status 2\n');
});

test('a process ends although its input stays open', async () => {
  const child = spawn(process.execPath, [bin, 'version'], { stdio: ['pipe', 'pipe', 'pipe'] });
  const [exitCode] = await once(child, 'exit');
  expect(exitCode).toBe(0);
  child.stdin.destroy();
});

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s ends a process that works, and one that does not listen', async (signal, exitCode) => {
  for (const [body, listens] of [
    ["await new Promise((resolve) => signal.addEventListener('abort', resolve));", true],
    ['await new Promise(() => setInterval(() => {}, 1000));', false],
  ] as const) {
    const cwd = projectWith(
      `terminal.say('ready'); const alive = setInterval(() => {}, 1000); ${body} clearInterval(alive);`,
    );
    const child = spawn(process.execPath, [bin, 'demo'], { cwd });
    let stderr = '';
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    const closed = once(child, 'close');
    await Promise.race([once(child.stdout, 'data'), closed]);
    child.kill(signal);
    const [code, killedBy] = await closed;
    expect({ code, killedBy, stderr }).toEqual({
      code: listens ? exitCode : null,
      killedBy: listens ? null : signal,
      stderr: 'Operation cancelled.\n',
    });
  }
});

test.each([
  ['a command that waits for what never comes', { body: 'await new Promise(() => {});' }, 'unfinished'],
  [
    'a rejection that nothing handles',
    { body: "Promise.reject(new Error('lost')); await new Promise((r) => setTimeout(r, 500));" },
    'unexpected',
  ],
  [
    'an error thrown by a timer',
    { body: "setTimeout(() => { throw new Error('lost'); }); await new Promise((r) => setTimeout(r, 500));" },
    'unexpected',
  ],
])('%s is an error like any other', async (_, { body }, code) => {
  const { exitCode, stdout, stderr } = await runManage(['demo', '--json'], { cwd: projectWith(body) });
  expect({ exitCode, stdout, code: JSON.parse(stderr).error.code }).toEqual({ exitCode: 1, stdout: '', code });
});

test('a config that never settles is named as what stops the program', async () => {
  const cwd = temporaryFolder({ 'manage.config.mjs': 'export default async () => { await new Promise(() => {}); };' });
  const { exitCode, stderr } = await runManage(['showmigrations'], { cwd });
  expect(exitCode).toBe(1);
  expect(stderr).toContain('it waits for something that never comes');
});

test('help lists entries of commands/ that cannot be read', async () => {
  const cwd = temporaryFolder({ 'manage.config.json': '{}', 'commands/folder.js/inside.txt': '' });
  symlinkSync('nowhere', join(cwd, 'commands/dangling.js'));
  const { exitCode, stdout } = await runManage(['help'], { cwd });
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/\[project\]\n {4}dangling\s*\n {4}folder/);
});

test('what project code prints for its author does not stand among the results', async () => {
  const cwd = temporaryFolder({
    'manage.config.mjs': "console.log('from the config'); console.table([1]); export default {};",
    'commands/demo.mjs':
      "export default { describe: 'x', async run() { console.info('from the command'); console.dir({ a: 1 }); return { json: 1 }; } };",
  });
  const { stdout, stderr, exitCode } = await runManage(['demo', '--json'], { cwd });
  expect({ stdout, exitCode }).toEqual({ stdout: '1\n', exitCode: 0 });
  for (const text of ['from the config', 'from the command', '{ a: 1 }', '(index)']) expect(stderr).toContain(text);
});

test('a working directory that somebody has removed is an error of one sentence', async () => {
  const { exitCode, stdout, stderr } = await shell(
    'mkdir gone && cd gone && rmdir ../gone && manage help',
    temporaryFolder(),
  );
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
  expect(stderr).toBe('CommandError: The working directory does not exist any more.\nChange to an existing folder.\n');
});

test.each(['listusers --format csv', 'dumpdata --indent 2', 'sqlall auth', 'showmigrations --plan', 'help'])(
  'a reader that goes away ends %s quietly',
  async (words) => {
    const db = await createDatabase('sqlite', { from: 'sample' });
    const cwd = temporaryFolder({ '.env': `DATABASE_URL=${db.url}` });
    const { stdout, stderr } = await shell(`(manage ${words}; echo $? >status) | true; cat status`, cwd);
    expect({ stdout, stderr }).toEqual({ stdout: '0\n', stderr: '' });
    await db.drop();
  },
);
