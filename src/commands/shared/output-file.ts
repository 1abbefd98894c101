import { once } from 'node:events';
import { constants, createWriteStream } from 'node:fs';
import { access, open, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
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

/** Writes a whole file. @throws CommandError of code `file_unwritable` */
export async function writeOutput(
  { cwd }: Pick<Context, 'cwd'>,
  file: string,
  text: string,
  options: { readonly mode?: number } = {},
): Promise<void> {
  await writeFile(resolve(cwd(), file), text, options).catch((cause: unknown) => {
    throw unwritableFile(file, cause);
  });
}

/** Before work whose result goes into a file, which must not be lost. @throws CommandError of code `file_unwritable` */
export async function assertWritable({ cwd }: Pick<Context, 'cwd'>, file: string): Promise<void> {
  const path = resolve(cwd(), file);
  try {
    await (await open(path, 'r+')).close();
  } catch (cause) {
    const isNew = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    const refused = isNew ? await access(dirname(path), constants.W_OK).catch((reason: unknown) => reason) : cause;
    if (refused !== undefined) throw unwritableFile(file, refused);
  }
}
