// Whole-process time and peak memory of populate_db on SQLite and, where --postgres names an empty database, on
// PostgreSQL; with two sizes, so that memory which grows with the rows shows.
//
//   npm run build && node bench/populate.js [--users 100000] [--sessions 100000] [--postgres postgres://…/empty]
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    users: { type: 'string', default: '100000' },
    sessions: { type: 'string', default: '100000' },
    postgres: { type: 'string' },
  },
});
const bin = fileURLToPath(new URL('../bin/manage.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'manage-bench-'));
const peak = join(folder, 'peak');
const hook = `import { writeFileSync } from 'node:fs';
  process.on('exit', () => writeFileSync(process.env.PEAK_FILE, String(process.resourceUsage().maxRSS)));`;
const watch = ['--import', `data:text/javascript,${encodeURIComponent(hook)}`];

function manage(url, ...args) {
  const env = { ...process.env, DATABASE_URL: url, SECRET_KEY: 'bench '.repeat(10), PEAK_FILE: peak };
  const started = performance.now();
  const { status, stderr } = spawnSync(process.execPath, [...watch, bin, ...args], { cwd: folder, env });
  if (status !== 0) throw new Error(`manage ${args.join(' ')} failed: ${stderr}`);
  const seconds = (performance.now() - started) / 1000;
  return `${seconds.toFixed(1)} s, ${Math.round(Number(readFileSync(peak, 'utf8')) / 1024)} MB`;
}

const targets = [['SQLite', `sqlite:///${join(folder, 'db.sqlite3')}`]];
if (values.postgres !== undefined) targets.push(['PostgreSQL', values.postgres]);
try {
  for (const [name, url] of targets) {
    manage(url, 'migrate', '-v0');
    for (const share of [0.1, 1]) {
      const [users, sessions] = [values.users, values.sessions].map((text) => Math.round(Number(text) * share));
      const numbers = ['--users', String(users), '--sessions', String(sessions)];
      const figures = manage(url, 'populate_db', '--no-input', ...numbers);
      console.log(`${name}: ${users} users and ${sessions} sessions in ${figures}`);
    }
    console.log(`${name}: flush in ${manage(url, 'flush', '--no-input')}`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
