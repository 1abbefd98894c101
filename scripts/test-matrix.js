// Runs the tests on every supported version of Node with every SQLite driver, and ends with a table of what came out.
//
//   node scripts/test-matrix.js [--node 24]... [--driver node:sqlite]... [--reports FOLDER] [-- arguments for vitest]
//
// --reports keeps Vitest's report of each as FOLDER/node-24-node-sqlite.json.
//
// The version that runs this script is used as it is; others come from npm, whose package `node` holds the binary.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const VERSIONS = ['20', '22', '24', '26'];
const DRIVERS = ['sqlite3', 'node:sqlite'];

/** Node 20 has no SQLite of its own. */
const exists = (version, driver) => driver !== 'node:sqlite' || version !== '20';

const { values, positionals } = parseArgs({
  options: {
    node: { type: 'string', multiple: true, default: VERSIONS },
    driver: { type: 'string', multiple: true, default: DRIVERS },
    reports: { type: 'string' },
  },
  allowPositionals: true,
});
for (const [name, known] of [
  ['node', VERSIONS],
  ['driver', DRIVERS],
]) {
  const unknown = values[name].filter((value) => !known.includes(value));
  if (unknown.length > 0) {
    throw new Error(`--${name} ${unknown.join(', ')}: choose from ${known.join(', ')}.`);
  }
}

/** Runs a program and resolves with what it wrote, or with why it failed. */
function capture(command, args, options = {}) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd: root, encoding: 'utf8', ...options });
  const failure =
    error?.message ??
    stderr
      .trim()
      .split('\n')
      .find((line) => /error/i.test(line)) ??
    `status ${status}`;
  return status === 0 ? { stdout: stdout.trim() } : { failure };
}

function binaryOf(version) {
  if (process.versions.node.startsWith(`${version}.`)) return { stdout: process.execPath };
  // npx is a script on Windows, which only a shell starts; nothing in this line comes from outside.
  const shell = process.platform === 'win32';
  return capture('npx', ['-y', '-p', `node@${version}`, 'node', '-p', 'process.execPath'], { shell });
}

/** Version of the SQLite in a driver. */
const PROBES = {
  sqlite3: "console.log(require('sqlite3').VERSION)",
  'node:sqlite': "process.getBuiltinModule('node:sqlite'); console.log(process.versions.sqlite)",
};

function runTests(binary, version, driver) {
  const folder = mkdtempSync(join(tmpdir(), 'manage-matrix-'));
  const report = join(values.reports ?? folder, `node-${version}-${driver.replace(':', '-')}.json`);
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  try {
    const { status } = spawnSync(binary, [vitest, 'run', ...reporters, ...positionals], {
      cwd: root,
      stdio: 'inherit',
      env: { ...process.env, MANAGE_SQLITE_DRIVER: driver },
    });
    const { numTotalTests, numPassedTests, numFailedTests, success } = JSON.parse(readFileSync(report, 'utf8'));
    const ok = status === 0 && success && numPassedTests > 0;
    return { tests: numTotalTests, passed: numPassedTests, failed: numFailedTests, result: ok ? 'passed' : 'FAILED' };
  } catch (error) {
    return { result: `FAILED: ${error.message}` };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function runCell(version, driver) {
  const binary = binaryOf(version);
  if (binary.failure !== undefined) return { result: `FAILED: no Node ${version}: ${binary.failure}` };
  const exact = capture(binary.stdout, ['-p', 'process.version']).stdout;
  const probe = capture(binary.stdout, ['-e', PROBES[driver]]);
  // An optional dependency may be missing; that is a fact about this machine, and no success.
  if (probe.failure !== undefined) return { node: exact, result: `not run: it does not load (${probe.failure})` };
  console.log(`\n== Node ${exact} with ${driver} (SQLite ${probe.stdout})`);
  const start = performance.now();
  const outcome = runTests(binary.stdout, version, driver);
  return { node: exact, sqlite: probe.stdout, ...outcome, seconds: Math.round((performance.now() - start) / 1000) };
}

// Some tests run the compiled program.
const built = spawnSync(process.execPath, [join(root, 'scripts', 'build.js')], { stdio: 'inherit' });
if (built.status !== 0) throw new Error('The build failed.');

const rows = values.node.flatMap((version) =>
  values.driver
    .filter((driver) => exists(version, driver))
    .map((driver) => ({ node: version, driver, ...runCell(version, driver) })),
);
const columns = ['node', 'driver', 'sqlite', 'tests', 'passed', 'failed', 'seconds', 'result'];
const lines = [columns, ...rows.map((row) => columns.map((column) => String(row[column] ?? '-')))];
const widths = columns.map((_, index) => Math.max(...lines.map((line) => line[index].length)));
console.log(
  `\n${lines
    .map((line) =>
      line
        .map((text, index) => text.padEnd(widths[index]))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')}`,
);
const ran = rows.filter(({ result }) => result === 'passed');
process.exitCode = ran.length > 0 && rows.every(({ result }) => !result.startsWith('FAILED')) ? 0 : 1;
