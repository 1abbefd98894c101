import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * The extension of a JavaScript module that Node loads as one from `folder`: `mjs` where the nearest package.json does not
 * say `"type": "module"`, so that Node would refuse it or warn of it each time, and else `js`.
 */
export function moduleExtension(folder: string): 'js' | 'mjs' {
  const file = join(folder, 'package.json');
  if (!existsSync(file)) return dirname(folder) === folder ? 'js' : moduleExtension(dirname(folder));
  try {
    const manifest: { type?: unknown } = JSON.parse(readFileSync(file, 'utf8'));
    return manifest.type === 'module' ? 'js' : 'mjs';
  } catch {
    return 'mjs';
  }
}
