import type { Knex } from 'knex';
import { CommandError } from '../../errors.js';
import { storedField } from '../../registry/define.js';
import { isServerText } from '../../registry/field-types.js';
import type { Field, ManyToMany, Model } from '../../registry/types.js';
import type { DbContext, Executor } from '../connect/connection.js';
import type { Value } from '../dialect/dialect.js';
import type { Links } from '../read/pages.js';
import { fromModel, type Paths } from '../read/paths.js';
import { splitKey } from './composite-key.js';
import { shownKey } from './row-errors.js';

// SQLite keeps bytes that are no UTF-8, and its drivers put U+FFFD in their place. Where that is in the database itself,
// a row is found by it.

const isDoubtful = (value: unknown): value is string => typeof value === 'string' && value.includes('\ufffd');

/**
 * Makes sure that texts stand in the database as they were read. `fields` are those of `rows`, the primary key among
 * them.
 *
 * @throws CommandError that names the table, the column and the row.
 */
export async function assertTextsWhole(
  connection: DbContext,
  executor: Executor,
  model: Model,
  fields: readonly Field[],
  rows: readonly (readonly Value[])[],
): Promise<void> {
  const { primaryKey, keyFields, table } = model;
  const keyAt = fields.indexOf(primaryKey);
  for (const row of rows) {
    for (const [index, value] of row.entries()) {
      const field = fields[index];
      // What only one engine has is text that it has checked, and may have no `=`.
      if (field === undefined || !isDoubtful(value) || isServerText(field.type) || field.dbType !== undefined) continue;
      const pk = row[keyAt] ?? null;
      const found = () =>
        whereEqual(connection, executor, executor(table), [
          ...splitKey(keyFields, pk).map((part, at) => keyPart(keyFields[at] ?? primaryKey, part)),
          [field, field.column, value],
        ]);
      await assertFound(found, `In the table '${table}', row ${shownKey(primaryKey, pk)}`, field.column);
    }
  }
}

const keyPart = (field: Field, value: Value) => [field, field.column, value] as const;

/** The same for the parts of natural keys, read along `paths`, at whose first end the row is found. */
export async function assertNaturalKeyWhole(
  connection: DbContext,
  executor: Executor,
  model: Model,
  paths: Paths,
  [pk = null, ...parts]: readonly Value[],
): Promise<void> {
  const { primaryKey, table, label } = model;
  const [own, ...ends] = paths.ends;
  const key = own?.field ?? primaryKey;
  for (const [index, value] of parts.entries()) {
    const end = ends[index];
    if (end === undefined || !isDoubtful(value)) continue;
    const found = () =>
      whereEqual(connection, executor, fromModel(executor, model, paths), [
        [key, `${table}.${key.column}`, pk],
        [end.field, `${end.table}.${end.field.column}`, value],
      ]);
    await assertFound(found, `In the natural key of ${label} ${shownKey(key, pk)}`, end.field.column);
  }
}

/** The same for the keys of linked rows. */
export async function assertLinksWhole(
  connection: DbContext,
  executor: Executor,
  { table, column, reverseColumn }: ManyToMany,
  target: Model,
  links: Links,
): Promise<void> {
  for (const [owner, values] of links) {
    for (const value of values) {
      if (!isDoubtful(value)) continue;
      const found = () =>
        whereEqual(connection, executor, executor(table), [[target.primaryKey, `${table}.${reverseColumn}`, value]]);
      await assertFound(found, `In the table '${table}', row of ${column} ${owner.slice(0, 80)}`, reverseColumn);
    }
  }
}

function whereEqual(
  { dialect, registry }: DbContext,
  executor: Executor,
  query: Knex.QueryBuilder,
  wanted: readonly (readonly [field: Field, column: string, value: Value])[],
): Promise<unknown[]> {
  for (const [field, column, value] of wanted) {
    query.where(column, dialect.bind(executor, storedField(registry, field), value));
  }
  return query.select(executor.raw('1')).limit(1);
}

async function assertFound(found: () => Promise<unknown[]>, where: string, column: string): Promise<void> {
  if ((await found()).length > 0) return;
  throw new CommandError(`${where}: the text in the column '${column}' is not UTF-8.`, {
    code: 'bad_value',
    hint: 'Fix the row in the database: it is not valid text.',
  });
}
