import { cpSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Plugin } from 'vitest/config';
import { isRunning } from './running.js';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const folders = ['src', 'migrations', 'seeds'];
/** Inside of node_modules, so that Node finds the packages from there, and Vitest leaves the loading to Node. */
const cache = join(root, 'node_modules/.compiled');

/**
 * Lets the tests load what they test by Node itself, from JavaScript that is made once a run: several hundred modules for
 * each file of tests take longer through Vitest than most of these files take to run.
 */
export async function compiledSource(): Promise<Plugin> {
  const target = await compile();
  // For programs that tests start, and that need more than the package exports.
  process.env.COMPILED_SOURCE = target;
  return {
    name: 'compiled-source',
    enforce: 'pre',
    resolveId(source, importer) {
      if (importer === undefined || !source.startsWith('.')) return undefined;
      const path = relative(root, resolve(dirname(importer), source));
      if (!folders.some((folder) => path.startsWith(`${folder}/`)) || !/\.[jt]s$/.test(path)) return undefined;
      return { id: join(target, path.replace(/\.ts$/, '.js')), external: true };
    },
  };
}

/** Resolves with a folder of this process that has them all, with what stands beside them. */
async function compile(): Promise<string> {
  removeLeftovers();
  const target = join(cache, String(process.pid));
  process.once('exit', () => rmSync(target, { recursive: true, force: true }));
  const files = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((each) => each.isFile())
      .map(({ parentPath, name }) => relative(root, join(parentPath, name))),
  );
  for (const file of ['package.json', ...files.filter((each) => !each.endsWith('.ts'))]) {
    mkdirSync(dirname(join(target, file)), { recursive: true });
    cpSync(join(root, file), join(target, file));
  }
  await build({
    absWorkingDir: root,
    entryPoints: files.filter((file) => file.endsWith('.ts')),
    outbase: root,
    outdir: target,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    sourcemap: 'inline',
    sourcesContent: false,
    logLevel: 'warning',
  });
  return target;
}

/** Of runs that were killed, be it one whose number this process has. */
function removeLeftovers(): void {
  mkdirSync(cache, { recursive: true });
  for (const name of readdirSync(cache)) {
    if (Number(name) === process.pid || !isRunning(Number(name)))
      rmSync(join(cache, name), { recursive: true, force: true });
  }
}
