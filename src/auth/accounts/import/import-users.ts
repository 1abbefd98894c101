import { type AuditOptions, writeLog } from '../../../audit/write.js';
import type { Connection } from '../../../db/connect/connection.js';
import type { Value } from '../../../db/dialect/dialect.js';
import { transaction } from '../../../db/transactions/transaction.js';
import { integerValue } from '../../../db/values/values.js';
import type { Bulk, BulkColumn } from '../../../db/write/bulk.js';
import { defaultOf, type Row, readRow, selectColumns } from '../../../db/write/rows.js';
import { CommandError } from '../../../errors.js';
import { storedField } from '../../../registry/define.js';
import type { Field, Registry } from '../../../registry/types.js';
import { convertForeignHash } from '../../passwords/foreign/convert.js';
import { identifyHasher, makePassword, passwordState } from '../../passwords/hashers.js';
import { findGroups } from '../../permissions/groups.js';
import { findRelation, targetOf } from '../../permissions/links.js';
import { cleanText } from '../user-input.js';
import { userModelOf } from '../user-model.js';
import { type ColumnMap, mapColumns } from './columns.js';
import type { ImportRow } from './read-rows.js';

export interface ImportOptions extends AuditOptions {
  /** What to do where the name is taken: an error, leave the account alone, or change what the row says. */
  readonly existing?: 'refuse' | 'keep' | 'update';
  /** Leaves rows out that are wrong, instead of doing nothing at all. */
  readonly skipErrors?: boolean;
  /** Column to field. */
  readonly map?: ReadonlyMap<string, string>;
  /** Groups that every imported user gets, by name. */
  readonly groups?: readonly string[];
  /** Does everything, and then undoes it. */
  readonly dryRun?: boolean;
  readonly hasher?: string | undefined;
  readonly timeZone?: string | undefined;
  readonly signal?: AbortSignal;
  readonly onProgress?: (rows: number) => void;
}

export interface ImportError {
  /** Line of CSV and JSONL, or number of the record. */
  readonly line: number;
  readonly message: string;
}

export interface ImportResult {
  readonly read: number;
  readonly created: number;
  readonly updated: number;
  readonly kept: number;
  readonly skipped: number;
  /** The first thousand. */
  readonly errors: readonly ImportError[];
  /** How many of the accounts that were written have a password of which algorithm; `unusable` for none. */
  readonly algorithms: Readonly<Record<string, number>>;
  /** Columns that meant nothing. */
  readonly ignored: readonly string[];
}

const mostErrors = 1000;
/** Passwords that are hashed at once: as many as the threads that do it. */
const hashedAtOnce = 8;

interface Prepared {
  readonly place: number;
  readonly name: string;
  readonly values: Row;
  readonly groups: readonly string[];
  /** Where it is still to be hashed. */
  readonly password?: string;
}

class RowError extends Error {}

const asText = (value: unknown): string =>
  typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);

/** Turns a row into values, as Django cleans them. */
function prepareRow(
  registry: Registry,
  { place, values }: ImportRow,
  columns: ColumnMap,
  { timeZone = 'UTC' }: Pick<ImportOptions, 'timeZone'>,
): Prepared {
  const { model, auth, username, password } = userModelOf(registry);
  const given: Record<string, unknown> = {};
  for (const [column, value] of Object.entries(values)) {
    const target = columns.targetOf(column);
    if (target !== undefined && value !== undefined) given[target] = value;
  }
  const row: Record<string, Value> = {};
  const name = given[username.name];
  if (name === undefined || name === null || name === '') throw new RowError(`It has no ${username.verboseName}.`);
  for (const field of model.fields) {
    const value = field.primaryKey && given.pk !== undefined ? given.pk : given[field.name];
    if (value === undefined || field.name === password.name) continue;
    if (value === null || (value === '' && (field.null || field.default !== undefined))) {
      if (field.null) row[field.name] = null;
      continue;
    }
    const text = typeof value === 'boolean' ? (value ? 'true' : 'false') : asText(value);
    const blank = text === '' ? { ...field, blank: true } : field;
    const cleaned = cleanText({ registry, timeZone }, blank, booleanText(field, text));
    if (cleaned.problems !== undefined) throw new RowError(`${field.name}: ${cleaned.problems.join(' ')}`);
    row[field.name] = cleaned.value;
  }
  const encoded = encodedPassword(given, password.maxLength);
  const clear = typeof encoded === 'string' ? undefined : encoded?.clear;
  if (typeof encoded === 'string') row[password.name] = encoded;
  const groups =
    given.groups === undefined || given.groups === null || auth.groups === undefined ? [] : groupNames(given.groups);
  return {
    place,
    name: String(row[username.name]),
    values: row,
    groups,
    ...(clear === undefined ? {} : { password: clear }),
  };
}

/** Other systems write what is true in other ways. */
function booleanText({ type }: Field, text: string): string {
  if (type !== 'BooleanField') return text;
  if (/^(?:yes|y|on|enabled)$/i.test(text)) return 'true';
  return /^(?:no|n|off|disabled)$/i.test(text) ? 'false' : text;
}

const groupNames = (value: unknown): string[] =>
  (Array.isArray(value) ? value.map(String) : String(value).split(/[;|,]/))
    .map((name) => name.trim())
    .filter((name) => name !== '');

/** What the password column gets, or the password itself where that was given; undefined where nothing was. */
function encodedPassword(
  given: Readonly<Record<string, unknown>>,
  maxLength: number | undefined,
): string | { readonly clear: string } | undefined {
  const { password_hash: hash, password: clear } = given;
  const has = (value: unknown) => value !== undefined && value !== null && value !== '';
  if (has(hash) && has(clear)) throw new RowError('It has a password and a hash of one.');
  if (has(clear)) return { clear: String(clear) };
  if (!has(hash)) return undefined;
  const algorithm = has(given.algorithm) ? String(given.algorithm) : undefined;
  const salt = has(given.salt) ? String(given.salt) : undefined;
  if (typeof hash === 'string') {
    if (hash.startsWith('cleartext$')) return { clear: hash.slice('cleartext$'.length) };
    const isDjango = hash.startsWith('!') || (/^[a-z0-9_-]+\$/.test(hash) && algorithm !== 'werkzeug');
    if (isDjango && (hash.startsWith('!') || passwordState(hash) === 'usable')) {
      if (maxLength !== undefined && hash.length > maxLength)
        throw new RowError(`password_hash: It has more than ${maxLength} characters.`);
      return hash;
    }
  }
  try {
    const converted = convertForeignHash({ hash, algorithm, salt }, { maxLength });
    if (converted !== undefined && passwordState(converted.encoded) === 'usable') return converted.encoded;
  } catch (error) {
    if (error instanceof CommandError) throw new RowError(`password_hash: ${error.message}`);
    throw error;
  }
  throw new RowError(
    'password_hash: It is no hash of a known kind.' +
      (algorithm === undefined ? ' Digits alone need an `algorithm`, such as md5.' : ` (algorithm ${algorithm})`),
  );
}

/** Hashes what is still to be hashed, several at a time. */
async function hashPasswords(rows: readonly Prepared[], field: Field, hasher: string | undefined): Promise<void> {
  const waiting = rows.filter(({ password }) => password !== undefined).values();
  const work = async () => {
    for (const row of waiting)
      (row.values as Record<string, Value>)[field.name] = await makePassword(row.password ?? null, { hasher });
  };
  await Promise.all(Array.from({ length: hashedAtOnce }, work));
}

/**
 * Imports users in one transaction: all of them or, with `skipErrors`, all that can be. Memory stays the same however many
 * there are. Hashes that stock Django verifies are stored in its form, others under a name; passwords are hashed, several at a
 * time; an account without either gets an unusable password.
 *
 * @throws CommandError of code `bad_row` for the first row that is wrong, with its line.
 */
export async function importUsers(
  connection: Connection,
  source: AsyncIterable<readonly ImportRow[]>,
  options: ImportOptions = {},
): Promise<ImportResult> {
  const undone = new Error('dry run');
  let result: ImportResult | undefined;
  await transaction(connection, async (bound) => {
    result = await importWithin(bound, source, options);
    if (options.dryRun) throw undone;
  }).catch((error: unknown) => {
    if (error !== undone) throw error;
  });
  if (result === undefined) throw new Error('The import has not run.');
  return result;
}

async function importWithin(
  connection: Connection,
  source: AsyncIterable<readonly ImportRow[]>,
  options: ImportOptions,
): Promise<ImportResult> {
  const { registry, db, dialect } = connection;
  const { signal, onProgress, skipErrors = false } = options;
  const { password } = userModelOf(registry);
  const columns = mapColumns(registry, options.map ?? new Map());
  const writer = await createWriter(connection, await dialect.bulk(db), options);
  const errors: ImportError[] = [];
  let [read, skipped] = [0, 0];
  const refuse = (line: number, message: string) => {
    if (!skipErrors) throw new CommandError(`Row ${line}: ${message} Nobody was imported.`, { code: 'bad_row' });
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
          rows.push(prepareRow(registry, row, columns, options));
        } catch (error) {
          if (!(error instanceof RowError)) throw error;
          refuse(row.place, error.message);
        }
      }
      if (rows.some((row) => row.password !== undefined)) await hashPasswords(rows, password, options.hasher);
      await writing;
      const done = read;
      writing = writer.write(rows, refuse).then(() => onProgress?.(done));
      // It is waited for above or below: until then nobody else may see it fail.
      writing.catch(() => undefined);
    }
  } finally {
    await writing.catch(() => undefined);
  }
  await writing;
  return { read, ...writer.counts, skipped, errors, algorithms: writer.algorithms, ignored: [...columns.ignored] };
}

const columnOf = (registry: Registry, field: Field): BulkColumn => ({
  name: field.column,
  field: storedField(registry, field),
});

async function createWriter(connection: Connection, bulk: Bulk, options: ImportOptions) {
  const { db, dialect, registry } = connection;
  const { existing = 'refuse', now = new Date(), actor } = options;
  const { model, auth, username, password } = userModelOf(registry);
  const generated = /AutoField$/.test(model.primaryKey.type);
  const columns = model.fields.map((field) => columnOf(registry, field));
  const relation = auth.groups === undefined ? undefined : findRelation(model, auth.groups);
  const linkColumns: BulkColumn[] =
    relation === undefined
      ? []
      : [
          { name: relation.column, field: storedField(registry, model.primaryKey) },
          { name: relation.reverseColumn, field: storedField(registry, targetOf(connection, relation).primaryKey) },
        ];
  const groupKeys = new Map<string, Value>();
  const groupKey = async (name: string): Promise<Value> => {
    const known = groupKeys.get(name);
    if (known !== undefined) return known;
    const [key = null] = await findGroups(connection, [name]);
    groupKeys.set(name, key);
    return key;
  };
  const everybody: Value[] = [];
  for (const name of options.groups ?? []) everybody.push(await groupKey(name));
  const counts = { created: 0, updated: 0, kept: 0 };
  const algorithms: Record<string, number> = {};
  const nameColumn = columnOf(registry, username);

  /** Keys of accounts that are there, by name. */
  const keysOf = async (names: readonly string[]): Promise<Map<string, Value>> => {
    const query = db(model.table).select(selectColumns(connection, [model.primaryKey, username]));
    await dialect.whereAmong(db, query, {
      table: model.table,
      columns: [nameColumn],
      rows: names.map((name) => [name]),
    });
    const rows: Record<string, unknown>[] = await query;
    return new Map(
      rows.map((raw) => {
        const row = readRow(connection, [model.primaryKey, username], raw);
        return [String(row[username.name]), row[model.primaryKey.name] ?? null];
      }),
    );
  };
  const complete = (values: Row): Value[] =>
    model.fields.map((field) => {
      const value = values[field.name];
      if (value !== undefined) return value;
      const fallback = defaultOf(field, now);
      if (fallback === undefined) throw new RowError(`${field.name}: It has neither a value nor a default.`);
      return fallback;
    });
  const count = (values: Row) => {
    const encoded = values[password.name];
    if (typeof encoded !== 'string') return;
    const name = encoded.startsWith('!') ? 'unusable' : (identifyHasher(encoded) ?? 'unknown');
    algorithms[name] = (algorithms[name] ?? 0) + 1;
  };
  const links = async (rows: readonly { readonly pk: Value; readonly groups: readonly string[] }[]) => {
    const pairs: Value[][] = [];
    for (const { pk, groups } of rows) {
      const keys = new Set([...everybody, ...(await Promise.all(groups.map(groupKey)))]);
      for (const key of keys) pairs.push([pk, key]);
    }
    return pairs;
  };
  const log = (
    rows: readonly { readonly pk: Value; readonly name: string }[],
    action: 'addition' | 'change',
    messages: Parameters<typeof writeLog>[1][number]['messages'],
  ) =>
    writeLog(
      connection,
      rows.map(({ pk, name }) => ({ action, model, pk, repr: name, messages })),
      { actor, now },
    );

  const insert = async (rows: readonly Prepared[]): Promise<void> => {
    if (rows.length === 0) return;
    let key = generated
      ? await bulk.reserveKeys(db, {
          table: model.table,
          column: model.primaryKey.column,
          count: rows.length,
          ...(options.dryRun ? { passing: true } : {}),
        })
      : 0n;
    const made: { pk: Value; name: string; groups: readonly string[]; row: Value[] }[] = [];
    for (const { values, name, groups } of rows) {
      const filled: Record<string, Value> = { ...values };
      filled[password.name] ??= await makePassword(null);
      if (generated && filled[model.primaryKey.name] === undefined)
        filled[model.primaryKey.name] = integerValue(model.primaryKey, key++);
      const row = complete(filled);
      count(filled);
      made.push({ pk: row[model.fields.indexOf(model.primaryKey)] ?? null, name, groups, row });
    }
    const tables = [{ table: model.table, columns, rows: made.map(({ row }) => row) }];
    const pairs = relation === undefined ? [] : await links(made);
    if (relation !== undefined && pairs.length > 0)
      tables.push({ table: relation.table, columns: linkColumns, rows: pairs });
    await bulk.insert(db, tables);
    await log(made, 'addition', [{ added: {} }]);
    counts.created += made.length;
  };
  const update = async (rows: readonly Prepared[], keys: ReadonlyMap<string, Value>): Promise<void> => {
    // Rows with the same fields are one statement.
    const shapes = new Map<string, Prepared[]>();
    for (const row of rows) {
      const names = Object.keys(row.values).filter((name) => name !== username.name && name !== model.primaryKey.name);
      const shape = names.sort().join(' ');
      shapes.set(shape, [...(shapes.get(shape) ?? []), row]);
    }
    for (const [shape, same] of shapes) {
      const fields = model.fields.filter(({ name }) => shape.split(' ').includes(name));
      const values = same.map(({ name, values: row }) => [
        keys.get(name) ?? null,
        ...fields.map((field) => row[field.name] ?? null),
      ]);
      if (fields.length > 0) {
        await bulk.update(db, {
          table: model.table,
          columns: [columnOf(registry, model.primaryKey), ...fields.map((field) => columnOf(registry, field))],
          rows: values,
        });
      }
      for (const row of same) count(row.values);
      const labels = fields.map(({ name, verboseName }) =>
        name === password.name ? 'password' : verboseName.charAt(0).toUpperCase() + verboseName.slice(1),
      );
      await log(
        same.map(({ name }) => ({ pk: keys.get(name) ?? null, name })),
        'change',
        [{ changed: { fields: labels } }],
      );
    }
    const wanted = await links(rows.map(({ name, groups }) => ({ pk: keys.get(name) ?? null, groups })));
    if (relation !== undefined && wanted.length > 0) {
      const [first, second] = linkColumns;
      const owners = wanted.map(([pk]) => [pk ?? null]);
      const query = db(relation.table).select(relation.column, relation.reverseColumn);
      if (first !== undefined && second !== undefined) {
        await dialect.whereAmong(db, query, { table: relation.table, columns: [first], rows: owners });
        const rowsThere: Record<string, unknown>[] = await query;
        const there = new Set(
          rowsThere.map(
            (row) =>
              `${dialect.read({ ...first.field, column: first.name }, row[first.name])} ${dialect.read({ ...second.field, column: second.name }, row[second.name])}`,
          ),
        );
        const missing = wanted.filter(([pk, group]) => !there.has(`${pk} ${group}`));
        if (missing.length > 0) await bulk.insert(db, [{ table: relation.table, columns: linkColumns, rows: missing }]);
      }
    }
    counts.updated += rows.length;
  };

  const write = async (rows: readonly Prepared[], keys: ReadonlyMap<string, Value>): Promise<void> => {
    const isThere = ({ name }: Prepared) => keys.has(name);
    await insert(rows.filter((row) => !isThere(row)));
    const there = rows.filter(isThere);
    if (existing === 'update') await update(there, keys);
    else counts.kept += there.length;
  };

  return {
    counts,
    algorithms,
    async write(rows: readonly Prepared[], refuse: (line: number, message: string) => void): Promise<void> {
      if (rows.length === 0) return;
      const seen = new Set<string>();
      const fresh = rows.filter(({ name, place }) => {
        if (!seen.has(name)) {
          seen.add(name);
          return true;
        }
        refuse(place, `The ${username.verboseName} '${name}' is there twice.`);
        return false;
      });
      const keys = await keysOf(fresh.map(({ name }) => name));
      const wanted = fresh.filter(({ name, place }) => {
        if (existing !== 'refuse' || !keys.has(name)) return true;
        refuse(place, `The ${username.verboseName} '${name}' is already taken.`);
        return false;
      });
      const [before, algorithmsBefore] = [{ ...counts }, { ...algorithms }];
      try {
        await transaction(connection, () => write(wanted, keys));
      } catch (error) {
        Object.assign(counts, before);
        for (const name of Object.keys(algorithms)) delete algorithms[name];
        Object.assign(algorithms, algorithmsBefore);
        if (
          !(error instanceof RowError) &&
          !dialect.isUniqueViolation(error) &&
          !(error instanceof CommandError && error.code === 'group_not_found')
        )
          throw error;
        // One of them is wrong: which one is found out by writing them one by one.
        for (const row of wanted) {
          const [countsThen, algorithmsThen] = [{ ...counts }, { ...algorithms }];
          try {
            await transaction(connection, () => write([row], keys));
          } catch (cause) {
            Object.assign(counts, countsThen);
            for (const name of Object.keys(algorithms)) delete algorithms[name];
            Object.assign(algorithms, algorithmsThen);
            if (cause instanceof RowError || (cause instanceof CommandError && cause.code === 'group_not_found'))
              refuse(row.place, cause.message);
            else if (dialect.isUniqueViolation(cause))
              refuse(row.place, `A value of user '${row.name}' that must be unique is taken.`);
            else throw cause;
          }
        }
      }
    },
  };
}
