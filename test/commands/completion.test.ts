import { execFileSync } from 'node:child_process';
import { chmodSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDatabase, type TestDatabase } from '../helpers/databases.js';
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

const complete = async (...words: string[]) =>
  (await manage(['completion', 'complete', '--', ...words], { db })).stdout
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
});

it('is silent about what goes wrong', async () => {
  const none = { exitCode: 0, stdout: '', stderr: '' };
  expect(await manage(['completion', 'complete', '--', 'deleteuser', 'a'], { cwd })).toMatchObject(none);
  expect(await manage(['completion', 'complete', '--', 'nonsense', 'a'], { db })).toMatchObject(none);
  const env = { MANAGE_COMPLETE_VALUES: '0' };
  expect(await manage(['completion', 'complete', '--', 'deleteuser', 'a'], { db, env })).toMatchObject(none);
});

describe('in a shell', () => {
  const inShell = (shell: string, ...args: string[]) => {
    const program = join(import.meta.dirname, '../../bin/manage.js');
    const folder = temporaryFolder();
    chmodSync(program, 0o755);
    symlinkSync(program, join(folder, 'manage'));
    const env = { ...process.env, PATH: `${folder}:${process.env.PATH}`, DATABASE_URL: db.url };
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
