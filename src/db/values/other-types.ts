import { isText } from '../../registry/field-types.js';
import type { Field, Model } from '../../registry/types.js';
import { counted } from '../../text.js';
import type { DbContext, Executor } from '../connect/connection.js';

/** A column of SQLite with values of another type than its field's, which are written as what they spell. */
export interface OtherTypes {
  readonly column: string;
  /** `numbers in 2 rows and bytes in 1 row` */
  readonly what: string;
  /** What they become. */
  readonly as: 'texts' | 'bytes';
}

const kinds = [
  { noun: 'numbers', types: ['integer', 'real'] },
  { noun: 'texts', types: ['text'] },
  { noun: 'bytes', types: ['blob'] },
];

/**
 * The columns of a model whose texts and bytes would come back as something else than they were: only an engine that keeps
 * values of any type in any column has such.
 */
export async function findOtherTypes(
  { dialect }: DbContext,
  executor: Executor,
  { table }: Model,
  fields: readonly Field[],
): Promise<OtherTypes[]> {
  const { typeOfValue } = dialect;
  const watched = fields.flatMap(({ column, type }): Pick<OtherTypes, 'column' | 'as'>[] => {
    if (isText(type)) return [{ column, as: 'texts' }];
    return type === 'BinaryField' ? [{ column, as: 'bytes' }] : [];
  });
  if (typeOfValue === undefined || watched.length === 0) return [];
  const counts = watched.flatMap(({ column, as }, at) =>
    kinds.filter(({ noun }) => noun !== as).map(({ noun, types }) => ({ name: `${at}_${noun}`, column, types })),
  );
  const [row = {}]: Record<string, unknown>[] = await executor(table).select(
    counts.map(({ name, column, types }) =>
      executor.raw(`sum(CASE WHEN ? IN (${types.map(() => '?').join(', ')}) THEN 1 ELSE 0 END) AS ??`, [
        typeOfValue(executor, column),
        ...types,
        name,
      ]),
    ),
  );
  return watched.flatMap(({ column, as }, at) => {
    const said = kinds.flatMap(({ noun }) => {
      const rows = Number(row[`${at}_${noun}`] ?? 0);
      return rows === 0 ? [] : [`${noun} in ${counted(rows, 'row')}`];
    });
    return said.length === 0 ? [] : [{ column, what: said.join(' and '), as }];
  });
}

/** How many rows have no key, which SQLite allows for all but the numbers of rows. */
export async function countKeyless(executor: Executor, { table, keyFields }: Model): Promise<number> {
  const open = keyFields.filter((field) => field.null);
  if (open.length === 0) return 0;
  const query = executor(table).count({ count: '*' });
  for (const { column } of open) query.orWhereNull(column);
  const [row] = await query;
  return Number(row?.count ?? 0);
}
