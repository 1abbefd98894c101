// Makes dist: JavaScript with esbuild, declarations with TypeScript, and the data beside the code. Knex and yargs are
// bundled and all code is cut into shared chunks, since few files are what makes a command start fast (bench/startup.js).
import { spawnSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);
const manifest = require('../package.json');
const dependencies = { ...manifest.dependencies, ...manifest.optionalDependencies };
const bundled = ['knex', 'yargs'];
/** Drivers that Knex knows and nobody here asks for. */
const absentDrivers = [
  'better-sqlite3',
  'mariadb',
  'mysql',
  'mysql2',
  'oracledb',
  'pg-native',
  'pg-query-stream',
  'tedious',
];
const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc');

/** The files of a folder that are found by their name when they are needed, so that each stays a file of its own. */
const modules = (folder) =>
  readdirSync(join(root, folder), { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.ts') && !/(^|[\\/])_/.test(name))
    .map((name) => join(root, folder, name));

rmSync(join(root, 'dist'), { recursive: true, force: true });
const { metafile } = await build({
  entryPoints: [
    join(root, 'src/home.ts'),
    join(root, 'src/main.ts'),
    join(root, 'src/index.ts'),
    join(root, 'src/sessions/summary-worker.ts'),
    ...modules('src/commands'),
    ...modules('migrations'),
  ],
  absWorkingDir: root,
  outbase: root,
  outdir: join(root, 'dist'),
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  external: [...Object.keys(dependencies).filter((name) => !bundled.includes(name)), ...absentDrivers],
  // Knex is CommonJS: it asks for Node's modules and for its drivers through `require`.
  banner: {
    js: "import{createRequire as createRequire_}from'node:module';const require=createRequire_(import.meta.url);",
  },
  minifyWhitespace: true,
  legalComments: 'none',
  logLevel: 'warning',
  metafile: true,
});

// The licences of what is bundled ask to go with every copy.
const packages = new Set(
  Object.keys(metafile.inputs).flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []),
);
const licences = [...packages].sort().map((folder) => {
  const { name, version, license } = require(join(root, folder, 'package.json'));
  const file = readdirSync(join(root, folder)).find((entry) => /^licen[cs]e/i.test(entry));
  return `${name} ${version} (${license})\n\n${file === undefined ? '' : readFileSync(join(root, folder, file), 'utf8')}`;
});
writeFileSync(join(root, 'dist/THIRD-PARTY.txt'), licences.join(`\n${'-'.repeat(80)}\n`));

cpSync(join(root, 'src/auth/data'), join(root, 'dist/src/auth/data'), { recursive: true });

const { status } = spawnSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json')], { stdio: 'inherit' });
process.exitCode = status ?? 1;
