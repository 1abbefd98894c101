import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { resolve } from 'node:path';
import { finished } from 'node:stream/promises';
import type { Context } from '../../command.js';
import { unwritableFile } from './file-errors.js';

/** Where a command writes: a file that its owner alone can read, or standard output. */
export interface Output {
  write(text: string): Promise<void>;
  /** Resolves when all of it is written. */
  close(): Promise<void>;
}

/** @throws CommandError of code `file_unwritable`, when something is written or at the end. */
export function openOutput({ terminal, cwd }: Pick<Context, 'terminal' | 'cwd'>, file: string | undefined): Output {
  if (file === undefined) return { write: (text) => terminal.write(text), close: async () => undefined };
  const out = createWriteStream(resolve(cwd(), file), { mode: 0o600 });
  const end = finished(out).catch((cause: unknown) => {
    throw unwritableFile(file, cause);
  });
  // It may fail before anybody waits for it.
  end.catch(() => undefined);
  return {
    async write(text) {
      if (!out.write(text)) await Promise.race([once(out, 'drain'), end]);
    },
    close() {
      out.end();
      return end;
    },
  };
}
