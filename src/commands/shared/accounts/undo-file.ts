import { open, readFile, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Context } from '../../../command.js';
import { CommandError } from '../../../errors.js';
import { syncFile } from '../../../fixtures/dump/output.js';
import { fileReason } from '../../../text.js';

/** A file that tells how to undo what a command does. */
export interface UndoFile {
  readonly name: string;
  /** Resolves when the text is on the disk. */
  write(text: string): Promise<void>;
  /** Takes the file away again: nothing was done. */
  discard(): Promise<void>;
  close(): Promise<void>;
}

const unusable = (file: string, verb: string, cause: unknown) =>
  new CommandError(`The file '${file}' cannot be ${verb}: ${fileReason(cause)}.`, { code: 'file_unusable' });

/** Makes a new file that its owner alone can read. @throws CommandError where that cannot be, or there is one. */
export async function createUndoFile({ cwd }: Pick<Context, 'cwd'>, name: string): Promise<UndoFile> {
  const path = resolve(cwd(), name);
  const file = await open(path, 'wx', 0o600).catch((cause: unknown) => {
    throw unusable(name, 'made', cause);
  });
  return {
    name,
    async write(text) {
      // A transaction that is begun again writes it anew.
      await file.truncate();
      await file.write(text, 0);
      await syncFile(file);
    },
    discard: () => rm(path, { force: true }),
    close: () => file.close(),
  };
}

/** @throws CommandError where it cannot be read. */
export function readUndoFile({ cwd }: Pick<Context, 'cwd'>, name: string): Promise<string> {
  return readFile(resolve(cwd(), name), 'utf8').catch((cause: unknown) => {
    throw unusable(name, 'read', cause);
  });
}
