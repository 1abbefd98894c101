#!/usr/bin/env node
import module from 'node:module';

module.enableCompileCache?.();
const { main } = await import('../dist/src/main.js');
process.exitCode = await main(process.argv.slice(2), process);
// Interrupted work that does not end, such as a query that no one can cancel, must not keep the process.
if (process.exitCode > 128) {
  setTimeout(() => process.kill(process.pid, process.exitCode === 130 ? 'SIGINT' : 'SIGTERM'), 1000).unref();
}
