import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * The extension of a JavaScript module that Node loads as one from `folder`: `mjs` where the nearest package.json says
 * `"type": "commonjs"`, as that of `npm init` does, or cannot be read, and else `js`.
 */
export function moduleExtension(folder: string): 'js' | 'mjs' {
  const file = join(folder, 'package.json');
  if (!existsSync(file)) return dirname(folder) === folder ? 'js' : moduleExtension(dirname(folder));
  try {
    const manifest: { type?: unknown } = JSON.parse(readFileSync(file, 'utf8'));
    return manifest.type === 'commonjs' ? 'mjs' : 'js';
  } catch {
    return 'mjs';
  }
}
