import { CommandError } from '../../errors.js';

/** What the system says of a file that it cannot use, such as `ENOENT`. */
export const fileReason = (cause: unknown): string =>
  cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error';

export const unreadableFile = (file: string, cause: unknown): CommandError =>
  new CommandError(`The file '${file}' cannot be read (${fileReason(cause)}).`, { code: 'file_unreadable' });

export const unwritableFile = (file: string, cause: unknown): CommandError =>
  new CommandError(`The file '${file}' cannot be written (${fileReason(cause)}).`, { code: 'file_unwritable' });
