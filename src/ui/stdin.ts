import type { Context } from '../command.js';
import { CommandError } from '../errors.js';
import { exactText } from '../text.js';

/** What is on standard input; with `maxLength` as far as one byte more than that. */
export async function readInput(
  { stdin }: Pick<Context, 'stdin'>,
  maxLength = Number.POSITIVE_INFINITY,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stdin) {
    const bytes = Buffer.from(chunk);
    chunks.push(bytes);
    length += bytes.length;
    if (length > maxLength) break;
  }
  return Buffer.concat(chunks).subarray(0, maxLength + 1);
}

/**
 * Everything on standard input, as text: {@link exactText}.
 *
 * @throws CommandError where there is nothing, more than `maxLength` bytes, or no text.
 */
export async function readStdin(context: Pick<Context, 'stdin'>, maxLength: number): Promise<string> {
  const bytes = await readInput(context, maxLength);
  if (bytes.length > maxLength) {
    throw new CommandError(`Standard input has more than ${maxLength} bytes.`, {
      code: 'input_too_long',
      hint: 'Check that this is the right input.',
    });
  }
  const text = exactText(bytes);
  if (text === undefined) {
    throw new CommandError('Standard input is not UTF-8 text.', { code: 'bad_encoding', hint: 'Convert it to UTF-8.' });
  }
  if (text.trim() !== '') return text;
  throw new CommandError('There is nothing on standard input.', {
    code: 'empty_input',
    hint: 'The argument - means that it is read from there, through a pipe or from a file.',
  });
}
