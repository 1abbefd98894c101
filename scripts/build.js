// Makes dist: JavaScript with esbuild, declarations with TypeScript, and the data beside the code. Knex and yargs are
// bundled, Knex with its types, what every start loads is one file, and the rest is cut into shared chunks, since few files are what makes a
// command start fast (bench/startup.js).
import { spawnSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);
const manifest = require('../package.json');
const dependencies = { ...manifest.dependencies, ...manifest.optionalDependencies };
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
const modules = (folder, { recursive }) =>
  readdirSync(join(root, folder), { recursive })
    .map(String)
    .filter((name) => name.endsWith('.ts') && !/(^|[\\/])_/.test(name))
    .map((name) => join(root, folder, name));

const options = {
  absWorkingDir: root,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  // What is installed is never bundled; Knex and yargs are packages of the development, and part of what is published.
  external: [...Object.keys(dependencies), ...absentDrivers],
  // Knex is CommonJS: it asks for Node's modules and for its drivers through `require`.
  banner: {
    js: "import{createRequire as createRequire_}from'node:module';const require=createRequire_(import.meta.url);",
  },
  minifyWhitespace: true,
  legalComments: 'none',
  logLevel: 'warning',
  metafile: true,
};

/** Modules of `src` that a start of the program always loads: what `main` imports, but not by `import()`. */
async function modulesOfStart() {
  const { metafile } = await build({
    ...options,
    entryPoints: ['src/app/main.ts', 'src/command.ts'],
    outdir: 'dist',
    write: false,
  });
  const found = new Set();
  const visit = (file) => {
    if (found.has(file)) return;
    found.add(file);
    for (const { path, kind, external } of metafile.inputs[file].imports) {
      if (kind === 'import-statement' && !external) visit(path);
    }
  };
  visit('src/app/main.ts');
  // It holds next to nothing but types, and every command imports it.
  visit('src/command.ts');
  return found;
}

/** Names that several modules export would be lost without a word. */
async function assertDistinctExports(files) {
  const { metafile } = await build({
    ...options,
    entryPoints: [...files],
    outbase: root,
    outdir: 'dist',
    write: false,
  });
  const names = Object.values(metafile.outputs).flatMap(({ exports }) => exports);
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  if (twice.length > 0) throw new Error(`Several modules of the start export ${twice.join(', ')}: rename all but one.`);
}

/** Turns imports between the two builds into `#start`, or into the file that the other one makes. */
const between = (start, isStart) => ({
  name: 'between',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\.?\// }, ({ path, resolveDir, kind }) => {
      const file = relative(root, join(resolveDir, path)).replace(/\.js$/, '.ts');
      if (kind === 'entry-point' || resolveDir.includes('node_modules') || start.has(file) === isStart) return;
      return { path: isStart ? `./${file.replace(/\.ts$/, '.js')}` : '#start', external: true };
    });
  },
});

rmSync(join(root, 'dist'), { recursive: true, force: true });
const start = await modulesOfStart();
await assertDistinctExports(start);
const { metafile: startFile } = await build({
  ...options,
  stdin: { contents: [...start].map((file) => `export * from './${file}';`).join('\n'), resolveDir: root },
  outfile: join(root, 'dist/start.js'),
  plugins: [between(start, true)],
});
// What the start imports late is a file that it can name.
const late = Object.values(startFile.outputs)
  .flatMap(({ imports }) => imports)
  .filter(({ path }) => path.startsWith('./src/'))
  .map(({ path }) => path.replace(/\.js$/, '.ts'));
const { metafile } = await build({
  ...options,
  entryPoints: [
    join(root, 'src/index.ts'),
    ...['index', 'node', 'express', 'fastify', 'hono'].map((name) => join(root, `src/web/${name}.ts`)),
    join(root, 'src/sessions/admin/summary-worker.ts'),
    ...late.map((path) => join(root, path)),
    ...modules('src/commands', { recursive: false }),
    ...modules('src/apps', { recursive: true }).filter((file) => file.endsWith('index.ts')),
    ...modules('migrations', { recursive: true }),
    ...modules('seeds', { recursive: false }),
  ],
  outbase: root,
  outdir: join(root, 'dist'),
  chunkNames: 'chunks/[name]-[hash]',
  splitting: true,
  plugins: [between(start, false)],
});

for (const path of Object.keys(metafile.outputs)) {
  const file = join(root, path);
  const text = readFileSync(file, 'utf8');
  writeFileSync(
    file,
    text.replaceAll('"#start"', JSON.stringify(relative(dirname(file), join(root, 'dist/start.js')))),
  );
}

// The licences of what is bundled ask to go with every copy.
const packages = new Set(
  Object.keys({ ...startFile.inputs, ...metafile.inputs }).flatMap(
    (file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? [],
  ),
);
const licences = [...packages].sort().map((folder) => {
  const { name, version, license } = require(join(root, folder, 'package.json'));
  const file = readdirSync(join(root, folder)).find((entry) => /^licen[cs]e/i.test(entry));
  return `${name} ${version} (${license})\n\n${file === undefined ? '' : readFileSync(join(root, folder, file), 'utf8')}`;
});
writeFileSync(join(root, 'dist/THIRD-PARTY.txt'), licences.join(`\n${'-'.repeat(80)}\n`));

cpSync(join(root, 'src/auth/passwords/data'), join(root, 'dist/src/auth/passwords/data'), { recursive: true });

const { status } = spawnSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json')], { stdio: 'inherit' });
bundleTypes();
process.exitCode = status ?? 1;

/** The types of Knex, and of its pool, which the declarations name: nobody who installs this has them otherwise. */
function bundleTypes() {
  const types = join(root, 'dist/types');
  const declarations = (folder) => readdirSync(folder, { recursive: true }).filter((file) => file.endsWith('.d.ts'));
  const rewrite = (file, change) => writeFileSync(file, change(readFileSync(file, 'utf8')));
  for (const [name, folder] of [
    ['knex', 'knex/types'],
    ['tarn', 'tarn/dist'],
  ]) {
    for (const file of declarations(join(root, 'node_modules', folder))) {
      cpSync(join(root, 'node_modules', folder, file), join(types, name, file));
    }
  }
  // They are written for CommonJS, where a path needs no ending.
  writeFileSync(join(types, 'package.json'), '{ "type": "commonjs" }\n');
  rewrite(join(types, 'knex/index.d.ts'), (text) =>
    text.replaceAll("'tarn/dist/Pool'", "'../tarn/Pool'").replaceAll("'tarn'", "'../tarn/tarn'"),
  );
  for (const file of declarations(join(root, 'dist')).map((name) => join(root, 'dist', name))) {
    if (file.startsWith(types)) continue;
    const path = relative(dirname(file), join(types, 'knex/index.js')).replaceAll('\\', '/');
    rewrite(file, (text) => text.replaceAll(/(from |import\()['"]knex['"]/g, `$1'${path}'`));
  }
}
