#!/usr/bin/env node
import module from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';

// Compiled code is kept in this user's own folder: in Node's, which all users share, others could put code.
module.enableCompileCache?.(join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'manage-auth', 'compiled'));
const { main } = await import('../dist/src/main.js');
process.exitCode = await main(process.argv.slice(2), process);
// Interrupted work that does not end, such as a query that no one can cancel, must not keep the process.
if (process.exitCode > 128) {
  setTimeout(() => process.kill(process.pid, process.exitCode === 130 ? 'SIGINT' : 'SIGTERM'), 1000).unref();
}
