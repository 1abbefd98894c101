import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import type { ImportResult } from '../../../auth/accounts/import/options.js';
import type { ImportFormat, ImportRow } from '../../../auth/accounts/import/read-rows.js';
import type { Context, Terminal } from '../../../command.js';
import type { Connection } from '../../../db/connect/connection.js';
import { CommandError, UsageError } from '../../../errors.js';
import { utf8 } from '../../../fixtures/formats/decode.js';
import { BadFixture } from '../../../fixtures/record.js';
import { counted, fileReason } from '../../../text.js';
import { auditOf } from '../actor.js';
import { unreadableFile } from '../file-errors.js';
import { assertWritable, writeOutput } from '../output-file.js';

/** What the rows mean, and what becomes of those that cannot be imported as they are. */
export const importOptions = {
  format: { type: 'string', choices: ['csv', 'json', 'jsonl'], describe: 'Input format; detected by default.' },
  map: {
    type: 'list',
    placeholder: 'COLUMN=FIELD',
    describe: 'Field of a column; without a field the column is ignored.',
  },
  columns: {
    type: 'string',
    placeholder: 'NAMES',
    describe: 'Comma-separated column names of CSV without a header line.',
  },
  separator: { type: 'string', placeholder: 'TEXT', describe: 'Field separator of CSV.' },
  algorithm: {
    type: 'string',
    placeholder: 'NAME',
    describe: 'Algorithm of hashes that do not name theirs: md5, sha1, sha256, werkzeug.',
  },
  group: { type: 'list', placeholder: 'NAME', describe: 'Add all of them to this group.' },
  update: { type: 'boolean', describe: 'Update existing users.' },
  ifNotExists: { type: 'boolean', describe: 'Leave existing users unchanged.' },
  skipErrors: {
    type: 'boolean',
    describe: 'Skip invalid rows, and report their lines; by default one invalid row cancels the import.',
  },
  emitHashers: {
    type: 'string',
    placeholder: 'FILE',
    describe: 'Write Python hashers for a Django site to this file.',
  },
} as const;

/** What is read, as pieces of bytes; what reads it from the beginning where it can be read again. */
type Source = AsyncIterable<Uint8Array> | (() => AsyncIterable<Uint8Array>);

/** What a file holds, or standard input. @throws CommandError where it cannot be read. */
export async function importSource(context: Context, file: string): Promise<Source> {
  if (file === '-') return utf8Of(bytesOf(context.stdin), 'Standard input');
  const path = resolve(context.cwd(), file);
  const readAll = () => utf8Of(createReadStream(path, { highWaterMark: 1 << 18 }), `The file '${file}'`);
  try {
    const handle = await open(path);
    const isFile = (await handle.stat()).isFile();
    await handle.close();
    return isFile ? readAll : readAll();
  } catch (cause) {
    throw unreadableFile(file, cause);
  }
}

/** The same text in UTF-8, whatever a spreadsheet or a shell on Windows has made of it. */
async function* utf8Of(bytes: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Uint8Array> {
  try {
    yield* utf8(bytes);
  } catch (cause) {
    const isOfSystem = cause instanceof Error && 'syscall' in cause;
    if (!isOfSystem && !(cause instanceof BadFixture)) throw cause;
    const reason = isOfSystem ? fileReason(cause) : cause.message;
    throw new CommandError(`${name} cannot be read: ${reason}.`, { code: 'file_unreadable', cause });
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

interface ImportArguments {
  readonly format: string | undefined;
  readonly columns: string | undefined;
  readonly separator: string | undefined;
  readonly algorithm: string | undefined;
  readonly group: readonly string[];
  readonly update: boolean;
  readonly ifNotExists: boolean;
  readonly skipErrors: boolean;
  readonly dryRun: boolean;
  readonly actor: string | undefined;
  readonly emitHashers: string | undefined;
  readonly map: ReadonlyMap<string, string>;
}

/** Imports what is read, and shows how many rows that are. */
export async function importVisibly(
  context: Context,
  connection: Connection,
  source: Source,
  args: ImportArguments,
): Promise<ImportResult> {
  const { terminal, settings, signal } = context;
  const [{ importUsers }, { readImportRows }] = await Promise.all([
    import('../../../auth/accounts/import/import-users.js'),
    import('../../../auth/accounts/import/read-rows.js'),
  ]);
  if (args.emitHashers !== undefined) await assertWritable(context, args.emitHashers);
  const audit = await auditOf(context, connection, 'importusers', args);
  const read = (bytes: AsyncIterable<Uint8Array>) => {
    const options = { columns: args.columns?.split(','), separator: args.separator };
    const rows = readImportRows(bytes, { ...options, format: args.format as ImportFormat | undefined });
    return withAlgorithm(rows, args.algorithm);
  };
  const rows = typeof source === 'function' ? () => read(source()) : read(source);
  const progress = terminal.progress('Importing users');
  return importUsers(connection, rows, {
    ...audit,
    existing: args.update ? 'update' : args.ifNotExists ? 'keep' : 'refuse',
    skipErrors: args.skipErrors,
    map: args.map,
    groups: args.group,
    dryRun: args.dryRun,
    hasher: settings.passwordHashers[0],
    timeZone: settings.timeZone,
    signal,
    onProgress: (count) => progress.update(count),
  }).finally(() => progress.stop());
}

/** Rows in which the algorithm is named that they do not name themselves. */
async function* withAlgorithm(rows: AsyncIterable<readonly ImportRow[]>, algorithm: string | undefined) {
  for await (const group of rows) {
    yield algorithm === undefined ? group : group.map((row) => ({ ...row, values: { algorithm, ...row.values } }));
  }
}

/** Writes Python hashers for Django, and says what its settings need. */
export async function emitHashers(context: Context, file: string | undefined, algorithms: ImportResult['algorithms']) {
  const { hasherPaths, pythonHasherModule } = await import('../../../auth/passwords/foreign/python.js');
  const known = context.settings.passwordHashers;
  const needed = Object.keys(algorithms).filter((name) => name !== 'unusable' && !known.includes(name));
  const module = basename(file ?? 'hashers.py').replace(/\.py$/, '');
  const paths = hasherPaths(needed, module);
  if (file !== undefined) await writeOutput(context, file, pythonHasherModule(needed, { module }));
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
