// Makes dist: JavaScript with esbuild, declarations with TypeScript, and the data beside the code. Knex and yargs are
// bundled, Knex in a file of its own and with its types, what every start loads is one file, and the rest is cut into shared chunks, since few files are what makes a
// command start fast (bench/startup.js).
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { builtinModules, createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);
const manifest = require('../package.json');
const installed = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
/** Drivers that Knex knows and nobody here asks for. */
const absentDrivers = ['better-sqlite3', 'mariadb', 'mysql', 'oracledb', 'pg-native', 'pg-query-stream', 'tedious'];
const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc');

/** The files of a folder that are found by their name when they are needed, so that each stays a file of its own. */
const modules = (folder, { recursive }) =>
  readdirSync(join(root, folder), { recursive })
    .map(String)
    .filter((name) => name.endsWith('.ts') && !/(^|[\\/])_/.test(name))
    .map((name) => join(root, folder, name));

/** Without what writes yargs' own help, which makes tables of all emoji when it is loaded. */
const parserAlone = {
  name: 'parser-alone',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]yargs[\\/]helpers[\\/]helpers\.mjs$/ }, () => ({
      contents: "export { default as Parser } from 'yargs-parser';",
      resolveDir: join(root, 'node_modules/yargs'),
    }));
  },
};

const options = {
  absWorkingDir: root,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  // What is installed is never bundled; Knex and yargs are packages of the development, and part of what is published.
  external: [...installed, ...absentDrivers],
  // Knex is CommonJS: it asks for Node's modules and for its drivers through `require`.
  banner: {
    js: "const require = (name) => process.getBuiltinModule('node:module').createRequire(import.meta.url)(name);",
  },
  legalComments: 'none',
  logLevel: 'warning',
  metafile: true,
};

/** Where Knex is loaded from, and the names of its modules there. */
const knexLoader = 'src/db/connect/knex.ts';
const knexModules = [...readFileSync(join(root, knexLoader), 'utf8').matchAll(/\bload\('([^']+)'\)/g)].map(
  ([, name]) => name,
);

/** Modules of `src` that are loaded together, each layer from one file: few files are what starts fast. */
const layerRoots = {
  // What `main` imports, but not by `import()`; the second holds next to nothing but types, and every command imports it.
  start: ['src/app/main.ts', 'src/command.ts'],
  // What completes a command line, without Knex.
  settings: [
    'src/settings/parse.ts',
    'src/auth/accounts/user-model.ts',
    'src/auth/permissions/names.ts',
    'src/db/dialect/sql-text.ts',
    'src/db/engines/sqlite/driver.ts',
  ],
  // What a command loads that reads the state of an SQLite database.
  database: [
    'src/schema/migration-state.ts',
    'src/commands/shared/options.ts',
    'src/settings/parse.ts',
    'src/db/connect/connect.ts',
    'src/db/engines/sqlite/open.ts',
    'src/db/engines/sqlite/introspect.ts',
  ],
};

/** The name of the layer that each module is in; a module without one is in a file of its own, or in a shared chunk. */
async function findLayers() {
  const { metafile } = await build({
    ...options,
    entryPoints: Object.values(layerRoots).flat(),
    outdir: 'dist',
    write: false,
  });
  const found = new Map();
  const visit = (file, layer) => {
    if (found.has(file) || file.includes('node_modules')) return;
    found.set(file, layer);
    for (const { path, kind, external } of metafile.inputs[file].imports) {
      if (kind === 'import-statement' && !external) visit(path, layer);
    }
  };
  for (const [layer, roots] of Object.entries(layerRoots)) for (const root of roots) visit(root, layer);
  return found;
}

const filesOf = (layer) => [...layers].flatMap(([file, its]) => (its === layer ? [file] : []));

/** Names that several modules of a layer export would be lost without a word. */
async function assertDistinctExports(layer) {
  const { metafile } = await build({
    ...options,
    entryPoints: filesOf(layer),
    outbase: root,
    outdir: 'dist',
    write: false,
  });
  const names = Object.values(metafile.outputs).flatMap(({ exports }) => exports);
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  if (twice.length > 0) throw new Error(`Several modules of ${layer} export ${twice.join(', ')}: rename all but one.`);
}

/** Turns imports that leave a layer into `#layer` or into the file that the rest of the build makes. */
const leaving = (layer) => ({
  name: 'leaving',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^knex(\/|$)/ }, ({ path, resolveDir }) => {
      if (resolveDir.includes('node_modules')) return;
      throw new Error(`${path} is imported: take it from ${knexLoader}, which loads it when it is needed.`);
    });
    onLoad({ filter: /[\\/]knex\.ts$/ }, ({ path }) => {
      if (relative(root, path).replaceAll('\\', '/') !== knexLoader) return;
      const text = readFileSync(path, 'utf8');
      const here = 'const load = createRequire(import.meta.url);';
      if (!text.includes(here)) throw new Error(`${knexLoader} has no line \`${here}\``);
      const there = "const load = (name) => createRequire(import.meta.url)('#knex')[name]();";
      return { contents: text.replace(here, () => there), loader: 'ts' };
    });
    onResolve({ filter: /^\.\.?\// }, ({ path, resolveDir, kind }) => {
      if (kind === 'entry-point' || resolveDir.includes('node_modules')) return;
      const file = relative(root, join(resolveDir, path)).replace(/\.js$/, '.ts');
      const its = layers.get(file);
      if (its === layer) return;
      return { path: its === undefined ? `./${file.replace(/\.ts$/, '.js')}` : `#${its}`, external: true };
    });
  },
});

/** Builds one layer, and returns what came out. */
async function buildLayer(layer) {
  await assertDistinctExports(layer);
  const { metafile } = await build({
    ...options,
    stdin: {
      contents: filesOf(layer)
        .map((file) => `export * from './${file}';`)
        .join('\n'),
      resolveDir: root,
    },
    outfile: join(root, `dist/${layer}.js`),
    plugins: [leaving(layer)],
  });
  return metafile;
}

/** Modules of Node that take milliseconds to load: they are loaded when the first of their functions is called. */
const slowBuiltins = ['node:child_process', 'node:crypto', 'node:fs/promises', 'node:net', 'node:tls', 'node:zlib'];

/** The names that an import names, as they are called there and here. */
const namesIn = (named) =>
  named
    .slice(1, -1)
    .split(',')
    .map((part) => part.trim().split(' as '))
    .map(([theirs, ours = theirs]) => [theirs, ours]);

/** Whether a function can be called through another one: not where `promisify` is to find symbols on itself. */
function isFunctionOf(name, theirs) {
  const its = process.getBuiltinModule(name)[theirs];
  return /^[a-z]/.test(theirs) && typeof its === 'function' && Object.getOwnPropertySymbols(its).length === 0;
}

/**
 * The text of a built file, with Node's modules taken from `process.getBuiltinModule`: `import` would ask each for all that
 * it exports, and `node:fs` and others load the streams then, which takes as long as all that `help` does.
 */
function withQuickBuiltins(text, path) {
  const taken = [];
  const slow = new Map();
  const isBuiltin = (name) => name.startsWith('node:') || builtinModules.includes(name);
  const builtin = (name) => `process.getBuiltinModule("${name}")`;
  const rest = text
    .replaceAll(/^import ([^"';]+) from "([^"]+)";\n/gm, (statement, names, name) => {
      if (!isBuiltin(name)) return statement;
      const [, whole, named] = /^(?:\* as )?([\w$]+)?(?:, )?(\{.*\})?$/s.exec(names);
      if (whole !== undefined) taken.push(`const ${whole} = ${builtin(name)};\n`);
      if (named === undefined) return '';
      const functions = namesIn(named);
      if (slowBuiltins.includes(name) && functions.every(([theirs]) => isFunctionOf(name, theirs))) {
        const whole = `builtin$${name.replaceAll(/\W/g, '_')}`;
        slow.set(whole, `let ${whole};\n`);
        for (const [theirs, ours] of functions) {
          taken.push(`const ${ours} = (...args) => (${whole} ??= ${builtin(name)}).${theirs}(...args);\n`);
        }
      } else {
        taken.push(`const ${named.replaceAll(' as ', ': ')} = ${builtin(name)};\n`);
      }
      return '';
    })
    .replaceAll(/\b(?:require|__require\d*)\("([^"]+)"\)/g, (call, name) => (isBuiltin(name) ? builtin(name) : call));
  if (/^import "node:/m.test(rest))
    throw new Error(`${path} imports a module of Node in a way that is not known here.`);
  return [...slow.values(), ...taken, rest].join('');
}

rmSync(join(root, 'dist'), { recursive: true, force: true });
const layers = await findLayers();
const built = [];
for (const layer of Object.keys(layerRoots)) built.push(await buildLayer(layer));
// What a layer imports late is a file that it can name.
const late = built
  .flatMap(({ outputs }) => Object.values(outputs))
  .flatMap(({ imports }) => imports)
  .filter(({ path }) => path.startsWith('./src/'))
  .map(({ path }) => path.replace(/\.js$/, '.ts'));
/** What Knex has for programs of its own, which nobody here asks for. */
const unasked = {
  name: 'unasked',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]knex[\\/]lib[\\/]migrations[\\/](migrate[\\/]Migrator|seed[\\/]Seeder)\.js$/ }, () => ({
      contents: 'module.exports = class {}; module.exports.Migrator = module.exports;',
    }));
    // Clients are given as classes, never by the names that this would look up among all that Knex has.
    onLoad({ filter: /[\\/]knex[\\/]lib[\\/]dialects[\\/]index\.js$/ }, () => ({
      contents: "exports.getDialectByNameOrAlias = () => { throw new Error('There is no such client.'); };",
    }));
  },
};
// CommonJS, so that it can be loaded at once in the middle of a program.
const { metafile: knexFile } = await build({
  ...options,
  banner: {},
  format: 'cjs',
  stdin: {
    contents: knexModules.map((name) => `exports['${name}'] = () => require('${name}');`).join('\n'),
    resolveDir: root,
  },
  outfile: join(root, 'dist/knex.cjs'),
  plugins: [unasked],
  // Half the time to read it; an error's stack still shows lines that fit a screen, and its functions' own names.
  minifyWhitespace: true,
  lineLimit: 160,
});
const { metafile: rest } = await build({
  ...options,
  entryPoints: [
    join(root, 'src/index.ts'),
    ...['index', 'node', 'express', 'fastify', 'hono'].map((name) => join(root, `src/web/${name}.ts`)),
    join(root, 'src/sessions/admin/summary-worker.ts'),
    ...new Set(late.map((path) => join(root, path))),
    ...modules('src/commands', { recursive: false }),
    ...modules('src/apps', { recursive: true }).filter((file) => file.endsWith('index.ts')),
    ...modules('migrations', { recursive: true }),
    ...modules('seeds', { recursive: false }),
  ],
  outbase: root,
  outdir: join(root, 'dist'),
  chunkNames: 'chunks/[name]-[hash]',
  splitting: true,
  plugins: [leaving(undefined), parserAlone],
});
built.push(knexFile, rest);

const pathTo = (file, name) => {
  const path = relative(dirname(file), join(root, 'dist', name === 'knex' ? 'knex.cjs' : `${name}.js`)).replaceAll(
    '\\',
    '/',
  );
  return JSON.stringify(path.startsWith('.') ? path : `./${path}`);
};
/** Chunks that hold esbuild's own helpers and no module: whoever takes nothing from them need not load them. */
const helpers = Object.entries(rest.outputs)
  .filter(([, { inputs }]) => Object.keys(inputs).length === 0)
  .map(([path]) => basename(path));
const isForNothing = (statement) => helpers.some((name) => statement.endsWith(`/${name}";\n`));
for (const path of built.flatMap(({ outputs }) => Object.keys(outputs))) {
  const file = join(root, path);
  const text = readFileSync(file, 'utf8').replaceAll(/"#(start|settings|database|knex)"/g, (_, name) =>
    pathTo(file, name),
  );
  const needed = text.replaceAll(/^import "[^"]+";\n/gm, (statement) => (isForNothing(statement) ? '' : statement));
  writeFileSync(file, withQuickBuiltins(needed, path));
}

// The commands, so that no start has to look for them, and `help` not to read them all.
const [{ describeCommands, discover }, { commandUsage }] = await Promise.all([
  import('../dist/start.js'),
  import('../dist/src/cli/help.js'),
]);
const commands = describeCommands([...discover({ packages: [], root: undefined }).values()]);
writeFileSync(
  join(root, 'dist/src/commands.json'),
  JSON.stringify(Object.fromEntries(commands.map(({ file, describe }) => [basename(file), describe]))),
);

// What may follow each, for the completion of command lines: those that depend on the user model are asked themselves.
mkdirSync(join(root, 'dist/src/outlines'));
for (const { name, file } of commands) {
  const { default: command } = await import(pathToFileURL(file).href);
  if (command.modelOptions !== undefined) continue;
  const { json } = commandUsage(name, command);
  const outline = {
    arguments: json.arguments.map(({ name, variadic, choices }) => ({ name, variadic, choices })),
    options: json.options.map(({ names, type, describe, choices }) => ({ names, type, describe, choices })),
  };
  writeFileSync(join(root, `dist/src/outlines/${name}.json`), JSON.stringify(outline));
}

// The licences of what is bundled ask to go with every copy.
const packages = new Set(
  built
    .flatMap(({ inputs }) => Object.keys(inputs))
    .flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []),
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
