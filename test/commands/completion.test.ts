import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, symlinkSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDatabase, forEachEngine, type TestDatabase } from '../helpers/databases.js';
import { manage, temporaryFolder } from '../helpers/manage.js';

let db: TestDatabase;
let cwd: string;
beforeEach(async () => {
  db = await createDatabase('sqlite');
  cwd = temporaryFolder();
  await manage(['migrate', '-v0'], { db });
  await manage(['creategroup', 'editors'], { db });
  for (const name of ['ada', 'adele', 'bob'])
    await manage(['createuser', '--no-input', `--username=${name}`, '--email='], { db });
});
afterEach(() => db.drop());

// A busy machine may take longer than a shell should wait.
const patient = { MANAGE_COMPLETE_TIMEOUT: '120000' };

const complete = async (...words: string[]) =>
  (await manage(['completion', 'complete', '--', ...words], { db, env: patient })).stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split('\t')[0]);

it('knows commands, options, choices and values', async () => {
  expect(await complete('deleteu')).toEqual(['deleteuser']);
  expect(await complete('deleteuser', 'ad')).toEqual(['ada', 'adele']);
  expect(await complete('deleteuser', '--reassign-to', 'b')).toEqual(['bob']);
  expect(await complete('deleteuser', '--reassign-to=b')).toEqual(['--reassign-to=bob']);
  expect(await complete('deleteuser', '--reassign-to', '=', 'b')).toEqual(['bob']);
  expect(await complete('deleteuser', '--reass')).toEqual(['--reassign-to']);
  expect(await complete('edituser', 'ada', '--add-group', '')).toEqual(['editors']);
  expect(await complete('grant', 'auth.add_u')).toEqual(['auth.add_user']);
  expect(await complete('listlog', '--action', '')).toEqual(['addition', 'change', 'deletion']);
  expect(await complete('flush', '--database', 'd')).toEqual(['default']);
  expect(await complete('--database', 'default', 'deleteuser', 'bo')).toEqual(['bob']);
  expect(await complete('--database', 'd')).toEqual(['default']);
  expect(await complete('-v', '2', 'deleteuser', 'bo')).toEqual(['bob']);
  expect(await complete('--config', '')).toEqual([]); // the shell's own: files
});

forEachEngine((engine) => {
  it('asks the database for values of every kind', async () => {
    const other = await createDatabase(engine);
    const run = (...args: string[]) => manage(args, { db: other, env: { ...patient, SECRET_KEY: 'x'.repeat(50) } });
    await run('migrate', '-v0');
    await run('creategroup', '100% sure');
    await run('creategroup', '1000 others');
    await run('createuser', '--no-input', '--username=ann_a', '--email=');
    await run('createuser', '--no-input', '--username=annXa', '--email=');
    const session = (await run('createsession', 'ann_a', '--json')).json.key;
    const values = async (...words: string[]) =>
      (await run('completion', 'complete', '--', ...words)).stdout.split('\n').filter(Boolean);
    expect(await values('showuser', 'ann_')).toEqual(['ann_a']);
    expect(await values('edituser', 'ann_a', '--add-group', '100%')).toEqual(['100% sure']);
    expect(await values('grant', 'sessions.')).toHaveLength(4);
    expect(await values('migrate', 'sessions', '')).toEqual(['0001_initial']);
    expect(await values('dumpdata', 'auth.g')).toEqual(['auth.group']);
    expect(await values('print_user_for_session', session.slice(0, 3))).toEqual([session.slice(0, 8)]);
    await other.drop();
  });
});

it('is silent about what goes wrong', async () => {
  const none = { exitCode: 0, stdout: '', stderr: '' };
  expect(await manage(['completion', 'complete', '--', 'deleteuser', 'a'], { cwd })).toMatchObject(none);
  expect(await manage(['completion', 'complete', '--', 'nonsense', 'a'], { db })).toMatchObject(none);
  const env = { MANAGE_COMPLETE_VALUES: '0' };
  expect(await manage(['completion', 'complete', '--', 'deleteuser', 'a'], { db, env })).toMatchObject(none);
});

// A process left behind at each key would be one for ever.
it.each(['postgres', 'mysql'])('ends where a %s server takes connections and never answers', async (scheme) => {
  const held: Socket[] = [];
  const server = createServer((socket) => void held.push(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const env = { DATABASE_URL: `${scheme}://ada@127.0.0.1:${port}/site` };
  const words = ['completion', 'complete', '--', 'deleteuser', 'a'];
  expect(await manage(words, { cwd, env })).toMatchObject({ exitCode: 0, stdout: '', stderr: '' });
  expect(held).not.toEqual([]);
  for (const socket of held) socket.destroy();
  server.close();
});

describe('in a shell', () => {
  const inShell = (shell: string, ...args: string[]) => {
    const program = join(import.meta.dirname, '../../bin/manage.js');
    const folder = temporaryFolder();
    chmodSync(program, 0o755);
    symlinkSync(program, join(folder, 'manage'));
    // The Node that runs the tests, whichever one the machine has.
    symlinkSync(process.execPath, join(folder, 'node'));
    const env = { ...process.env, ...patient, PATH: `${folder}:${process.env.PATH}`, DATABASE_URL: db.url };
    return execFileSync(shell, args, { cwd, env, encoding: 'utf8' });
  };
  const has = (shell: string) => {
    try {
      execFileSync(shell, ['-c', 'true']);
      return true;
    } catch {
      return false;
    }
  };

  it('bash asks for words', () => {
    const script = `source <(manage completion bash); COMP_WORDS=(manage deleteuser ad); COMP_CWORD=2; _manage_completion; printf '%s\\n' "\${COMPREPLY[@]}"`;
    expect(inShell('bash', '-c', script)).toBe('ada\nadele\n');
  });

  it('bash keeps words together that it takes apart itself', async () => {
    await manage(['createuser', '--no-input', '--username=zoe@example.org', '--email='], { db });
    await manage(['creategroup', "O'Brien's friends"], { db });
    const cases: readonly (readonly [line: string, words: string, found: string])[] = [
      ['manage showuser zoe@exa', 'manage showuser zoe @exa', '@example.org'],
      ['manage deleteuser --reassign-to=b', 'manage deleteuser --reassign-to = b', 'bob'],
      ['manage deleteuser --reassign-to=zoe@', 'manage deleteuser --reassign-to = zoe @', '@example.org'],
      ["manage edituser ada --add-group O\\'B", "manage edituser ada --add-group O\\\\\\'B", "O\\'Brien\\'s\\ friends"],
    ];
    const script = cases.map(
      ([line, words]) =>
        `COMP_LINE=${JSON.stringify(line)}; COMP_POINT=\${#COMP_LINE}; COMP_WORDS=(${words}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); ` +
        `_manage_completion; printf '%s\\n' "\${COMPREPLY[@]}"`,
    );
    const printed = inShell('bash', '-c', `source <(manage completion bash)\n${script.join('\n')}`);
    expect(printed.trim().split('\n')).toEqual(cases.map(([, , found]) => found));
  });

  // CI installs both; who has them not needs no completion of theirs.
  it.runIf(has('fish') || process.env.CI)('fish asks for words', () => {
    const script = "manage completion fish | source; complete -C 'manage deleteuser ad'";
    expect(inShell('fish', '-c', script).split('\n').slice(0, 2)).toEqual(['ada', 'adele']);
  });

  it.runIf(has('zsh') || process.env.CI)('zsh takes the script', () => {
    const script = 'autoload -Uz compinit; compinit -u -D; source <(manage completion zsh); print $_comps[manage]';
    expect(inShell('zsh', '-f', '-c', script)).toBe('_manage_completion\n');
  });
});
