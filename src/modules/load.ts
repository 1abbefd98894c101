import { existsSync, readFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { decodedText } from '../text.js';
import { homeFolder } from './home.js';
import { sourceRoot } from './package-root.js';

/** Endings of the files that {@link loadModule} takes; `.d.ts` is none of them. */
export const moduleFile = /(?<!\.d)\.(?:ts|mts|js|mjs)$/;

/** Resolves with the default export of one of a project's files: JSON as it is, the rest as {@link loadExports} has it. */
export async function loadModule(file: string): Promise<unknown> {
  if (extname(file) === '.json') return JSON.parse(decodedText(readFileSync(file)));
  return (await loadExports(file)).default;
}

/**
 * Resolves with what one of a project's files exports: TypeScript through jiti, the rest by Node's own `import`.
 * `import … from 'manage-auth'` inside TypeScript means this running package, wherever it is installed. Errors of the
 * file pass through as they are; of what cannot be parsed the first line says where that is.
 */
export async function loadExports(file: string): Promise<Readonly<Record<string, unknown>>> {
  const extension = extname(file);
  if (extension === '.ts' || extension === '.mts') return loadThroughJiti(file);
  try {
    return await import(pathToFileURL(file).href);
  } catch (error) {
    if (isOutsidePackage(error)) return loadThroughJiti(file);
    throw error;
  }
}

/**
 * Where jiti keeps what it translated: a folder that only this user writes, and not, as jiti would, one that all users
 * share. Accounts without a home have none.
 */
function cacheFolder(): string | false {
  const home = homeFolder();
  const base = process.env.XDG_CACHE_HOME || (home && join(home, '.cache'));
  return base !== undefined && existsSync(dirname(base)) && join(base, 'manage-auth');
}

async function loadThroughJiti(file: string): Promise<Readonly<Record<string, unknown>>> {
  const [{ createJiti }, self] = await Promise.all([import('jiti'), publicApi()]);
  const options = { interopDefault: false, fsCache: cacheFolder(), virtualModules: { 'manage-auth': self } };
  const jiti = createJiti(file, options);
  try {
    return await jiti.import<Readonly<Record<string, unknown>>>(file);
  } catch (error) {
    throw withPlace(error, file);
  }
}

/** What cannot be parsed, in one line: jiti says where that is on a second one, which nobody gets to see. */
function withPlace(error: unknown, file: string): unknown {
  const said = error instanceof Error ? /^ParseError: (.*?)\s*\n\s*(\S.*):(\d+):\d+/.exec(error.message) : null;
  if (said === null) return error;
  const [, what, where, line] = said;
  return new SyntaxError(`${what} (${where === file ? 'line ' : `${where}:`}${line})`, { cause: error });
}

/** JavaScript that Node cannot import as it stands: this package is not installed beside it, or no `type: module`. */
function isOutsidePackage(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof SyntaxError)
    return /import statement outside a module|Unexpected token 'export'/.test(error.message);
  return 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND' && error.message.includes("'manage-auth'");
}

/**
 * All that this package exports: what a project's TypeScript imports as `manage-auth`. It is found by its file, as a
 * project's own modules are, since everything that it exports stands above this module.
 */
export function publicApi(): Promise<Readonly<Record<string, unknown>>> {
  return import(pathToFileURL(join(sourceRoot, `index${extname(import.meta.filename)}`)).href);
}
