#!/usr/bin/env node
// `import` of Node's modules would load all that they can do, streams with them, before the first line runs.
const builtin = process.getBuiltinModule;
const { existsSync, writeSync } = builtin('node:fs');
const modules = builtin('node:module');
const { availableParallelism, homedir } = builtin('node:os');
const { join } = builtin('node:path');

// Passwords are hashed by Node's threads, of which there are four unless this says otherwise before the first one is used. A
// module would be too late, which Node reads with them: that is why package.json here makes this a script.
if (availableParallelism() > 4) process.env.UV_THREADPOOL_SIZE ??= String(Math.min(availableParallelism(), 1024));

function cacheFolder() {
  try {
    return process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  } catch {
    // In a container the user may have no home.
    return undefined;
  }
}

// Compiled code is kept in this user's own folder: in Node's, which all users share, others could put code.
const cache = cacheFolder();
if (cache !== undefined) modules.enableCompileCache?.(join(cache, 'manage-auth', 'compiled'));
// What a project's config or command prints for its author must not stand among the results.
const { Console } = console;
let toStderr;
Object.defineProperty(globalThis, 'console', {
  configurable: true,
  get: () => (toStderr ??= new Console(process.stderr)),
  set(value) {
    toStderr = value;
  },
});
// The young generation of the heap would grow with whatever streams through it, to 48 MB: a load of any size takes 35 MB
// less where it stays small, and up to a tenth longer. What is done in a fifth
// of a second of processor time needs none of that.
const keepYoungGenerationSmall = () => builtin('node:v8').setFlagsFromString('--semi-space-growth-factor=1');
const whatIsShort = 200_000;
const watch = () => {
  const { user, system } = process.cpuUsage();
  if (user + system < whatIsShort) setTimeout(watch, 50).unref();
  else keepYoungGenerationSmall();
};
setTimeout(watch, 50).unref();
// A thread sets V8's flags back when it starts, and pages come and go then so fast that some room saves a tenth of the time.
const roomBesideThread = 8_000_000;
const hasRoom = () =>
  builtin('node:v8')
    .getHeapSpaceStatistics()
    .some((space) => space.space_name === 'new_space' && space.space_size >= roomBesideThread);
process.on('worker', (thread) => {
  const onMessage = () => {
    if (!hasRoom()) return;
    keepYoungGenerationSmall();
    thread.off('message', onMessage);
  };
  thread.on('message', onMessage);
});
// Code of a project that ends the process must not pass for a command that has done its work. In a shell it is the user's.
let ended = process.argv.includes('shell');
process.on('exit', (code) => {
  if (ended || code !== 0) return;
  process.exitCode = 1;
  const message = 'Something in this project ended the process before the command had finished.';
  const hint = 'Look for `process.exit` in its commands, seeds and settings, and take it out.';
  const error = JSON.stringify({ error: { code: 'unfinished', message, hint } });
  writeSync(2, process.argv.includes('--json') ? `${error}\n` : `CommandError: ${message}\n${hint}\n`);
});
const start = join(__dirname, '../dist/start.js');
async function run() {
  if (existsSync(start)) {
    const { main } = await import('../dist/start.js');
    process.exitCode = await main(process.argv.slice(2), process);
  } else {
    process.exitCode = 1;
    writeSync(2, 'CommandError: This checkout is not built.\nRun `npm run build` in it, or `npm ci`, which builds.\n');
  }
  ended = true;
  // Interrupted work that does not end, such as a query that no one can cancel, must not keep the process.
  if (process.exitCode > 128) {
    setTimeout(() => process.kill(process.pid, process.exitCode === 130 ? 'SIGINT' : 'SIGTERM'), 1000).unref();
  }
}
run();
