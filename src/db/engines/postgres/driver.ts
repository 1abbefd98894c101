import { createRequire } from 'node:module';
import type driver from 'pg';

/**
 * Loads the driver. Where nothing is called `navigator`, as on Node 20, it looks for Cloudflare's server by making a `Response`, and
 * then Node loads all that `fetch` needs, which takes longer than the driver itself.
 */
function load(): typeof driver {
  const require = createRequire(import.meta.url);
  if ('navigator' in globalThis) return require('pg');
  const value = { userAgent: 'Node.js' };
  Object.defineProperty(globalThis, 'navigator', { configurable: true, value });
  try {
    return require('pg');
  } finally {
    Reflect.deleteProperty(globalThis, 'navigator');
  }
}

export const pg = load();
