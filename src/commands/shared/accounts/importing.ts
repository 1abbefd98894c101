import { createReadStream } from 'node:fs';
import { open, writeFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import type { ImportResult } from '../../../auth/accounts/import/options.js';
import type { Context, Terminal } from '../../../command.js';
import { UsageError } from '../../../errors.js';
import { counted } from '../../../text.js';
import { unreadableFile } from '../file-errors.js';

/** What `read` makes of a file's bytes; what reads it again where that can be done. */
export async function importSource<T>(
  context: Context,
  file: string,
  read: (bytes: AsyncIterable<Uint8Array>) => AsyncIterable<T>,
): Promise<AsyncIterable<T> | (() => AsyncIterable<T>)> {
  if (file === '-') return read(bytesOf(context.stdin));
  const path = resolve(context.cwd(), file);
  const readAll = () => read(createReadStream(path, { highWaterMark: 1 << 18 }));
  try {
    const handle = await open(path);
    const isFile = (await handle.stat()).isFile();
    await handle.close();
    return isFile ? readAll : readAll();
  } catch (cause) {
    throw unreadableFile(file, cause);
  }
}

async function* bytesOf(chunks: AsyncIterable<string | Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) yield Buffer.from(chunk);
}

/** Fields by column. @throws UsageError for what is none. */
export function parseMap(given: readonly string[]): Map<string, string> {
  return new Map(
    given.map((text) => {
      const at = text.lastIndexOf('=');
      if (at < 1) throw new UsageError(`argument --map: '${text}' does not have the form column=field`);
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}

/** Writes Python hashers for Django, and says what its settings need. */
export async function emitHashers(context: Context, file: string | undefined, algorithms: ImportResult['algorithms']) {
  const { hasherPaths, pythonHasherModule } = await import('../../../auth/passwords/foreign/python.js');
  const known = context.settings.passwordHashers;
  const needed = Object.keys(algorithms).filter((name) => name !== 'unusable' && !known.includes(name));
  const module = basename(file ?? 'hashers.py').replace(/\.py$/, '');
  const paths = hasherPaths(needed, module);
  if (file !== undefined) await writeFile(resolve(context.cwd(), file), pythonHasherModule(needed, { module }));
  if (paths.length > 0) {
    context.terminal.note(
      `For a Django site to verify these hashes before their users log in here, add to its PASSWORD_HASHERS${
        file === undefined ? ' (--emit-hashers FILE writes those that are not its own)' : ''
      }:`,
    );
    for (const path of paths) context.terminal.note(`    "${path}",`);
  }
  return paths;
}

/** Says what was imported, or would be. */
export function sayImported(terminal: Terminal, result: ImportResult, dryRun: boolean): void {
  const { created, updated, kept, skipped, errors, ignored } = result;
  const parts = [
    `${dryRun ? 'Would import' : 'Imported'} ${counted(created, 'user')}`,
    ...(updated > 0 ? [`changed ${updated}`] : []),
    ...(kept > 0 ? [`left ${kept} as they were`] : []),
    ...(skipped > 0 ? [`skipped ${counted(skipped, 'row')}`] : []),
  ];
  for (const { line, message } of errors) terminal.warn(`Row ${line}: ${message}`);
  if (ignored.length > 0) terminal.warn(`Columns that mean nothing here were left out: ${ignored.join(', ')}.`);
  terminal.say(`${parts.join(', ')}.`);
}
