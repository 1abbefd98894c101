import { existsSync } from 'node:fs';
import { CommandError } from '../../../errors.js';
import type { ClientOptions, ClientProgram } from '../engine.js';
import type { SqliteTarget } from './url.js';

export function sqliteProgram({ filename }: SqliteTarget, { args, stopAtError }: ClientOptions): ClientProgram {
  // The client would make the file.
  if (filename !== ':memory:' && !existsSync(filename)) {
    throw new CommandError(`The database '${filename}' does not exist.`, {
      code: 'missing_database',
    });
  }
  return { program: 'sqlite3', args: [...(stopAtError ? ['-bail'] : []), filename, ...args], env: {} };
}
