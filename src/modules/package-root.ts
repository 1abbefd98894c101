import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));

function findRoot(): string {
  let folder = here;
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}

/** Folder of this package: the one with its package.json. */
export const packageRoot = findRoot();

/** Folder of `src` as it runs: `dist/src` where it was built, whichever file of `dist` this code came to be in. */
export const sourceRoot = join(
  packageRoot,
  ...(relative(packageRoot, here).startsWith('dist') ? ['dist', 'src'] : ['src']),
);
