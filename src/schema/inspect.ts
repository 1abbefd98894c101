import type { Connection } from '../db/connect/connection.js';
import { introspectApps } from '../db/introspection/apps.js';
import { tablesOf } from '../db/schema/tables.js';
import { coreApps } from '../registry/core.js';
import { createRegistry } from '../registry/define.js';
import type { AppDefinition } from '../registry/types.js';
import { didYouMean, shortened } from '../text.js';

export interface InspectOptions {
  /** Tables to look at; none stands for all but Django's own. */
  readonly tables?: readonly string[];
  readonly views?: boolean;
  /** Whether partitions have models of their own, besides the table that they are parts of. */
  readonly partitions?: boolean;
}

export interface Inspected {
  readonly apps: readonly AppDefinition[];
  /** Label of the model that holds the accounts, for the setting of that name. */
  readonly userModel: string;
  /** Why tables, or columns of theirs, are not among them, as sentences. */
  readonly notes: readonly string[];
}

/** Reads definitions of the apps and models that the tables of a database stand for. */
export async function inspectDatabase(
  connection: Pick<Connection, 'db' | 'dialect'>,
  { tables = [], views = false, partitions = false }: InspectOptions = {},
): Promise<Inspected> {
  const { apps, userModel, joins, without, virtual, computed, together } = await introspectApps(
    connection,
    connection.db,
    { views, partitions },
  );
  const isCore = ({ label }: AppDefinition) => coreApps.some((app) => app.label === label);
  const own = apps.filter((app) => !isCore(app) && Object.keys(app.models).length > 0);
  const wanted = new Set(tables);
  const chosen =
    wanted.size === 0
      ? own
      : own
          .map((app) => ({
            ...app,
            models: Object.fromEntries(
              Object.entries(app.models).filter(([name, { table }]) => wanted.has(table ?? tableOf(app.label, name))),
            ),
          }))
          .filter(({ models }) => Object.keys(models).length > 0);
  const found = new Set(chosen.flatMap(tablesOfApp));
  const core = new Set(tablesOf(createRegistry(coreApps)).map(({ name }) => name));
  const reason = (table: string) => {
    if (core.has(table)) return `The table '${table}' is one of Django's own, whose models are known already.`;
    if (joins.includes(table))
      return `The table '${table}' only links two others: it is a relation of one of their models.`;
    if (without.includes(table)) return `The table '${table}' has no primary key, so that it has no model.`;
    if (virtual.includes(table))
      return `The table '${table}' is a virtual one: a module of the database looks after what it holds.`;
    const hint = didYouMean(table, [...found, ...core, ...own.flatMap(tablesOfApp)]);
    return `Unable to inspect table '${shortened(table)}': there is no such table.${hint === undefined ? '' : ` ${hint}`}`;
  };
  const missing = wanted.size === 0 ? [...without, ...virtual] : tables.filter((table) => !found.has(table));
  const columns = computed
    .filter(({ table }) => found.has(table))
    .map(
      ({ table, column }) =>
        `The column '${column}' of table '${table}' is computed by the database: nothing writes it.`,
    );
  const references = together
    .filter(({ table }) => found.has(table))
    .map(
      ({ table, columns: from, to }) =>
        `The columns ${from.map((name) => `'${name}'`).join(' and ')} of table '${table}' refer together to '${to}': they are plain fields, since no field refers with several columns.`,
    );
  return { apps: chosen, userModel, notes: [...missing.map(reason), ...references, ...columns] };
}

const tablesOfApp = ({ label, models }: AppDefinition): string[] =>
  Object.entries(models).map(([name, { table }]) => table ?? tableOf(label, name));

const tableOf = (label: string, name: string) => `${label}_${name.toLowerCase()}`;

/** Definitions as the TypeScript of a module that exports them. */
export function appSource({ apps, userModel, notes }: Inspected): string {
  const holdsAccounts = apps.some(({ label, models }) =>
    Object.keys(models).some((name) => `${label}.${name}`.toLowerCase() === userModel.toLowerCase()),
  );
  const lines = [
    '// Made from the tables of a database: put it beside manage.config.ts, name it there in `apps`, and correct what a',
    "// column's type cannot tell: choices, defaults, what happens to references (`onDelete`), durations on SQLite. Content",
    '// types without a table are taken for those of `proxies`: take out the models that are gone.',
    ...(holdsAccounts
      ? [`// The accounts are in one of them: set \`userModel: ${literal(userModel, 0)}\` in manage.config.ts, too.`]
      : []),
    "import { defineApp } from 'manage-auth';",
    ...notes.map((note) => `\n// ${escapeBreaks(note)}`),
    ...apps.map((app) => `\nexport const ${identifier(app.label)} = defineApp(${literal(app, 0)});`),
  ];
  return `${lines.join('\n')}\n`;
}

const isIdentifier = (text: string) => /^[\p{ID_Start}_$][\p{ID_Continue}$]*$/u.test(text);

/** Words that no variable of a module can be called (ECMA-262, 12.7.2). */
const reserved = new Set(
  (
    'arguments await break case catch class const continue debugger default delete do else enum eval export extends false ' +
    'finally for function if implements import in instanceof interface let new null package private protected public ' +
    'return static super switch this throw true try typeof undefined var void while with yield defineApp'
  ).split(' '),
);

const identifier = (label: string) =>
  isIdentifier(label) && !reserved.has(label) ? label : `app_${label.replace(/[^\p{ID_Continue}]/gu, '_')}`;

/** All that ends a line in JavaScript, and other control characters, as an escape: names hold anything. */
const escapeBreaks = (text: string) =>
  text.replace(/[\0-\x1f\x7f-\x9f\u2028\u2029]/g, (found) =>
    found === '\n' ? '\\n' : `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

const lineWidth = 110;

/** A value as a literal of TypeScript: on one line where that is short. */
function literal(value: unknown, depth: number): string {
  if (typeof value === 'string') return `'${escapeBreaks(value.replace(/[\\']/g, '\\$&'))}'`;
  if (Array.isArray(value)) return `[${value.map((item) => literal(item, depth)).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const members = Object.entries(value).map(([key, item]) => ({
    key: isIdentifier(key) ? key : literal(key, 0),
    item,
  }));
  const short = `{ ${members.map(({ key, item }) => `${key}: ${literal(item, depth)}`).join(', ')} }`;
  if (depth > 2 && short.length + 2 * depth < lineWidth && !short.includes('\n')) return short;
  const indent = '  '.repeat(depth + 1);
  const inner = members.map(({ key, item }) => `${indent}${key}: ${literal(item, depth + 1)},`);
  return `{\n${inner.join('\n')}\n${'  '.repeat(depth)}}`;
}
