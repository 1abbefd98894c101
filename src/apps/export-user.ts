import type { Connection } from '../db/connect/connection.js';
import type { Value } from '../db/dialect/dialect.js';
import { planCascade } from '../db/references/cascade.js';
import { edgesTo, readReferences } from '../db/references/graph.js';
import { readTableRows, type TableRow } from '../db/references/move.js';
import { storedField } from '../registry/define.js';
import type { CredentialApp } from './define.js';
import { findApps, secretColumns } from './find.js';

export interface ExportedTable {
  readonly table: string;
  /** The column by which the rows are the person's; null for rows that belong to those. */
  readonly column: string | null;
  readonly rows: readonly TableRow[];
  /** Columns whose values are secrets, and are left out. */
  readonly leftOut: readonly string[];
}

/** What a column's name says of a secret: who has it can log in, or find out a password. */
const secret =
  /pass(?:word|wd)?(?:_|$)|^pw$|secret|token|(?:^|_)(?:api_?)?key$|private|digest|hash|credential|seed|otp|session_(?:key|data)|^code$|public_key|challenge|^data$|serialized_data/i;

/** Columns that {@link secret} would take for one. */
const harmless = /^(?:object_pk|object_id|token_family|primary_key)$|_id$/i;

const isSecret = (table: string, column: string) =>
  secret.test(column) &&
  !harmless.test(column) &&
  !(column === 'data' && !/mfa|otp|usersession|session|partial/.test(table));

/**
 * All rows that a database has about an account: its own, those that refer to it, and those that would go with them. Secrets are
 * left out, so that the document can be handed to the person: columns that hold secrets of third-party apps and of `apps`, the
 * project's own, and all whose names say so.
 */
export async function exportUser(
  opened: Connection,
  pk: Value,
  { apps }: { readonly apps?: readonly CredentialApp[] } = {},
): Promise<ExportedTable[]> {
  const found = await findApps(opened, apps);
  const { connection } = found;
  const secrets = secretColumns(found);
  const { db, dialect, registry } = connection;
  const graph = await readReferences(connection);
  const { table, primaryKey } = registry.userModel;
  const key = dialect.bind(db, storedField(registry, primaryKey), pk);
  const exported: ExportedTable[] = [];
  const take = async (name: string, column: string | null, narrow: Parameters<typeof readTableRows>[3]) => {
    const shape = graph.tables.get(name);
    if (shape === undefined) return;
    const leftOut = shape.fields
      .map((field) => field.column)
      .filter(
        (each) =>
          secrets.get(name)?.has(each) ||
          isSecret(name, each) ||
          (name === table && each === passwordColumn(connection)),
      );
    const shown = { ...shape, fields: shape.fields.filter((field) => !leftOut.includes(field.column)) };
    const rows = await readTableRows(connection, graph, shown, narrow, { shown: true });
    if (rows.length > 0) exported.push({ table: name, column, rows: rows.map(printable), leftOut });
  };
  await take(table, primaryKey.column, (query) => void query.where(primaryKey.column, key));
  const seen = new Set<string>([table]);
  for (const { from, column } of edgesTo(graph, table)) {
    seen.add(from);
    await take(from, column, (query) => void query.where(column, key));
  }
  const plan = await planCascade(
    connection,
    graph,
    { table, keys: [pk] },
    {
      override: ({ onDelete }) => (onDelete === 'UNKNOWN' ? 'CASCADE' : undefined),
    },
  );
  for (const step of plan.steps) {
    if (step.action === 'delete' && !seen.has(step.table)) await take(step.table, null, step.narrow(db));
  }
  return exported;
}

const passwordColumn = ({ registry: { userModel } }: Connection) =>
  userModel.fields.find(({ name }) => name === userModel.auth?.passwordField)?.column;

const printable = (row: TableRow): TableRow =>
  Object.fromEntries(
    Object.entries(row).map(([column, value]) => [
      column,
      value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value,
    ]),
  );
