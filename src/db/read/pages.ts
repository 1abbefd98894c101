import type { Knex } from 'knex';
import { CommandError } from '../../errors.js';
import { isComposite } from '../../registry/composite-key.js';
import { findModel, storedField } from '../../registry/define.js';
import type { Field, ManyToMany, Model, Registry } from '../../registry/types.js';
import type { DbContext, Executor } from '../connect/connection.js';
import type { Value } from '../dialect/dialect.js';
import { joinKey, keyColumns, splitKey } from '../values/composite-key.js';
import { inRow } from '../values/row-errors.js';
import { selectColumns } from '../write/rows.js';
import { resolvePaths } from './paths.js';

export interface PageOptions {
  /** Only rows with these keys. */
  readonly keys?: readonly Value[];
  /** Only rows behind this key. */
  readonly after?: Value;
  /** Which fields are read, in this order. */
  readonly fields: readonly Field[];
  /** Adds conditions to the query of each page; columns are written as `table.column`. */
  readonly narrow?: (query: Knex.QueryBuilder) => void;
  /** Rows to read at most. */
  readonly limit?: number;
  /** Whether what only this database has, such as an infinite date, is read as its text rather than refused. */
  readonly outside?: boolean;
  /** Gets the error about a value that its field cannot mean, which is then null; by default that ends the reading. */
  readonly onBadValue?: ((error: CommandError) => void) | undefined;
}

/** Takes no notice of values that their fields cannot mean, where others are what matters. */
export const passOver = (): void => undefined;

/** Size of a page as the database sends it, in characters: rows of a model may be short or long. */
const PAGE_TEXT = 150_000;
const FIRST_ROWS = 200;
const MOST_ROWS = 4000;

/**
 * Reads a whole table in the order of its primary key, in pages of a fixed length of text, so that memory stays the same
 * however long it is. Keys are ordered and compared by the database alone, whose collation decides.
 */
export async function* readPages(
  connection: DbContext,
  executor: Executor,
  model: Model,
  options: PageOptions,
): AsyncGenerator<Value[][]> {
  const { fields } = options;
  const keyAt = fields.indexOf(model.primaryKey);
  if (keyAt < 0) throw new Error('The primary key must be among the fields of a page.');
  const read = pageReader(connection, executor, model, options);
  let after = options.after;
  let limit = FIRST_ROWS;
  let left = options.limit ?? Number.POSITIVE_INFINITY;
  while (left > 0) {
    const wanted = Math.min(limit, left);
    const { rows, size } = await read(after, wanted);
    if (rows.length > 0) yield rows;
    if (rows.length < wanted) return;
    left -= rows.length;
    after = rows.at(-1)?.[keyAt];
    limit = Math.min(MOST_ROWS, Math.max(1, Math.floor((limit * PAGE_TEXT) / Math.max(1, size))));
  }
}

interface Page {
  readonly rows: Value[][];
  /** Characters that were read. */
  readonly size: number;
}

function pageReader(
  connection: DbContext,
  executor: Executor,
  model: Model,
  { fields, keys, narrow, onBadValue, outside = false }: PageOptions,
): (after: Value | undefined, limit: number) => Promise<Page> {
  const { dialect, registry } = connection;
  const key = keyColumns(registry, model);
  const columns = key.map(({ name }) => `${model.table}.${name}`);
  const read = readFields(model, fields);
  const decode = rowDecoder(connection, model, read, { onBadValue, outside });
  const arrange = arrangement(model, read, fields);
  return async (after, limit) => {
    const query = executor(model.table)
      .select(selectColumns({ ...connection, db: executor }, read))
      .orderBy(columns)
      .limit(limit);
    narrow?.(query);
    if (after !== undefined) {
      const values = splitKey(key, after).map((value, at) => bindPart(connection, executor, key[at]?.field, value));
      query.where(afterKey(executor, columns, values));
    }
    if (keys !== undefined) {
      const rows = keys.map((value) => splitKey(key, value));
      await dialect.whereAmong(executor, query, { table: model.table, columns: key, rows });
    }
    const page = await readRows(connection, executor, query, read, decode);
    return arrange === undefined ? page : { ...page, rows: page.rows.map(arrange) };
  };
}

const bindPart = (
  { dialect }: DbContext,
  executor: Executor,
  field: Field | undefined,
  value: Value,
): Knex.RawBinding => (field === undefined ? value : dialect.bind(executor, field, value)) as Knex.RawBinding;

/** The condition that a key comes behind these values, however many columns it has. */
function afterKey(executor: Executor, columns: readonly string[], values: readonly Knex.RawBinding[]): Knex.Raw {
  const list = (mark: string) => (columns.length === 1 ? mark : `(${columns.map(() => mark).join(', ')})`);
  return executor.raw(`${list('??')} > ${list('?')}`, [...columns, ...values]);
}

/** The fields that are read for those that are asked for: a key of several ones is made of its own. */
const readFields = (model: Model, fields: readonly Field[]): readonly Field[] =>
  isComposite(model)
    ? [...model.keyFields, ...fields.filter((field) => field !== model.primaryKey && !model.keyFields.includes(field))]
    : fields;

/** Makes what was asked for of what was read; undefined where that is the same. */
function arrangement(
  { table, primaryKey, keyFields }: Model,
  read: readonly Field[],
  fields: readonly Field[],
): ((row: readonly Value[]) => Value[]) | undefined {
  if (read === fields) return undefined;
  const places = fields.map((field) => (field === primaryKey ? undefined : read.indexOf(field)));
  return (row) => {
    const parts = row.slice(0, keyFields.length);
    const missing = keyFields[parts.indexOf(null)];
    const key = joinKey(parts);
    // Without its key a row is nobody's, and SQLite lets there be such.
    if (missing !== undefined) {
      throw new CommandError(`In the table '${table}', row ${String(key)}: '${missing.column}', of its key, is NULL.`, {
        code: 'bad_value',
        hint: 'Give it another value, or take the row out.',
      });
    }
    return places.map((at) => (at === undefined ? key : (row[at] ?? null)));
  };
}

type Decode = (raw: readonly unknown[]) => Value[];

function rowDecoder(
  { dialect, registry }: DbContext,
  model: Model,
  fields: readonly Field[],
  { onBadValue, outside }: Pick<PageOptions, 'onBadValue' | 'outside'>,
): Decode {
  const readers = fields.map((field) => {
    // A reference has its own column, and values of the key that it refers to.
    const stored = { ...storedField(registry, field), column: field.column };
    const { readOutside } = dialect;
    if (!outside || readOutside === undefined) return (raw: unknown) => dialect.read(stored, raw);
    return (raw: unknown) => {
      try {
        return dialect.read(stored, raw);
      } catch (error) {
        const text = readOutside(stored, raw);
        if (text === undefined) throw error;
        return text;
      }
    };
  });
  const keysAt = model.keyFields.map((field) => fields.indexOf(field));
  const keyOf = (raw: readonly unknown[]) => (isComposite(model) ? keysAt.map((at) => raw[at]) : raw[keysAt[0] ?? 0]);
  return (raw) => {
    try {
      return readers.map((read, index) => read(raw[index]));
    } catch (error) {
      const explained = inRow(error, model.table, model.primaryKey, keyOf(raw));
      if (onBadValue === undefined) throw explained;
    }
    return readers.map((read, index) => {
      try {
        return read(raw[index]);
      } catch (error) {
        const explained = inRow(error, model.table, model.primaryKey, keyOf(raw));
        // Without its key a row is nobody's.
        if (!(explained instanceof CommandError) || keysAt.includes(index)) throw explained;
        onBadValue?.(explained);
        return null;
      }
    });
  };
}

/** What a text of rows would lose: floats their last digits, bytes everything. */
const UNPACKED: ReadonlySet<Field['type']> = new Set(['FloatField', 'BinaryField']);

async function readRows(
  connection: DbContext,
  executor: Executor,
  query: Knex.QueryBuilder,
  fields: readonly Field[],
  decode: Decode,
): Promise<Page> {
  const { dialect, registry } = connection;
  if (fields.length <= 90 && fields.every((field) => !UNPACKED.has(storedField(registry, field).type))) {
    const text = await dialect.packRows(
      executor,
      query,
      fields.map((field) => ({ name: field.column, field: storedField(registry, field) })),
    );
    const packed: unknown[][] = text === null ? [] : JSON.parse(text);
    return { rows: packed.map(decode), size: text?.length ?? 0 };
  }
  const rows: Record<string, unknown>[] = await query;
  let size = 0;
  const decoded = rows.map((row) => {
    const values = decode(fields.map(({ column }) => row[column]));
    for (const value of values) size += typeof value === 'string' || value instanceof Uint8Array ? value.length : 8;
    return values;
  });
  return { rows: decoded, size };
}

/** Keys of the linked rows by the owner's key (as text), in the order that the linked model has. */
export type Links = ReadonlyMap<string, readonly Value[]>;

/** Orders a query of a relation's links as the linked model is. */
function orderAs(registry: Registry, query: Knex.QueryBuilder, relation: ManyToMany, target: Model): void {
  const alias = 'linked';
  const paths = target.ordering.map((path) => path.replace(/^-/, ''));
  const ordering = resolvePaths(registry, target, paths, alias);
  const key = `${alias}.${target.primaryKey.column}`;
  query.join({ [alias]: target.table }, key, `${relation.table}.${relation.reverseColumn}`);
  ordering.join(query);
  for (const [index, { table, field }] of ordering.ends.entries()) {
    query.orderBy(`${table}.${field.column}`, target.ordering[index]?.startsWith('-') ? 'desc' : 'asc');
  }
}

/** Reads the links of all owners from `first` to `last`, the keys of a page, with one query. */
export async function readLinks(
  connection: DbContext,
  executor: Executor,
  model: Model,
  relation: ManyToMany,
  [first, last]: readonly [Value, Value],
): Promise<Links> {
  const { dialect, registry } = connection;
  const target = findModel(registry, relation.to);
  if (target === undefined) return new Map();
  const owner = storedField(registry, model.primaryKey);
  const key = storedField(registry, target.primaryKey);
  const query = executor(relation.table)
    .select(dialect.selectColumn(executor, owner, relation.column, relation.table))
    .select(dialect.selectColumn(executor, key, relation.reverseColumn, relation.table))
    .where(`${relation.table}.${relation.column}`, '>=', dialect.bind(executor, owner, first))
    .where(`${relation.table}.${relation.column}`, '<=', dialect.bind(executor, owner, last));
  if (target.ordering.length > 0) orderAs(registry, query, relation, target);
  query.orderBy(`${relation.table}.${relation.reverseColumn}`);
  const text = await dialect.packRows(executor, query, [
    { name: relation.column, field: owner },
    { name: relation.reverseColumn, field: key },
  ]);
  const stored = { ...key, column: relation.reverseColumn };
  const readLink = (rawOwner: unknown, raw: unknown): Value => {
    try {
      return dialect.read(stored, raw);
    } catch (error) {
      throw inRow(
        error,
        relation.table,
        { ...owner, column: relation.column },
        `of ${relation.column} ${String(rawOwner)}`,
      );
    }
  };
  const links = new Map<string, Value[]>();
  const pairs: [unknown, unknown][] = text === null ? [] : JSON.parse(text);
  for (const [rawOwner, rawTarget] of pairs) {
    const name = String(dialect.read(owner, rawOwner));
    const value = readLink(rawOwner, rawTarget);
    const list = links.get(name);
    if (list === undefined) links.set(name, [value]);
    else list.push(value);
  }
  return links;
}
