import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Context } from '../../command.js';
import { CommandError } from '../../errors.js';
import { readStdin } from '../../ui/stdin.js';

/** The text of the file, or of standard input. */
export async function readAccessText(context: Context, file: string): Promise<string> {
  if (file === '-') return readStdin(context, 50_000_000);
  try {
    return await readFile(resolve(context.cwd(), file), 'utf8');
  } catch (cause) {
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error';
    throw new CommandError(`The file '${file}' cannot be read (${reason}).`, { code: 'file_unreadable' });
  }
}
