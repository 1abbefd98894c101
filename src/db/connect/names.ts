import type { Knex } from 'knex';
import type { Registry } from '../../registry/types.js';
import { sqlAsIs } from '../dialect/sql-as-is.js';

/**
 * Knex takes a name with a dot, ` as ` or blanks around it apart. Once a database is known to have such names, what Knex
 * quotes is marked, and where it has taken one of them apart, that is put together again before a statement is sent.
 */
export interface Names {
  /** Tables of the database, with their columns. */
  note(tables: Iterable<readonly [table: string, columns: Iterable<string>]>): void;
  /** A name as one of a statement that Knex writes; `quote` is what Knex does for its engine. */
  wrap(name: string, quote: (name: string) => string): string;
  /** The statement as it is to be sent. */
  restore(sql: string, client: Knex.Client): string;
}

/** No text has it: it is no character (Unicode 15, 23.7). */
const MARK = '\ufdd0';

const isTakenApart = (name: string) => /\.| as /i.test(name) || name !== name.trim();

/** A name in quotes of the engine whose `quote` is given, whatever it holds. Knex would take `a[1]` for a place in an array. */
export function wholeName(name: string, quote: (name: string) => string): string {
  const mark = quote('x').charAt(0);
  return sqlAsIs(`${mark}${name.replaceAll(mark, mark + mark)}${mark}`);
}

const beforeTable = /\b(?:from|join|into|update|table|only|truncate|copy)\s+$/i;
/** What stands before a name alone: a table, an alias, or the table or alias that a column is of. */
const beforeName = /(?:\b(?:from|join|into|update|table|only|truncate|copy|as)\s+|\.)$/i;

/** What was noted of names, and what is made of that. */
interface Noted {
  readonly tables: Map<string, Set<string>>;
  /** Names that Knex takes apart. */
  readonly odd: Set<string>;
  /** How they are put together again; undefined where that is to be made anew. */
  restoring: Restoring | undefined;
}

interface Restoring {
  /** What Knex makes of the names that it takes apart. */
  readonly pattern: RegExp;
  /** What each should be. */
  readonly whole: ReadonlyMap<string, string>;
  /** Names that are also a table and a column of it, with that table. */
  readonly ambiguous: ReadonlyMap<string, string>;
}

export function createNames(): Names {
  const noted: Noted = { tables: new Map(), odd: new Set(), restoring: undefined };
  const { tables, odd } = noted;
  return {
    note(found) {
      for (const [table, columns] of found) {
        const known = tables.get(table) ?? new Set<string>();
        tables.set(table, known);
        for (const column of columns) known.add(column);
        for (const name of [table, ...columns]) {
          if (!isTakenApart(name) || odd.has(name)) continue;
          odd.add(name);
          noted.restoring = undefined;
        }
        if (isTakenApart(table)) noted.restoring = undefined;
      }
    },
    wrap(name, quote) {
      if (name === '*') return name;
      return odd.size === 0 ? wholeName(name, quote) : MARK + wholeName(name, quote);
    },
    restore(sql, client) {
      if (odd.size === 0 || !sql.includes(MARK)) return sql;
      noted.restoring ??= prepare(noted, client);
      const { pattern, whole, ambiguous } = noted.restoring;
      const clear = sql.replace(pattern, (text) => (ambiguous.has(text) ? text : (whole.get(text) ?? text)));
      // What it is about is seen in what is clear by now.
      const decide = (text: string, at: number) =>
        isPair(ambiguous, clear, text, at) ? text : (whole.get(text) ?? text);
      return (ambiguous.size === 0 ? clear : clear.replace(pattern, decide)).replaceAll(MARK, '');
    },
  };
}

function prepare({ tables, odd }: Noted, client: Knex.Client): Restoring {
  const split = (name: string): string => client.raw('??', [name]).toSQL().sql;
  const quote = (name: string) => MARK + wholeName(name, (text) => client.wrapIdentifierImpl(text));
  const whole = new Map<string, string>();
  const ambiguous = new Map<string, string>();
  for (const name of odd) whole.set(split(name), quote(name));
  for (const [table, columns] of tables) {
    if (isTakenApart(table)) whole.set(split(`${table}.*`), `${quote(table)}.*`);
    for (const column of columns) {
      if (isTakenApart(table) || isTakenApart(column)) {
        whole.set(split(`${table}.${column}`), `${quote(table)}.${quote(column)}`);
      } else if (whole.has(split(`${table}.${column}`))) ambiguous.set(split(`${table}.${column}`), quote(table));
    }
  }
  const texts = [...whole.keys()].sort((a, b) => b.length - a.length);
  const pattern = new RegExp(texts.map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|'), 'g');
  return { pattern, whole, ambiguous };
}

/** Whether it is a column with its table, which the statement is about, and no name that only looks so. */
function isPair(ambiguous: Restoring['ambiguous'], sql: string, text: string, at: number): boolean {
  const table = ambiguous.get(text);
  if (table === undefined || beforeName.test(sql.slice(Math.max(0, at - 20), at))) return false;
  for (let found = sql.indexOf(table); found >= 0; found = sql.indexOf(table, found + 1)) {
    if (sql[found + table.length] !== '.' && beforeTable.test(sql.slice(Math.max(0, found - 20), found))) return true;
  }
  return false;
}

/** The tables and columns that a registry names. */
export function* namesOf({ models }: Registry): Generator<readonly [string, readonly string[]]> {
  for (const { table, fields, manyToMany } of models) {
    yield [table, fields.map(({ column }) => column)];
    for (const { table: join, column, reverseColumn } of manyToMany) yield [join, [column, reverseColumn]];
  }
}
