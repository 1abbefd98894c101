// Runs a PostgreSQL server for as long as whoever started this keeps its end of stdin open, then stops the server and
// removes its folder: a test run that is killed leaves nothing behind.
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';

const { binary, args, options, folder } = JSON.parse(process.argv[2]);
const server = spawn(binary, args, { ...options, stdio: ['ignore', 'ignore', 'inherit'] });
// SIGINT is PostgreSQL's fast shutdown: open sessions are ended.
process.stdin.resume().on('end', () => server.kill('SIGINT'));
server.on('exit', (code) => {
  rmSync(folder, { recursive: true, force: true });
  process.exitCode = code ?? 1;
  // Without the server there is nothing left to keep.
  process.stdin.destroy();
});
