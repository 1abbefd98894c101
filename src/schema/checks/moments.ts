import type { Connection } from '../../db/connect/connection.js';
import type { OddMoments } from '../../db/dialect/values.js';
import type { Introspection } from '../../db/introspection/introspection.js';
import type { Model } from '../../registry/types.js';
import { counted } from '../../text.js';
import { type Finding, finding } from './finding.js';
import { unreadable } from './references.js';

/**
 * Columns of moments that hold them in another form than Django writes: as a number of seconds or milliseconds, with a `T`
 * or an offset, or something that is not a valid time. Django compares their texts, and takes them for what they are not.
 * Of PostgreSQL, what Django cannot read.
 */
export async function oddMoments(
  { db, dialect }: Pick<Connection, 'db' | 'dialect'>,
  models: readonly Model[],
  { tables }: Introspection,
  place: string,
): Promise<Finding[]> {
  if (dialect.oddMoments === undefined) return [];
  const findings: Finding[] = [];
  for (const { table, fields } of models) {
    const types = new Map(tables.get(table)?.columns.map(({ name, type }) => [name, type]));
    for (const { column, type } of fields) {
      const stored = types.get(column);
      if (type !== 'DateTimeField' || stored === undefined) continue;
      const odd = dialect.oddMoments(db, column, stored);
      if (odd !== undefined) findings.push(...(await oddIn(db, table, column, odd, place).catch(unreadable)));
    }
  }
  return findings;
}

async function oddIn(
  db: Connection['db'],
  table: string,
  column: string,
  odd: OddMoments,
  place: string,
): Promise<Finding[]> {
  const count = async (where: OddMoments['otherForm']) => {
    const [row] = await db(table).whereRaw(where).count({ count: '*' });
    return Number(row?.count ?? 0);
  };
  const others = await count(odd.otherForm);
  if (others === 0) return [];
  return [finding('W045', `${table}.${column}`, ...told(others, await count(odd.unreadable), place))];
}

function told(others: number, unreadable: number, place: string): [message: string, hint: string] {
  const have = `${counted(others, 'row')} ${others === 1 ? 'has' : 'have'}`;
  if (others === unreadable) {
    return [
      `${have} something that is not a time of the years 1 to 9999 ${place}.`,
      'Give them another time, or none where the column may be NULL: Django cannot read them.',
    ];
  }
  const some = unreadable === 0 ? '' : `, ${unreadable} of them something that is not a valid time`;
  return [
    `${have} a moment in another form than Django writes ${place}${some}.`,
    'Write them as `YYYY-MM-DD HH:MM:SS`: Django compares their texts, and takes some for past or future.',
  ];
}
