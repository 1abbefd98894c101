import { userModelOf } from '../../auth/accounts/user-model.js';
import { auditPasswords } from '../../auth/passwords/audit.js';
import { readAccess } from '../../auth/permissions/access.js';
import type { Connection } from '../../db/connect/connection.js';
import { edgesTo, readReferences } from '../../db/references/graph.js';
import { timestampOf } from '../../db/values/moments.js';
import { findField, findModel } from '../../registry/define.js';
import type { ParsedSettings } from '../../settings/settings.js';
import { counted } from '../../text.js';
import { type Finding, finding } from '../checks/finding.js';
import { people } from '../checks/people.js';

const dayMs = 86_400_000;
const dormantDays = 90;

async function countOf({ db }: Connection, table: string): Promise<number> {
  const [row] = await db(table).count({ count: '*' });
  return Number(row?.count ?? 0);
}

async function sessions(connection: Connection, now: Date): Promise<Finding[]> {
  const { db, dialect, registry } = connection;
  const model = findModel(registry, 'sessions.session');
  const field = model === undefined ? undefined : findField(model, 'expire_date');
  if (model === undefined || field === undefined) return [];
  const before = (moment: Date) =>
    db(model.table).where(field.column, '<', dialect.bind(db, field, timestampOf(moment)));
  const [expired] = await before(now).count({ count: '*' });
  const [old] = await before(new Date(now.getTime() - 2 * dayMs)).count({ count: '*' });
  if (Number(old?.count ?? 0) === 0) return [];
  const what = `${counted(Number(expired?.count), 'expired session')} of ${await countOf(connection, model.table)} are still there, some for more than two days: nobody clears them.`;
  return [finding('W070', model.table, what, 'Run `manage clearsessions` every day.')];
}

async function superusers(connection: Connection, now: Date): Promise<Finding[]> {
  const { dialect, db, registry } = connection;
  const { model, auth } = userModelOf(registry);
  const findings: Finding[] = [];
  const flags = Object.entries(auth.superuserValues).concat(
    findField(model, 'is_staff') === undefined ? [] : [['is_staff', true]],
  );
  if (flags.length === 0) return [];
  const narrow = (query: ReturnType<Connection['db']['queryBuilder']>): void =>
    void query.where((either) => {
      for (const [name, value] of flags) {
        const field = findField(model, name);
        if (field !== undefined) either.orWhere(`${model.table}.${field.column}`, dialect.bind(db, field, value));
      }
    });
  const names = { never: [] as string[], factor: [] as string[], unusable: [] as string[], dormant: [] as string[] };
  let count = 0;
  for await (const page of readAccess(connection, { narrow })) {
    for (const user of page.filter(({ active }) => active)) {
      if (user.superuser) {
        count++;
        if (user.lastLogin === null && auth.lastLoginField !== undefined) names.never.push(user.username);
        if (user.secondFactor === false) names.factor.push(user.username);
        if (!user.usablePassword) names.unusable.push(user.username);
      } else if (
        user.staff &&
        user.lastLogin !== null &&
        Date.parse(user.lastLogin) < now.getTime() - dormantDays * dayMs
      ) {
        names.dormant.push(user.username);
      }
    }
  }
  const some = (list: readonly string[]) => `${list.slice(0, 5).join(', ')}${list.length > 5 ? ', …' : ''}`;
  if (count === 0)
    findings.push(
      finding('W071', model.table, 'There is no active superuser.', 'Make one with `manage createsuperuser`.'),
    );
  if (count > 5)
    findings.push(
      finding(
        'W072',
        model.table,
        `There are ${count} active superusers.`,
        'See them with `manage listusers --superusers`.',
      ),
    );
  const report = (id: `W${number}`, list: readonly string[], what: string, hint: string) => {
    if (list.length > 0) findings.push(finding(id, model.table, `${what}: ${some(list)}.`, hint));
  };
  report(
    'W073',
    names.never,
    'Superusers who have never logged in',
    'Deactivate those that nobody needs: `manage deactivateuser`.',
  );
  report('W074', names.factor, 'Superusers without a second factor', 'Have them set one up.');
  report('W075', names.unusable, 'Superusers with an unusable password', 'They log in by other means, or not at all.');
  report(
    'W076',
    names.dormant,
    `Staff who have not logged in for ${dormantDays} days`,
    'Deactivate those that nobody needs.',
  );
  return findings;
}

async function passwords(connection: Connection, settings: ParsedSettings): Promise<Finding[]> {
  const { cannotLogIn, groups } = await auditPasswords(connection, { hashers: settings.passwordHashers });
  const findings: Finding[] = [];
  const table = connection.registry.userModel.table;
  if (cannotLogIn > 0) {
    findings.push(
      finding(
        'W077',
        table,
        `${counted(cannotLogIn, 'active account')} cannot log in: their hashes are not verified.`,
        'See `manage auditpasswords`.',
      ),
    );
  }
  const weak = groups.filter(
    ({ algorithm }) => algorithm !== null && /^(?:unsalted_|hex_)?(?:md5|sha1)$/.test(algorithm),
  );
  const count = weak.reduce((sum, { accounts }) => sum + accounts, 0);
  if (count > 0)
    findings.push(
      finding(
        'W078',
        table,
        `${counted(count, 'password')} are stored as MD5 or SHA1.`,
        'Wrap them with `manage auditpasswords --wrap`.',
      ),
    );
  return findings;
}

async function indexes(connection: Connection): Promise<Finding[]> {
  const graph = await readReferences(connection);
  return edgesTo(graph, connection.registry.userModel.table)
    .filter(({ indexed }) => !indexed)
    .map(({ from, column }) =>
      finding(
        'W079',
        `${from}.${column}`,
        'It refers to accounts and has no index: deleting one reads the whole table.',
        'Make an index on it.',
      ),
    );
}

export interface Diagnosis {
  readonly findings: readonly Finding[];
  /** Rows of the tables that are there of the models that are known, the largest first. */
  readonly tables: readonly { readonly table: string; readonly rows: number }[];
}

/** Looks over an auth database: what nobody clears, who could get in and should not, what is slow. Nothing is changed. */
export async function diagnose(
  connection: Connection,
  settings: ParsedSettings,
  { now = new Date() }: { readonly now?: Date } = {},
): Promise<Diagnosis> {
  const { registry } = connection;
  const names = new Set(await connection.dialect.tableNames(connection.db));
  const alias = connection.alias;
  const looks: (() => Promise<readonly Finding[]>)[] = [
    () => sessions(connection, now),
    () => superusers(connection, now),
    () => passwords(connection, settings),
    () => indexes(connection),
    async () =>
      people.run({ settings, registry, databases: [{ alias, connection, finding: undefined }], apps: undefined }),
  ];
  const findings: Finding[] = [];
  for (const look of looks) {
    findings.push(
      ...(await look().catch((error: unknown): Finding[] => [
        finding(
          'E070',
          `databases.${alias}`,
          `A part could not be looked at: ${error instanceof Error ? error.message : String(error)}`,
        ),
      ])),
    );
  }
  const tables: { table: string; rows: number }[] = [];
  for (const { table } of registry.models)
    if (names.has(table)) tables.push({ table, rows: await countOf(connection, table) });
  return { findings, tables: tables.sort((a, b) => b.rows - a.rows) };
}
