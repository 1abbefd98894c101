import { resolve } from 'node:path';
import type { UrlContext } from '../engine.js';
import { badUrl, decodePart } from '../url-parts.js';

export interface SqliteTarget {
  readonly engine: 'sqlite';
  /** An absolute path, or `:memory:`. */
  readonly filename: string;
}

export function parseSqliteUrl(rest: string, { base }: Pick<UrlContext, 'base'>): SqliteTarget {
  if (rest === ':memory:' || rest === '//:memory:' || rest === '///:memory:') {
    return { engine: 'sqlite', filename: ':memory:' };
  }
  if (!rest.startsWith('///')) throw badUrl('write sqlite:///relative.db, sqlite:////absolute.db or sqlite::memory:');
  const path = rest.slice(3);
  if (path.includes('?')) throw badUrl('an SQLite URL takes no parameters (write %3F for a question mark in the path)');
  if (path === '') throw badUrl('it names no file: write sqlite:///relative.db or sqlite:////absolute.db');
  const filename = decodePart(path, 'path');
  if (filename.includes('\0')) throw badUrl('its path has a NUL character');
  return { engine: 'sqlite', filename: resolve(base, filename) };
}
