// Runs a PostgreSQL server for as long as whoever started this keeps its end of stdin open, then stops the server and
// removes its folder: a test run that is killed leaves nothing behind.
import { spawn } from 'node:child_process';
import { openSync, readFileSync, rmSync } from 'node:fs';

const { binary, args, options, folder, log } = JSON.parse(process.argv[2]);
// Not into a pipe: whoever should read it may wait for the server, which then waits for room in the pipe.
const server = spawn(binary, args, { ...options, stdio: ['ignore', 'ignore', openSync(log, 'a')] });
// SIGINT is PostgreSQL's fast shutdown: open sessions are ended.
process.stdin.resume().on('end', () => server.kill('SIGINT'));
server.on('exit', (code) => {
  if (code !== 0) process.stderr.write(readFileSync(log));
  rmSync(folder, { recursive: true, force: true });
  process.exitCode = code ?? 1;
  // Without the server there is nothing left to keep.
  process.stdin.destroy();
});
