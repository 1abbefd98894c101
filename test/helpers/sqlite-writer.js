// Runs a statement again and again, in a process of its own: `node sqlite-writer.js <driver> <file> <sql>`. Each line of
// its input is the number of milliseconds to wait after each statement from then on; at its end the number of statements is
// printed.
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';

const [driver, file, sql] = process.argv.slice(2);

function openDriver() {
  if (driver === 'node:sqlite') {
    const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
    const db = new DatabaseSync(file);
    return async (text) => db.exec(text);
  }
  const { Database } = createRequire(import.meta.url)('sqlite3');
  const db = new Database(file);
  return (text) => new Promise((resolve, reject) => db.exec(text, (error) => (error ? reject(error) : resolve())));
}

const run = openDriver();
await run('PRAGMA busy_timeout = 5000');
let pauseMs = 0;
let ended = false;
process.stdin.on('data', (data) => {
  pauseMs = Number(String(data).trim().split('\n').at(-1));
});
process.stdin.on('end', () => {
  ended = true;
});
let written = 0;
while (!ended) {
  await run(sql);
  written++;
  await sleep(pauseMs);
}
process.stdout.write(String(written));
