import { closingBracket, isSign, isWord, normalizeSql, type Token, tokenizeSql } from './sql-text.js';

/** What a constraint of one column says. */
export type ClauseKind = 'primary' | 'null' | 'unique' | 'check' | 'default' | 'collate' | 'references' | 'generated';

export interface Clause {
  readonly kind: ClauseKind;
  /** As it stands there, with its name if it has one. */
  readonly text: string;
}

export interface ColumnSource {
  readonly name: string;
  /** Everything about the column, its name included. */
  readonly text: string;
  readonly type: string;
  readonly clauses: readonly Clause[];
}

/** A `CREATE TABLE` statement taken apart, so that it can be put together again without losing anything. */
export interface TableSource {
  readonly columns: readonly ColumnSource[];
  /** Constraints of the table. */
  readonly constraints: readonly string[];
  /** What follows the closing bracket: `WITHOUT ROWID`, `STRICT`. */
  readonly options: string;
}

const starts: Readonly<Record<string, ClauseKind>> = {
  PRIMARY: 'primary',
  NOT: 'null',
  NULL: 'null',
  UNIQUE: 'unique',
  CHECK: 'check',
  DEFAULT: 'default',
  COLLATE: 'collate',
  REFERENCES: 'references',
  GENERATED: 'generated',
  AS: 'generated',
};

const tableConstraints = ['CONSTRAINT', 'PRIMARY', 'UNIQUE', 'CHECK', 'FOREIGN'];

const startOf = (token: Token | undefined): ClauseKind | undefined =>
  token?.kind === 'word' ? starts[token.value.toUpperCase()] : undefined;

type Tokens = readonly Token[];

/** The place behind these words if they stand at `at`, else `at` itself, as of the functions that follow. */
const behind = (tokens: Tokens, at: number, ...words: string[]): number =>
  words.every((word, offset) => isWord(tokens[at + offset], word)) ? at + words.length : at;

const behindOneOf = (tokens: Tokens, at: number, ...words: string[]): number =>
  words.some((word) => isWord(tokens[at], word)) ? at + 1 : at;

const behindBrackets = (tokens: Tokens, at: number): number =>
  isSign(tokens[at], '(') ? closingBracket(tokens, at) : at;

/** `ON CONFLICT IGNORE`. */
function behindConflict(tokens: Tokens, at: number): number {
  const on = behind(tokens, at, 'ON', 'CONFLICT');
  return on === at ? at : on + 1;
}

/** One of `ON DELETE SET NULL`, `MATCH FULL` and `NOT DEFERRABLE INITIALLY DEFERRED`. */
function behindReferenceOption(tokens: Tokens, at: number): number {
  const on = behind(tokens, at, 'ON');
  if (on !== at) return behindOneOf(tokens, on + 1, 'SET', 'NO') + 1;
  const match = behind(tokens, at, 'MATCH');
  if (match !== at) return match + 1;
  const deferrable = behind(tokens, behind(tokens, at, 'NOT', 'DEFERRABLE'), 'DEFERRABLE');
  const initially = deferrable === at ? at : behind(tokens, deferrable, 'INITIALLY');
  return initially === deferrable ? deferrable : initially + 1;
}

function behindReference(tokens: Tokens, at: number): number {
  const end = behindReferenceOption(tokens, at);
  return end === at ? at : behindReference(tokens, end);
}

/** By the kind of a clause, the place behind it; `at` is behind its first keyword. */
const ends: Readonly<Record<ClauseKind, (tokens: Tokens, at: number) => number>> = {
  primary(tokens, at) {
    const ordered = behindOneOf(tokens, behind(tokens, at, 'KEY'), 'ASC', 'DESC');
    return behind(tokens, behindConflict(tokens, ordered), 'AUTOINCREMENT');
  },
  null: (tokens, at) => behindConflict(tokens, isWord(tokens[at - 1], 'NOT') ? behind(tokens, at, 'NULL') : at),
  unique: behindConflict,
  check: behindBrackets,
  default(tokens, at) {
    if (isSign(tokens[at], '(')) return closingBracket(tokens, at);
    return at + (isSign(tokens[at], '-') || isSign(tokens[at], '+') ? 2 : 1);
  },
  collate: (_, at) => at + 1,
  generated(tokens, at) {
    const as = isWord(tokens[at - 1], 'GENERATED') ? behind(tokens, at, 'ALWAYS', 'AS') : at;
    return behindOneOf(tokens, behindBrackets(tokens, as), 'STORED', 'VIRTUAL');
  },
  // The table's name, its columns, and what else is said.
  references: (tokens, at) => behindReference(tokens, behindBrackets(tokens, at + 1)),
};

function parseColumn(sql: string, tokens: readonly Token[]): ColumnSource {
  const text = (from: number, to: number) => {
    const first = tokens[from];
    const last = tokens[to - 1];
    return first === undefined || last === undefined || to <= from ? '' : sql.slice(first.start, last.end);
  };
  const isClause = (i: number) => isWord(tokens[i], 'CONSTRAINT') || startOf(tokens[i]) !== undefined;
  let at = 1;
  while (at < tokens.length && !isClause(at)) at = isSign(tokens[at], '(') ? closingBracket(tokens, at) : at + 1;
  const type = text(1, at);
  const clauses: Clause[] = [];
  while (at < tokens.length) {
    const from = at;
    if (isWord(tokens[at], 'CONSTRAINT')) at += 2;
    const kind = startOf(tokens[at]);
    if (kind === undefined) {
      at++;
      continue;
    }
    at = ends[kind](tokens, at + 1);
    clauses.push({ kind, text: text(from, at) });
  }
  return { name: tokens[0]?.value ?? '', text: text(0, tokens.length), type, clauses };
}

/** Takes a `CREATE TABLE` statement apart, as `sqlite_master` has it. */
export function parseCreateTable(sql: string): TableSource {
  const tokens = tokenizeSql(sql);
  const open = tokens.findIndex((token) => isSign(token, '('));
  const close = closingBracket(tokens, open);
  const parts: Token[][] = [[]];
  for (let i = open + 1, depth = 0; i < close - 1; i++) {
    const token = tokens[i];
    if (token === undefined) break;
    if (isSign(token, '(')) depth++;
    if (isSign(token, ')')) depth--;
    if (depth === 0 && isSign(token, ',')) parts.push([]);
    else parts.at(-1)?.push(token);
  }
  const columns: ColumnSource[] = [];
  const constraints: string[] = [];
  for (const part of parts) {
    const [first] = part;
    const last = part.at(-1);
    if (first === undefined || last === undefined) continue;
    if (first.kind === 'word' && tableConstraints.includes(first.value.toUpperCase())) {
      constraints.push(sql.slice(first.start, last.end));
    } else {
      columns.push(parseColumn(sql, part));
    }
  }
  return { columns, constraints, options: sql.slice(tokens[close - 1]?.end ?? sql.length).trim() };
}

/** A clause without its name, in one spelling; `NULL`, which says nothing, is undefined. */
export function clauseMeaning(clause: Clause | undefined): string | undefined {
  if (clause === undefined) return undefined;
  const meaning = normalizeSql(clause.text).replace(/^constraint \S+ /, '');
  return meaning === 'null' ? undefined : meaning;
}
