import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Context } from '../../../command.js';
import { decodedText } from '../../../text.js';
import { readStdin } from '../../../ui/stdin.js';
import { unreadableFile } from '../file-errors.js';

/** The text of the file, or of standard input. */
export async function readAccessText(context: Context, file: string): Promise<string> {
  if (file === '-') return readStdin(context, 50_000_000);
  try {
    return decodedText(await readFile(resolve(context.cwd(), file)));
  } catch (cause) {
    throw unreadableFile(file, cause);
  }
}
