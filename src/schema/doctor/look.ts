import type { Connection } from '../../db/connect/connection.js';
import type { ParsedSettings } from '../../settings/settings.js';
import type { Finding } from '../checks/finding.js';

export const dayMs = 86_400_000;

/** What a look at a database is given. */
export interface LookContext {
  readonly settings: ParsedSettings;
  readonly now: Date;
}

/** One part of the doctor's round: looks, and changes nothing. */
export type Look = (connection: Connection, context: LookContext) => Promise<readonly Finding[]>;

/** Lists are cut here: the finding says how many there are. */
const shown = 5;
export const some = (names: readonly string[]) =>
  `${names.slice(0, shown).join(', ')}${names.length > shown ? ', …' : ''}`;

export async function countOf({ db }: Connection, table: string): Promise<number> {
  const [row] = await db(table).count({ count: '*' });
  return Number(row?.count ?? 0);
}
