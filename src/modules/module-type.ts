import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * The extension of a JavaScript module that Node loads as one from `folder`: `mjs` where the nearest package.json does not
 * say `"type": "module"`, so that Node would refuse it or warn of it each time, and else `js`. Where there is no package.json
 * at all it is `bare`.
 */
export function moduleExtension(folder: string, bare: 'js' | 'mjs' = 'js'): 'js' | 'mjs' {
  const file = join(folder, 'package.json');
  if (!existsSync(file)) return dirname(folder) === folder ? bare : moduleExtension(dirname(folder), bare);
  try {
    const manifest: { type?: unknown } = JSON.parse(readFileSync(file, 'utf8'));
    return manifest.type === 'module' ? 'js' : 'mjs';
  } catch {
    return 'mjs';
  }
}
