import type { IntrospectedTable } from '../../introspection/introspection.js';

export const hasConstraint = (table: IntrospectedTable | undefined, name: string): boolean =>
  table?.constraints.some((each) => each.name === name) ?? false;

/** Whether what a statement of DDL makes is there, or what it drops is not; `find` looks for a table. */
export async function isDone(
  sql: string,
  find: (table: string) => Promise<IntrospectedTable | undefined>,
): Promise<boolean> {
  const [, verb, table = '', rest = ''] =
    /^(CREATE TABLE|DROP TABLE|ALTER TABLE) `((?:[^`]|``)+)`(.*)$/s.exec(sql) ?? [];
  if (verb === 'CREATE TABLE') return (await find(unquoted(table))) !== undefined;
  if (verb === 'DROP TABLE') return (await find(unquoted(table))) === undefined;
  if (verb === 'ALTER TABLE') return isAltered(rest, await find(unquoted(table)));
  const [, made, owner] = /^CREATE (?:UNIQUE )?INDEX `((?:[^`]|``)+)` ON `((?:[^`]|``)+)`/.exec(sql) ?? [];
  if (made !== undefined && owner !== undefined) return hasConstraint(await find(unquoted(owner)), unquoted(made));
  const [, dropped, from] = /^DROP INDEX `((?:[^`]|``)+)` ON `((?:[^`]|``)+)`/.exec(sql) ?? [];
  if (dropped === undefined || from === undefined) return false;
  return !hasConstraint(await find(unquoted(from)), unquoted(dropped));
}

/** The same for what follows `ALTER TABLE`. */
function isAltered(alteration: string, table: IntrospectedTable | undefined): boolean {
  const [, action, quoted = ''] =
    /^ (ADD CONSTRAINT|ADD COLUMN|DROP COLUMN|DROP FOREIGN KEY|DROP CONSTRAINT) `((?:[^`]|``)+)`/.exec(alteration) ??
    [];
  const name = unquoted(quoted);
  switch (action) {
    case 'ADD COLUMN':
      return hasColumn(table, name);
    case 'DROP COLUMN':
      return !hasColumn(table, name);
    case 'ADD CONSTRAINT':
      return hasConstraint(table, name);
    case 'DROP CONSTRAINT':
      return !hasConstraint(table, name);
    case 'DROP FOREIGN KEY':
      return !table?.constraints.some((each) => each.name === name && each.kind === 'foreign');
    default:
      return false;
  }
}

const hasColumn = (table: IntrospectedTable | undefined, name: string) =>
  table?.columns.some((each) => each.name === name) ?? false;

const unquoted = (name: string) => name.replaceAll('``', '`');
