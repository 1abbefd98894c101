import type { Connection } from '../../db/connect/connection.js';
import type { Introspection } from '../../db/introspection/introspection.js';
import type { Model } from '../../registry/types.js';
import { counted } from '../../text.js';
import { type Finding, finding } from './finding.js';

/**
 * Columns of moments that hold them in another form than Django writes: as a number of seconds or milliseconds, with a `T`
 * or an offset, or something that is not a valid time. Django compares their texts, and takes them for what they are not.
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
    const columns = new Set(tables.get(table)?.columns.map(({ name }) => name));
    for (const { column, type } of fields) {
      if (type !== 'DateTimeField' || !columns.has(column)) continue;
      const odd = dialect.oddMoments(db, column);
      const count = async (where: typeof odd.otherForm) => {
        const [row] = await db(table).whereRaw(where).count({ count: '*' });
        return Number(row?.count ?? 0);
      };
      const others = await count(odd.otherForm);
      if (others === 0) continue;
      const unreadable = await count(odd.unreadable);
      const what =
        `${counted(others, 'row')} ${others === 1 ? 'has' : 'have'} a moment in another form than Django writes ${place}` +
        (unreadable === 0 ? '.' : `, ${unreadable} of them something that is not a valid time.`);
      const hint =
        'Write them as `YYYY-MM-DD HH:MM:SS`: Django compares their texts, and takes some for past or future.';
      findings.push(finding('W045', `${table}.${column}`, what, hint));
    }
  }
  return findings;
}
