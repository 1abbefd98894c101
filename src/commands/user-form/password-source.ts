import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Context } from '../../command.js';
import { CommandError, UsageError } from '../../errors.js';
import { fileReason } from '../../text.js';
import { readInput } from '../../ui/stdin.js';

/** Longer than any password, and short enough to hold. */
const maxBytes = 65_536;

type Source = { readonly passwordStdin: boolean; readonly passwordFile: string | undefined };

function readPipe(context: Context): Promise<Buffer> {
  if (context.stdin.isTTY) {
    throw new UsageError('--password-stdin reads from a pipe or a file, and standard input is a terminal.', {
      hint: 'Leave --password-stdin out to be asked, which shows nothing of what is typed.',
    });
  }
  return readInput(context, maxBytes);
}

async function readPasswordFile(context: Context, file: string): Promise<Buffer> {
  try {
    return await readFile(resolve(context.cwd(), file));
  } catch (cause) {
    throw new CommandError(`The password file '${file}' cannot be read: ${fileReason(cause)}.`, {
      code: 'password_file_unreadable',
      hint: 'Give the path of a file that this user may read, with the password alone in it.',
    });
  }
}

function decode(bytes: Buffer, place: string): string {
  const wrong = (what: string, hint: string) =>
    new CommandError(`The password in ${place} ${what}.`, { code: 'bad_password', hint });
  if (bytes.length > maxBytes) throw wrong(`is longer than ${maxBytes} bytes`, 'Check that this is the right place.');
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw wrong('is not UTF-8 text', 'Save it in UTF-8.');
  }
  if (text.startsWith('\ufeff')) throw wrong('begins with a byte order mark', 'Save it in UTF-8 without one.');
  const password = text.replace(/\r?\n$/, '');
  if (password === '') throw wrong('is empty', 'Put the password there, and nothing else.');
  if (/[\r\n]/.test(password)) throw wrong('has a line break in it', 'Put the password there, on one line.');
  return password;
}

/**
 * The password of `--password-stdin` or `--password-file`: everything less one final line break. Undefined without either.
 *
 * @throws UsageError for both at once and for a file without a name, CommandError for an empty password, a line break in it, or an unreadable file.
 */
export async function readPasswordSource(
  context: Context,
  { passwordStdin, passwordFile }: Source,
): Promise<string | undefined> {
  if (passwordStdin && passwordFile !== undefined) {
    throw new UsageError('--password-stdin and --password-file cannot be used together.', {
      hint: 'Give the password in one place.',
    });
  }
  if (passwordStdin) return decode(await readPipe(context), 'standard input');
  if (passwordFile === undefined) return undefined;
  if (passwordFile === '') {
    throw new UsageError('argument --password-file: a file is needed, and the value is empty.', {
      hint: 'Give the path of a file with the password alone in it.',
    });
  }
  return decode(await readPasswordFile(context, passwordFile), `'${passwordFile}'`);
}
