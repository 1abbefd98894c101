// npm runs this after `npm ci` in a checkout. Without TypeScript (a production install from git) there is nothing to
// build with, which must not make the installation fail.
import { createRequire } from 'node:module';

function hasTypeScript() {
  try {
    return createRequire(import.meta.url).resolve('typescript/package.json') !== '';
  } catch {
    return false;
  }
}

if (hasTypeScript()) await import('./build.js');
else console.error('manage-auth: TypeScript is not installed, so dist/ was not built.');
