// Whole-process times of commands that people wait for, beside bare `node` and, where DJANGO_PYTHON is set, Django's
// own: wall clock, and processor time, which other work on the machine disturbs less. The commands take turns, so that
// what disturbs one disturbs all alike. Prints medians in milliseconds, and the median of each run's ratio to the bare
// node beside it.
//
//   npm run build && node bench/startup.js [--runs 15]       (with the Node that is to be measured)
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

/** Runs a program through bash, which tells the processor time of what it ran. */
function measure({ command, args, cwd, env }) {
  const timed = ['-c', 'TIMEFORMAT="%3U %3S"; { time "$0" "$@" 2>&3; } 3>&2 2>&1 >/dev/null', command, ...args];
  const started = process.hrtime.bigint();
  const { status, stdout, stderr, error } = spawnSync('bash', timed, {
    cwd,
    env: { ...process.env, ...env },
    encoding: 'utf8',
  });
  const wall = Number(process.hrtime.bigint() - started) / 1e6;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed: ${error?.message ?? stderr}`);
  const [user = 0, system = 0] = stdout.trim().split(' ').map(Number);
  return { wall, cpu: (user + system) * 1000 };
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
  measure(manage('migrate', '-v0'));

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

  const measured = Object.fromEntries(Object.keys(cases).map((name) => [name, []]));
  for (const run of Object.values(cases)) measure(run);
  for (let run = 0; run < runs; run++) {
    for (const [name, spec] of Object.entries(cases)) measured[name].push(measure(spec));
  }
  console.log(`Node ${process.version}, ${runs} runs each, medians`);
  const bare = measured['node -e 0'];
  for (const [name, times] of Object.entries(measured)) {
    const shown = ['wall', 'cpu'].map((kind) => {
      const ms = median(times.map((time) => time[kind]));
      const ratio = median(times.map((time, run) => time[kind] / bare[run][kind]));
      return `${kind} ${ms.toFixed(0).padStart(5)} ms ${ratio.toFixed(2).padStart(5)} x node`;
    });
    console.log(`${name.padEnd(24)} ${shown.join('   ')}`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
