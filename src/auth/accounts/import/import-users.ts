import type { Connection } from '../../../db/connect/connection.js';
import { tryOut } from '../../../db/transactions/dry-run.js';
import { CommandError } from '../../../errors.js';
import { hashAtOnce } from '../../passwords/hash-at-once.js';
import { makePassword } from '../../passwords/hashers.js';
import { keepingSuperuser } from '../last-superuser.js';
import { userModelOf } from '../user-model.js';
import { mapColumns } from './columns.js';
import type { ImportError, ImportOptions, ImportResult } from './options.js';
import { type Prepared, RowError, rowPreparer } from './prepare-row.js';
import type { ImportRow } from './read-rows.js';
import { openWriter, writeRows } from './write-rows.js';

const mostErrors = 1000;

/** Hashes what is still to be hashed, several at a time. */
async function hashPasswords(rows: readonly Prepared[], at: number, hasher: string | undefined): Promise<void> {
  const waiting = rows.filter(({ password }) => password !== undefined);
  await hashAtOnce(waiting, hasher, async ({ values, password = null }) => {
    values[at] = await makePassword(password, { hasher });
  });
}

/** Names no column: without a line of names, these are the cells of a user. */
const unknownColumns = (what = 'No column has a name that is known here.') =>
  new CommandError(`${what} No user was imported.`, { code: 'unknown_columns' });

/** Rows to import, or what reads them: again from the beginning where the engine has ended the transaction for another one. */
export type ImportSource = AsyncIterable<readonly ImportRow[]> | (() => AsyncIterable<readonly ImportRow[]>);

/**
 * Imports users in one transaction: all of them or, with `skipErrors`, all that can be. Memory stays the same however many
 * there are. Hashes that stock Django verifies are stored in its form, others under a name; passwords are hashed, several at a
 * time; an account without either gets an unusable password.
 *
 * @throws CommandError of code `bad_row` for the first row that is wrong, with its line, of code `unknown_columns` where no
 * column is known, and of code `last_superuser` where updates would leave no active superuser.
 */
export async function importUsers(
  connection: Connection,
  source: ImportSource,
  options: ImportOptions = {},
): Promise<ImportResult> {
  const repeatable = typeof source === 'function';
  return tryOut(connection, { dryRun: options.dryRun ?? false, repeatable }, (bound) => {
    const work = () => importWithin(bound, repeatable ? source() : source, options);
    return options.existing === 'update' ? keepingSuperuser(bound, { kept: 'no user was imported' }, work) : work();
  });
}

async function importWithin(
  connection: Connection,
  source: AsyncIterable<readonly ImportRow[]>,
  options: ImportOptions,
): Promise<ImportResult> {
  const { registry } = connection;
  const { signal, onProgress, skipErrors = false } = options;
  const { model, username, password } = userModelOf(registry);
  const passwordAt = model.fields.indexOf(password);
  const columns = mapColumns(registry, options.map ?? new Map());
  const prepare = rowPreparer(registry, columns, options);
  const writer = await openWriter(connection, options);
  const errors: ImportError[] = [];
  let [read, skipped] = [0, 0];
  const refuse = (line: number, message: string) => {
    if (!skipErrors && columns.areAllUnknown()) throw unknownColumns();
    if (!skipErrors && !columns.has(username.name)) throw unknownColumns(`No column is the ${username.verboseName}.`);
    if (!skipErrors) throw new CommandError(`Row ${line}: ${message} No user was imported.`, { code: 'bad_row' });
    skipped++;
    if (errors.length < mostErrors) errors.push({ line, message });
  };
  let writing: Promise<void> = Promise.resolve();
  try {
    for await (const group of source) {
      signal?.throwIfAborted();
      const rows: Prepared[] = [];
      for (const row of group) {
        read++;
        try {
          rows.push(prepare(row));
        } catch (error) {
          if (!(error instanceof RowError)) throw error;
          refuse(row.place, error.message);
        }
      }
      if (rows.some((row) => row.password !== undefined)) await hashPasswords(rows, passwordAt, options.hasher);
      await writing;
      const done = read;
      writing = writeRows(writer, rows, refuse).then(() => onProgress?.(done));
      // It is waited for above or below: until then nobody else may see it fail.
      writing.catch(() => undefined);
    }
  } finally {
    await writing.catch(() => undefined);
  }
  await writing;
  if (columns.areAllUnknown()) throw unknownColumns();
  return { read, ...writer.tally, skipped, errors, ignored: [...columns.ignored] };
}
