import type { CredentialApp } from '../../src/apps/define.js';
import { loadKnownApps } from '../../src/apps/load.js';
import type { FieldDefinition } from '../../src/registry/types.js';
import type { AppsSite } from './site.js';

/** A column type that SQLite and PostgreSQL take. */
function columnType({ type, maxLength }: FieldDefinition): string {
  if (maxLength !== undefined) return `varchar(${maxLength})`;
  if (/Text|JSON/.test(type)) return 'text';
  if (type === 'BooleanField') return 'boolean';
  if (type === 'DateTimeField') return 'timestamp with time zone';
  if (type === 'UUIDField') return 'uuid';
  if (type === 'GenericIPAddressField') return 'inet';
  return /Big/.test(type) ? 'bigint' : 'integer';
}

/** The apps that have tables of their own. */
export const loadApps = async () => (await loadKnownApps()).filter(({ app }) => Object.keys(app.models).length > 0);

const isReference = ({ type }: FieldDefinition) => type === 'ForeignKey' || type === 'OneToOneField';

/** Statements that make an app's tables as its newest known version has them, or as the oldest. */
export function tablesOf(
  { app, optional = [] }: CredentialApp,
  version: 'newest' | 'oldest' = 'newest',
): Map<string, string> {
  const left = new Set(version === 'oldest' ? optional : []);
  return new Map(
    Object.entries(app.models)
      .filter(([name]) => !left.has(name))
      .map(([name, model]) => {
        const table = model.table ?? `${app.label}_${name.toLowerCase()}`;
        const columns = Object.entries(model.fields)
          .filter(([field]) => !left.has(`${name}.${field}`))
          .map(([field, definition]) => {
            const column = definition.column ?? (isReference(definition) ? `${field}_id` : field);
            return `"${column}" ${columnType(definition)}${definition.primaryKey ? ' PRIMARY KEY' : ''}`;
          });
        return [table, `CREATE TABLE "${table}" (${columns.join(', ')})`];
      }),
  );
}

/** A statement of PostgreSQL as the engine has it. */
export const spelledFor = ({ engine }: Pick<AppsSite, 'engine'>, sql: string) =>
  engine === 'mariadb'
    ? sql.replaceAll('timestamp with time zone', 'datetime(6)').replaceAll(' inet', ' char(39)')
    : sql;

/** Makes the tables of apps that have none there; those that are there stay as their version has them. */
export async function addTables(db: AppsSite, apps: readonly CredentialApp[]): Promise<void> {
  const there = await db.tables();
  for (const each of apps) {
    const tables = tablesOf(each);
    if (there.some((name) => tables.has(name))) continue;
    for (const statement of tables.values()) await db.query(spelledFor(db, statement));
  }
}

/** Makes the tables of apps anew, as a version has them, without rows. */
export async function remakeTables(
  db: AppsSite,
  apps: readonly CredentialApp[],
  version: 'newest' | 'oldest' = 'newest',
): Promise<void> {
  for (const each of apps) {
    for (const table of tablesOf(each).keys()) {
      await db.query(`DROP TABLE IF EXISTS "${table}"${db.engine === 'postgres' ? ' CASCADE' : ''}`);
    }
    for (const statement of tablesOf(each, version).values()) await db.query(spelledFor(db, statement));
  }
}
