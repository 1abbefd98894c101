import { createReadStream } from 'node:fs';
import { open, writeFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import type { ImportResult } from '../auth/accounts/import/import-users.js';
import type { ImportFormat } from '../auth/accounts/import/read-rows.js';
import { type Context, defineCommand } from '../command.js';
import { CommandError, UsageError } from '../errors.js';
import { counted } from '../text.js';
import { actorOptions, auditOf } from './shared/actor.js';
import { database, dryRun } from './shared/options.js';
import { withRemedies } from './shared/remedies.js';

/** What is read, as pieces of bytes. */
async function sourceOf(context: Context, file: string): Promise<AsyncIterable<Uint8Array>> {
  if (file === '-') {
    return (async function* () {
      for await (const chunk of context.stdin) yield Buffer.from(chunk);
    })();
  }
  const path = resolve(context.cwd(), file);
  try {
    await (await open(path)).close();
  } catch (cause) {
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error';
    throw new CommandError(`The file '${file}' cannot be read (${reason}).`, { code: 'file_unreadable' });
  }
  return createReadStream(path, { highWaterMark: 1 << 18 });
}

function parseMap(given: readonly string[]): Map<string, string> {
  return new Map(
    given.map((text) => {
      const at = text.lastIndexOf('=');
      if (at < 1) throw new UsageError(`argument --map: '${text}' does not have the form column=field`);
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}

/** Writes Python hashers for Django, and says what its settings need. */
async function emitHashers(context: Context, file: string | undefined, algorithms: ImportResult['algorithms']) {
  const { hasherPaths, pythonHasherModule } = await import('../auth/passwords/foreign/python.js');
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

export default defineCommand({
  describe: 'Import users from CSV, JSON or JSON lines, with passwords or with hashes of other systems.',
  positionals: { file: { required: true, describe: 'The file, or - for standard input.' } },
  options: {
    ...database,
    format: { type: 'string', choices: ['csv', 'json', 'jsonl'], describe: 'By default what the file looks like.' },
    map: { type: 'list', placeholder: 'COLUMN=FIELD', describe: 'What a column is; without a field it is left out.' },
    columns: {
      type: 'string',
      placeholder: 'NAMES',
      describe: 'The columns of CSV without a line of names, with commas between.',
    },
    separator: { type: 'string', placeholder: 'TEXT', describe: 'What separates the cells of CSV.' },
    algorithm: {
      type: 'string',
      placeholder: 'NAME',
      describe: 'What made hashes that do not say it: md5, sha1, sha256, werkzeug.',
    },
    group: { type: 'list', placeholder: 'NAME', describe: 'Add all of them to this group.' },
    update: { type: 'boolean', describe: 'Where a name is taken, change what the row says.' },
    ifNotExists: { type: 'boolean', describe: 'Where a name is taken, leave the account as it is.' },
    skipErrors: {
      type: 'boolean',
      describe: 'Leave rows out that are wrong, and report their lines; by default nobody is imported then.',
    },
    emitHashers: {
      type: 'string',
      placeholder: 'FILE',
      describe: 'Write Python hashers for a Django site to this file.',
    },
    ...dryRun,
    ...actorOptions,
  },
  examples: [
    ['manage importusers users.csv --dry-run', 'Look whether all rows are good.'],
    ['manage importusers wp_users.csv --map user_login=username --emit-hashers foreign.py', 'From WordPress.'],
    ['manage importusers - --format jsonl --if-not-exists < users.jsonl', 'From a pipe, and again.'],
  ],
  async run(context, args) {
    const { terminal, settings, signal } = context;
    if (args.update && args.ifNotExists) throw new UsageError('--update and --if-not-exists cannot be used together.');
    const map = parseMap(args.map);
    const [{ importUsers }, { readImportRows }] = await Promise.all([
      import('../auth/accounts/import/import-users.js'),
      import('../auth/accounts/import/read-rows.js'),
    ]);
    const source = await sourceOf(context, args.file);
    const connection = await context.connect(args.database, { writes: true });
    const audit = await auditOf(context, connection, 'importusers', args);
    const rows = readImportRows(source, {
      format: args.format as ImportFormat | undefined,
      columns: args.columns?.split(','),
      separator: args.separator,
    });
    const { algorithm } = args;
    const named = async function* () {
      for await (const group of rows) {
        yield algorithm === undefined ? group : group.map((row) => ({ ...row, values: { algorithm, ...row.values } }));
      }
    };
    const progress = terminal.progress('Importing users');
    const result = await withRemedies(
      {
        bad_row:
          'Correct it, or use --skip-errors to leave such rows out; --update and --if-not-exists are for names that are taken.',
      },
      () =>
        importUsers(connection, named(), {
          ...audit,
          existing: args.update ? 'update' : args.ifNotExists ? 'keep' : 'refuse',
          skipErrors: args.skipErrors,
          map,
          groups: args.group,
          dryRun: args.dryRun,
          hasher: settings.passwordHashers[0],
          timeZone: settings.timeZone,
          signal,
          onProgress: (count) => progress.update(count),
        }),
    ).finally(() => progress.stop());
    const would = args.dryRun ? 'Would import' : 'Imported';
    const parts = [
      `${would} ${counted(result.created, 'user')}`,
      ...(result.updated > 0 ? [`changed ${result.updated}`] : []),
      ...(result.kept > 0 ? [`left ${result.kept} as they were`] : []),
      ...(result.skipped > 0 ? [`skipped ${counted(result.skipped, 'row')}`] : []),
    ];
    for (const { line, message } of result.errors) terminal.warn(`Row ${line}: ${message}`);
    if (result.ignored.length > 0)
      terminal.warn(`Columns that mean nothing here were left out: ${result.ignored.join(', ')}.`);
    terminal.say(`${parts.join(', ')}.`);
    const hashers = await emitHashers(context, args.emitHashers, result.algorithms);
    return { json: { dryRun: args.dryRun, ...result, hashers } };
  },
});
