import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Context } from '../../../command.js';
import { CommandError } from '../../../errors.js';
import { exactText } from '../../../text.js';
import { readStdin } from '../../../ui/stdin.js';
import { unreadableFile } from '../file-errors.js';

/** The text of the file, or of standard input. */
export async function readAccessText(context: Context, file: string): Promise<string> {
  if (file === '-') return readStdin(context, 50_000_000);
  const bytes = await readFile(resolve(context.cwd(), file)).catch((cause: unknown) => {
    throw unreadableFile(file, cause);
  });
  const text = exactText(bytes);
  if (text !== undefined) return text;
  throw new CommandError(`The file '${file}' is not UTF-8 text.`, { code: 'bad_encoding', hint: 'Save it in UTF-8.' });
}
