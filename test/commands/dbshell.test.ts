import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { manage, temporaryFolder } from '../helpers/manage.js';

/** A client that shows how it was started, and ends with the status that EXIT says. */
const script = `#!/bin/sh
for word in "$@"; do printf '[%s]' "$word"; done
printf '\\n%s %s %s\\n' "$PGPASSWORD" "$PGSSLMODE" "$PGOPTIONS"
cat
echo trouble >&2
exit "\${EXIT:-0}"
`;

function clients(): { cwd: string; env: Record<string, string> } {
  const cwd = temporaryFolder();
  mkdirSync(join(cwd, 'bin'));
  for (const name of ['psql', 'sqlite3']) {
    writeFileSync(join(cwd, 'bin', name), script);
    chmodSync(join(cwd, 'bin', name), 0o755);
  }
  writeFileSync(join(cwd, 'own.sqlite3'), '');
  return { cwd, env: { PATH: `${join(cwd, 'bin')}:${process.env.PATH}` } };
}

const postgres = { url: 'postgres://ann:se%20cret@db.example:5433/shop?schema=own&sslmode=require' };
const sqlite = { url: 'sqlite:///own.sqlite3' };

test('starts psql, with the password in the environment only', async () => {
  const { exitCode, stdout, stderr } = await manage(['dbshell', '--', '-c', 'SELECT 1'], {
    ...clients(),
    db: postgres,
    stdin: 'SELECT 2;\n',
  });
  expect(exitCode).toBe(0);
  expect(stdout).toBe(
    '[-U][ann][-h][db.example][-p][5433][-v][ON_ERROR_STOP=1][-c][SELECT 1][shop]\n' +
      'se cret require -csearch_path=own\nSELECT 2;\n',
  );
  expect(stderr).toBe('trouble\n');
});

test('starts sqlite3', async () => {
  const started = clients();
  const { stdout } = await manage(['dbshell', '--', '.tables'], { ...started, db: sqlite, stdin: 'x\n' });
  expect(stdout.split('\n')[0]).toBe(`[-bail][${join(started.cwd, 'own.sqlite3')}][.tables]`);
});

test("ends with the client's own status, and never shows the password", async () => {
  const started = clients();
  const env = { ...started.env, EXIT: '17' };
  const { exitCode, stderr } = await manage(['dbshell'], { ...started, env, db: postgres, stdin: '' });
  expect(exitCode).toBe(17);
  expect(stderr).toContain('returned non-zero exit status 17.');
  expect(stderr).not.toContain('se cret');
});

test('names a client that is not there, and a file that is not', async () => {
  const { cwd } = clients();
  const missing = await manage(['dbshell'], { cwd, env: { PATH: '/nowhere' }, db: postgres });
  expect(missing.exitCode).toBe(1);
  expect(missing.stderr).toContain("not to have the 'psql' program installed");
  const noFile = await manage(['dbshell'], { cwd, db: { url: 'sqlite:///none.sqlite3' } });
  expect(noFile.exitCode).toBe(1);
  expect(noFile.stderr).toContain('does not exist');
  expect((await manage(['dbshell', '--database', 'nope'], { cwd, db: sqlite })).exitCode).toBe(2);
  expect((await manage(['dbshell', '--json'], { cwd, db: sqlite })).exitCode).toBe(2);
});
