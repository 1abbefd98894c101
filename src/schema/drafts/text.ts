import type { TableDefinition } from '../../db/schema/schema-editor.js';
import { type Change, keyOf } from './changes.js';

/** A value as TypeScript, on one line where it is short. */
function literal(value: unknown, indent: string): string {
  if (typeof value === 'string') return `'${value.replace(/[\\']/g, '\\$&').replaceAll('\n', '\\n')}'`;
  if (typeof value !== 'object' || value === null) return String(value);
  const inner = `${indent}  `;
  const items = Array.isArray(value)
    ? value.map((item) => literal(item, inner))
    : Object.entries(value)
        .filter(([, item]) => item !== undefined)
        .map(
          ([name, item]) => `${/^[A-Za-z_$][\w$]*$/.test(name) ? name : literal(name, '')}: ${literal(item, inner)}`,
        );
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  const line = Array.isArray(value) ? `[${items.join(', ')}]` : items.length === 0 ? '{}' : `{ ${items.join(', ')} }`;
  if (!line.includes('\n') && indent.length + line.length <= 100) return line;
  return `${open}\n${items.map((item) => `${inner}${item},\n`).join('')}${indent}${close}`;
}

const call = (verb: string, ...values: readonly unknown[]) =>
  `    await schema.${verb}(${values.map((value) => literal(value, '    ')).join(', ')});`;

/** What a change does, as a heading of it. */
export function describeChange(change: Change): string {
  switch (change.kind) {
    case 'create_table':
      return `Create table ${change.table.name}`;
    case 'drop_table':
      return `Delete table ${change.table.name}`;
    case 'add_column':
      return `Add column ${change.column} to ${change.after.name}`;
    case 'drop_column':
      return `Remove column ${change.column} from ${change.before.name}`;
    case 'alter_column':
      return `Alter column ${change.column} on ${change.after.name}`;
    case 'change_key':
      return `Change the primary key of ${change.after.name} to ${keyOf(change.after)}`;
    default:
      return `Alter ${change.kind.endsWith('unique') ? 'unique_together' : 'indexes'} on ${change.table.name}`;
  }
}

/** Makes a table anew, and not before somebody has decided how. */
const anew = (before: TableDefinition, after: TableDefinition) =>
  [
    `    throw new Error(${literal(`Decide first how ${after.name} gets the primary key ${keyOf(after)}`, '')});`,
    call('dropTable', before.name),
    call('createTable', after),
  ].join('\n');

function forwards(change: Change): string {
  switch (change.kind) {
    case 'create_table':
      return call('createTable', change.table);
    case 'drop_table':
      return call('dropTable', change.table.name);
    case 'add_column':
      return call('addColumn', change.after, change.column, ...(change.fill ? [{ fill: change.fill }] : []));
    case 'drop_column':
      return call('dropColumn', change.before, change.column);
    case 'alter_column': {
      const options = change.fill ? [{ fill: change.fill }] : [];
      return call('alterColumn', change.before, change.after, change.column, ...options);
    }
    case 'change_key':
      return anew(change.before, change.after);
    case 'add_unique':
      return call('addUniqueTogether', change.table, change.columns);
    case 'drop_unique':
      return call('dropUniqueTogether', change.table, change.columns);
    case 'add_index':
      return call('addIndex', change.table, change.index);
    case 'drop_index':
      return call('dropIndex', change.table, change.index);
  }
}

function backwards(change: Change): string {
  switch (change.kind) {
    case 'create_table':
      return call('dropTable', change.table.name);
    case 'drop_table':
      return call('createTable', change.table);
    case 'add_column':
      return call('dropColumn', change.after, change.column);
    case 'drop_column':
      return call('addColumn', change.before, change.column);
    case 'alter_column':
      return call('alterColumn', change.after, change.before, change.column);
    case 'change_key':
      return anew(change.after, change.before);
    case 'add_unique':
      return call('dropUniqueTogether', change.table, change.columns);
    case 'drop_unique':
      return call('addUniqueTogether', change.table, change.columns);
    case 'add_index':
      return call('dropIndex', change.table, change.index);
    case 'drop_index':
      return call('addIndex', change.table, change.index);
  }
}

const doubtOf = (change: Change) => ('doubt' in change ? change.doubt : undefined);

/** What has to be decided by a person before the migration is run. */
export const doubtsOf = (changes: readonly Change[]): string[] =>
  changes.map(doubtOf).filter((doubt) => doubt !== undefined);

/** The text of a migration's file. What could not be decided stands in it as a comment. */
export function migrationText(changes: readonly Change[], dependencies: readonly string[]): string {
  const step = (change: Change, text: string) => {
    const doubt = doubtOf(change);
    return [
      ...(doubt === undefined ? [] : [`    // TO DECIDE: ${doubt}.`]),
      `    operation(${literal(describeChange(change), '')});`,
      text,
    ];
  };
  return [
    "import { defineMigration } from 'manage-auth';",
    '',
    'export default defineMigration({',
    `  dependencies: ${literal(dependencies, '  ')},`,
    '',
    '  async up(_db, { schema, operation }) {',
    ...changes.flatMap((change) => step(change, forwards(change))),
    '  },',
    '',
    '  async down(_db, { schema }) {',
    ...changes.toReversed().map(backwards),
    '  },',
    '});',
    '',
  ].join('\n');
}

/** What Django would call it: after what it does. */
export function migrationName(changes: readonly Change[], app: string): string {
  const short = (table: string) => (table.startsWith(`${app}_`) ? table.slice(app.length + 1) : table);
  const parts = changes.map((change) => {
    switch (change.kind) {
      case 'create_table':
        return short(change.table.name);
      case 'drop_table':
        return `delete_${short(change.table.name)}`;
      case 'add_column':
        return `${short(change.after.name)}_${change.column}`;
      case 'drop_column':
        return `remove_${short(change.before.name)}_${change.column}`;
      case 'alter_column':
        return `alter_${short(change.after.name)}_${change.column}`;
      case 'change_key':
        return `alter_${short(change.after.name)}_primary_key`;
      default:
        return `alter_${short(change.table.name)}_${change.kind.endsWith('unique') ? 'unique_together' : 'indexes'}`;
    }
  });
  const all = [...new Set(parts)].join('_').toLowerCase();
  if (all.length <= 52) return all;
  return `${parts[0]?.toLowerCase().slice(0, 40)}_and_more`;
}
