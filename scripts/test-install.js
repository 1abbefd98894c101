// Installs the packed tarball into an empty project with every package manager and runtime, and uses it there: version,
// migrate, createuser, dumpdata to a file, check. Ends with a table of what came out.
//
//   node scripts/test-install.js [npm@10 npm@12 pnpm yarn yarn-pnp bun deno ...] [--compile]
//
// The managers come from npm. SQLite is Node's own (a Node without one starts the script again with Node 24 from npm), or with
// --compile sqlite3's, whose install script compiles for minutes.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const work = mkdtempSync(join(tmpdir(), 'manage-install-'));
const tools = join(work, 'tools');
const { values, positionals } = parseArgs({
  options: { compile: { type: 'boolean', default: false } },
  allowPositionals: true,
});

function run(command, args, { cwd = work, env = {} } = {}) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    env: {
      ...process.env,
      // The managers' own caches, and no setting of the run that started this one.
      ...Object.fromEntries(
        Object.keys(process.env).flatMap((name) => (/^npm_/i.test(name) ? [[name, undefined]] : [])),
      ),
      ...(values.compile ? {} : { npm_config_ignore_scripts: 'true', YARN_ENABLE_SCRIPTS: 'false' }),
      PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
      CI: 'true',
      ...env,
    },
  });
  if (status === 0) return stdout;
  const said = error?.message ?? `${stdout}\n${stderr}`.trim();
  throw new Error(`${command.split('/').at(-1)} ${args.join(' ')}: status ${status}\n${said.slice(-1500)}`);
}

/** The folder with the programs of a package of npm. */
function programsOf(spec) {
  const folder = join(tools, spec.replaceAll(/\W/g, '-'));
  if (!existsSync(folder)) {
    mkdirSync(folder, { recursive: true });
    // Some of them bring their program by a script.
    run('npm', ['install', '--no-audit', '--no-fund', '--prefix', folder, spec], {
      env: { npm_config_ignore_scripts: 'false' },
    });
  }
  return join(folder, 'node_modules', '.bin');
}

const program = (spec, name) => join(programsOf(spec), name);
const throughBin = (project) => (args) => run(join(project, 'node_modules', '.bin', 'manage'), args, { cwd: project });
const npm = (version) => (project, tarball) => {
  run(program(`npm@${version}`, 'npm'), ['install', '--no-audit', '--no-fund', tarball], { cwd: project });
  return throughBin(project);
};
const yarn = (linker) => (project, tarball) => {
  writeFileSync(
    join(project, '.yarnrc.yml'),
    `nodeLinker: ${linker}\nenableGlobalCache: false\nenableTelemetry: false\n`,
  );
  writeFileSync(join(project, 'yarn.lock'), '');
  const yarnpkg = program('@yarnpkg/cli-dist', 'yarn');
  run(yarnpkg, ['add', `manage-auth@file:${tarball}`], { cwd: project });
  return (args) => run(yarnpkg, ['run', 'manage', ...args], { cwd: project });
};

/** By name: installs the tarball into a project, and returns what runs `manage` there. */
const cases = {
  'npm@10': npm(10),
  'npm@11': npm(11),
  'npm@12': npm(12),
  pnpm(project, tarball) {
    run(program('pnpm', 'pnpm'), ['add', tarball], { cwd: project });
    return throughBin(project);
  },
  yarn: yarn('node-modules'),
  'yarn-pnp': yarn('pnp'),
  bun(project, tarball) {
    const bun = program('bun', 'bun');
    run(bun, ['add', tarball], { cwd: project });
    return (args) => run(bun, ['--bun', 'run', 'manage', ...args], { cwd: project });
  },
  deno(project, tarball) {
    run('npm', ['install', '--no-audit', '--no-fund', tarball], { cwd: project });
    const bin = join('node_modules', 'manage-auth', 'bin', 'manage.js');
    return (args) => run(program('deno', 'deno'), ['run', '--allow-all', bin, ...args], { cwd: project });
  },
};

function use(name, tarball) {
  const project = join(work, name.replaceAll(/\W/g, '-'));
  mkdirSync(project, { recursive: true });
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'fresh', private: true, type: 'module' }));
  const manage = cases[name](project, tarball);
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const shown = manage(['version']).trim();
  if (!shown.endsWith(version)) throw new Error(`version shows ${shown}`);
  manage(['migrate']);
  manage(['createuser', '--username', 'ada', '--email', 'ada@example.com', '--no-input']);
  manage(['dumpdata', 'auth.user', '-o', 'users.json']);
  const [user] = JSON.parse(readFileSync(join(project, 'users.json'), 'utf8'));
  if (user?.fields.username !== 'ada') throw new Error(`dumpdata wrote ${JSON.stringify(user)}`);
  manage(['check']);
}

/** Runs this script with a Node that has an SQLite of its own. */
function startAgain() {
  const args = ['-y', '-p', 'node@24', 'node', fileURLToPath(import.meta.url), ...process.argv.slice(2)];
  // npx is a script on Windows, which only a shell starts; nothing in this line comes from outside.
  return spawnSync('npx', args, { stdio: 'inherit', shell: process.platform === 'win32' }).status ?? 1;
}

if (!values.compile && process.getBuiltinModule('node:sqlite') === undefined) process.exit(startAgain());

const names = positionals.length > 0 ? positionals : Object.keys(cases);
const unknown = names.filter((name) => !(name in cases));
if (unknown.length > 0) throw new Error(`${unknown.join(', ')}: choose from ${Object.keys(cases).join(', ')}.`);
try {
  mkdirSync(tools, { recursive: true });
  const packed = run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', work], { cwd: root });
  const [{ filename }] = Object.values(JSON.parse(packed));
  const tarball = join(work, filename);
  const outcomes = names.map((name) => {
    const start = performance.now();
    let result = 'works';
    try {
      use(name, tarball);
    } catch (error) {
      console.error(`== ${name}\n${error.message}\n`);
      result = 'FAILED';
    }
    return `${name.padEnd(10)} ${String(Math.round((performance.now() - start) / 1000)).padStart(4)} s  ${result}`;
  });
  console.log([`Node ${process.version}`, ...outcomes].join('\n'));
  process.exitCode = outcomes.some((line) => line.endsWith('FAILED')) ? 1 : 0;
} finally {
  rmSync(work, { recursive: true, force: true });
}
