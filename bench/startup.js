// Whole-process times of commands that people wait for, beside bare `node` and, where DJANGO_PYTHON is set, Django's
// own. The commands take turns, so that a noisy machine disturbs all of them alike. Prints medians in milliseconds and
// their ratio to bare node.
//
//   npm run build && node bench/startup.js [--runs 15]
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { values } = parseArgs({ options: { runs: { type: 'string', default: '15' } } });
const runs = Number(values.runs);
const folder = mkdtempSync(join(tmpdir(), 'manage-bench-'));

function milliseconds({ command, args, cwd, env }) {
  const started = process.hrtime.bigint();
  const { status, stderr, error } = spawnSync(command, args, { cwd, env: { ...process.env, ...env } });
  const elapsed = Number(process.hrtime.bigint() - started) / 1e6;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed: ${error?.message ?? stderr}`);
  return elapsed;
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

try {
  const manage = (...args) => ({
    command: process.execPath,
    args: [join(root, 'bin/manage.js'), ...args],
    cwd: folder,
  });
  writeFileSync(
    join(folder, 'manage.config.json'),
    JSON.stringify({ databases: { default: { url: 'sqlite:///db.sqlite3' } } }),
  );
  milliseconds(manage('migrate', '-v0'));

  const cases = {
    'node -e 0': { command: process.execPath, args: ['-e', '0'], cwd: folder },
    'manage version': manage('version'),
    'manage help': manage('help'),
    'manage showmigrations': manage('showmigrations'),
  };
  if (process.env.DJANGO_PYTHON) {
    const site = join(folder, 'site');
    cpSync(join(root, 'test/django/site'), site, { recursive: true });
    const env = { ORACLE_DB: join(folder, 'db.sqlite3'), NO_BLOG: '1', PYTHONDONTWRITEBYTECODE: '' };
    const django = (...args) => ({ command: process.env.DJANGO_PYTHON, args: ['manage.py', ...args], cwd: site, env });
    cases['django help'] = django('help');
    cases['django showmigrations'] = django('showmigrations');
  }

  const times = Object.fromEntries(Object.keys(cases).map((name) => [name, []]));
  for (const run of Object.values(cases)) milliseconds(run);
  for (let run = 0; run < runs; run++) {
    for (const [name, spec] of Object.entries(cases)) times[name].push(milliseconds(spec));
  }
  const bare = median(times['node -e 0']);
  console.log(`Node ${process.version}, ${runs} runs each, medians`);
  for (const [name, measured] of Object.entries(times)) {
    const ms = median(measured);
    console.log(`${name.padEnd(24)} ${ms.toFixed(0).padStart(6)} ms ${(ms / bare).toFixed(2).padStart(7)} x node`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
