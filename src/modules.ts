import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Endings of the files that {@link loadModule} takes; `.d.ts` is none of them. */
export const moduleFile = /(?<!\.d)\.(?:ts|mts|js|mjs)$/;

/**
 * Resolves with the default export of one of a project's files: TypeScript through jiti, JSON as it is, the rest by
 * Node's own `import`. `import … from 'manage-auth'` inside TypeScript means this running package, wherever it is
 * installed. Errors of the file pass through as they are.
 */
export async function loadModule(file: string): Promise<unknown> {
  const extension = extname(file);
  if (extension === '.json') return JSON.parse((await readFile(file, 'utf8')).replace(/^\uFEFF/, ''));
  if (extension === '.ts' || extension === '.mts') return loadThroughJiti(file);
  try {
    const module: { default?: unknown } = await import(pathToFileURL(file).href);
    return module.default;
  } catch (error) {
    if (isOutsidePackage(error)) return loadThroughJiti(file);
    throw error;
  }
}

async function loadThroughJiti(file: string): Promise<unknown> {
  const [{ createJiti }, self] = await Promise.all([import('jiti'), import('./index.js')]);
  const jiti = createJiti(file, { interopDefault: false, virtualModules: { 'manage-auth': self } });
  const module = await jiti.import<{ default?: unknown }>(file);
  return module.default;
}

/** JavaScript that Node cannot import as it stands: this package is not installed beside it, or no `type: module`. */
function isOutsidePackage(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof SyntaxError)
    return /import statement outside a module|Unexpected token 'export'/.test(error.message);
  return 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND' && error.message.includes("'manage-auth'");
}
