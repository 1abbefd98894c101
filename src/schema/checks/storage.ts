import type { Connection } from '../../db/connect/connection.js';
import { type Finding, finding } from './finding.js';

/** Tables that are stored in a way that cannot roll back, refuses characters, or is compared otherwise than the rest. */
export async function oddStorage(
  { dialect, db }: Connection,
  names: ReadonlySet<string>,
  place: string,
): Promise<Finding[]> {
  const health = await dialect.health();
  const tables = (await health.storage(db)).filter(({ table }) => names.has(table));
  const uses = new Map<string, number>();
  for (const { collations } of tables) for (const each of collations) uses.set(each, (uses.get(each) ?? 0) + 1);
  const [usual] = [...uses].toSorted((a, b) => b[1] - a[1])[0] ?? [];
  return tables.flatMap(({ table, withoutTransactions, narrow, collations }) => {
    const findings: Finding[] = [];
    if (withoutTransactions !== undefined) {
      const what = `The table is of the kind ${withoutTransactions} ${place}: nothing that is done to it can be rolled back, and it has no references.`;
      findings.push(
        finding('E023', table, what, 'Change it with ALTER TABLE … ENGINE=InnoDB, and add its foreign keys.'),
      );
    }
    for (const [charset, columns] of narrow) {
      const what = `Texts in ${columns.join(', ')} are kept in ${charset} ${place}, which does not have all characters: what it lacks is refused.`;
      const hint = 'Change the table with ALTER TABLE … CONVERT TO CHARACTER SET utf8mb4.';
      findings.push(finding('W048', table, what, hint));
    }
    const others = collations.filter((each) => each !== usual);
    if (others.length > 0) {
      const what = `Texts are compared by ${others.join(', ')} ${place}, and those of most tables by ${usual}: queries over both fail.`;
      const hint = `Change the table with ALTER TABLE … CONVERT TO CHARACTER SET … COLLATE ${usual}.`;
      findings.push(finding('W049', table, what, hint));
    }
    return findings;
  });
}
