import type { Engine } from '../engine.js';
import { isWorldReadable } from '../file-mode.js';
import { parseSqliteUrl, type SqliteTarget } from './url.js';

export const sqlite: Engine<SqliteTarget> = {
  schemes: ['sqlite'],
  exampleUrl: 'sqlite:///file.db',
  maxNameLength: undefined,
  parseUrl: parseSqliteUrl,
  open: async (target, options) => (await import('./open.js')).openSqlite(target, options),
  peek: async (target, questions, options) => (await import('./peek.js')).peekSqlite(target, questions, options),
  async reset(target, options) {
    await (await import('./reset.js')).resetSqlite(target, options);
    return { notKept: [] };
  },
  clientProgram: async (target, options) => (await import('./client-program.js')).sqliteProgram(target, options),
  async exposuresOf({ filename }) {
    if (filename === ':memory:' || !(await isWorldReadable(filename))) return [];
    const message = `Every user of this machine can read ${filename}, with its password hashes and sessions.`;
    return [{ kind: 'readable', message }];
  },
};
