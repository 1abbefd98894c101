import { CommandError } from '../../errors.js';
import { fileReason } from '../../text.js';

export const unreadableFile = (file: string, cause: unknown): CommandError =>
  new CommandError(`The file '${file}' cannot be read: ${fileReason(cause)}.`, { code: 'file_unreadable' });

export const unwritableFile = (file: string, cause: unknown): CommandError =>
  new CommandError(`The file '${file}' cannot be written: ${fileReason(cause)}.`, { code: 'file_unwritable' });
