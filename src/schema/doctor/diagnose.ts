import type { Connection } from '../../db/connect/connection.js';
import { CommandError } from '../../errors.js';
import type { ParsedSettings } from '../../settings/settings.js';
import { reasonOf } from '../../text.js';
import { type Finding, finding, levels } from '../checks/finding.js';
import { people } from '../checks/people.js';
import { leftovers, plainSecrets } from './credentials.js';
import { clocks, indexes, sequences, tables } from './database.js';
import { countOf, type Look } from './look.js';
import { passwords } from './passwords.js';
import { expiredSessions, inactiveSessions } from './sessions.js';
import { superusers } from './superusers.js';

const accounts: Look = async (connection, { settings }) => {
  const { alias, registry } = connection;
  return people.run({ settings, registry, databases: [{ alias, connection, finding: undefined }], apps: undefined });
};

const looks: readonly Look[] = [
  expiredSessions,
  leftovers,
  inactiveSessions,
  superusers,
  passwords,
  plainSecrets,
  accounts,
  tables,
  indexes,
  sequences,
  clocks,
];

export interface TableSize {
  readonly table: string;
  readonly rows: number;
  /** With its indexes; null where the engine does not keep count. */
  readonly bytes: number | null;
}

export interface Diagnosis {
  /** The gravest first. */
  readonly findings: readonly Finding[];
  /** Tables of the models that are known, the ones with the most rows first. */
  readonly tables: readonly TableSize[];
  /** What the database takes, in bytes. */
  readonly bytes: number;
}

/**
 * Looks over an auth database: what nobody clears, who could get in and should not, what is slow or about to fail. Nothing is
 * changed; a part that cannot be looked at is a finding.
 */
export async function diagnose(
  connection: Connection,
  settings: ParsedSettings,
  { now = new Date() }: { readonly now?: Date } = {},
): Promise<Diagnosis> {
  const findings: Finding[] = [];
  for (const look of looks) {
    const found = await look(connection, { settings, now }).catch((error: unknown): Finding[] => {
      const hint = error instanceof CommandError ? error.hint : undefined;
      return [
        finding('E070', `databases.${connection.alias}`, `A part could not be looked at: ${reasonOf(error)}`, hint),
      ];
    });
    const isTold = ({ id, message }: Finding) =>
      id === 'manage.E070' && findings.some((each) => each.id === id && each.message === message);
    // One reason may stop several parts.
    findings.push(...found.filter((each) => !isTold(each)));
  }
  return {
    findings: findings.toSorted((a, b) => levels.indexOf(a.level) - levels.indexOf(b.level)),
    ...(await readSizes(connection)),
  };
}

async function readSizes(connection: Connection): Promise<Pick<Diagnosis, 'tables' | 'bytes'>> {
  const { db, dialect, registry } = connection;
  const names = new Set(await dialect.tableNames(db));
  const sizes = await (await dialect.health()).sizes(db);
  const tables: TableSize[] = [];
  for (const { table } of registry.models) {
    if (names.has(table))
      tables.push({ table, rows: await countOf(connection, table), bytes: sizes.tables.get(table) ?? null });
  }
  return { tables: tables.sort((a, b) => b.rows - a.rows), bytes: sizes.total };
}
