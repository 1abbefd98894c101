// A site that goes on: inserts a session every 5 ms, each in a transaction of its own, and says at the end how long it
// had to wait. Started by bench/sessions.js with the URL of a database; ends when its standard input does.
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';

const [url = '', prefix = 'live'] = process.argv.slice(2);
const insert = url.startsWith('postgres') ? await openPostgres(url) : await openSqlite(url.replace('sqlite:///', ''));

let running = true;
process.stdin
  .on('data', () => {})
  .on('end', () => {
    running = false;
  });
const waits = [];
for (let next = performance.now(); running; next += 5) {
  const started = performance.now();
  await insert(`${prefix}${waits.length}`);
  waits.push(performance.now() - started);
  next = Math.max(next, performance.now() - 5);
  await sleep(Math.max(0, next - performance.now()));
}
waits.sort((a, b) => a - b);
const at = (share) => waits[Math.min(waits.length - 1, Math.floor(waits.length * share))];
process.stdout.write(JSON.stringify({ inserts: waits.length, median: at(0.5), p99: at(0.99), longest: at(1) }));
process.exit();

async function openPostgres(connectionString) {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString });
  await client.connect();
  return (key) =>
    client.query("INSERT INTO django_session (session_key, session_data, expire_date) VALUES ($1, 'x', '2099-01-01')", [
      key,
    ]);
}

/** A Django site would give up after 5 seconds; here the whole wait is to be seen. */
async function openSqlite(filename) {
  const { Database } = createRequire(import.meta.url)('sqlite3');
  const db = new Database(filename);
  db.configure('busyTimeout', 120_000);
  return (key) =>
    new Promise((resolve, reject) => {
      const sql = "INSERT INTO django_session (session_key, session_data, expire_date) VALUES (?, 'x', '2099-01-01')";
      db.run(sql, [key], (error) => (error ? reject(error) : resolve()));
    });
}
