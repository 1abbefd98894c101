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

/** The place behind the clause whose first keyword is at `at`. */
function endOfClause(tokens: readonly Token[], at: number, kind: ClauseKind): number {
  let i = at + 1;
  const skip = (...words: string[]) => {
    if (!words.every((word, offset) => isWord(tokens[i + offset], word))) return false;
    i += words.length;
    return true;
  };
  const brackets = () => {
    if (isSign(tokens[i], '(')) i = closingBracket(tokens, i);
  };
  const onConflict = () => {
    if (skip('ON', 'CONFLICT')) i++;
  };
  if (kind === 'primary') {
    skip('KEY');
    if (!skip('ASC')) skip('DESC');
    onConflict();
    skip('AUTOINCREMENT');
  } else if (kind === 'null') {
    if (isWord(tokens[at], 'NOT')) skip('NULL');
    onConflict();
  } else if (kind === 'unique') {
    onConflict();
  } else if (kind === 'check') {
    brackets();
  } else if (kind === 'default') {
    if (isSign(tokens[i], '(')) brackets();
    else i += isSign(tokens[i], '-') || isSign(tokens[i], '+') ? 2 : 1;
  } else if (kind === 'collate') {
    i++;
  } else if (kind === 'generated') {
    if (isWord(tokens[at], 'GENERATED')) skip('ALWAYS', 'AS');
    brackets();
    if (!skip('STORED')) skip('VIRTUAL');
  } else {
    i++;
    brackets();
    for (;;) {
      if (skip('ON')) {
        i++;
        if (!skip('SET') && !skip('NO')) i++;
        else i++;
      } else if (skip('MATCH')) {
        i++;
      } else if (skip('NOT', 'DEFERRABLE') || skip('DEFERRABLE')) {
        if (skip('INITIALLY')) i++;
      } else {
        break;
      }
    }
  }
  return i;
}

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
    at = endOfClause(tokens, at, kind);
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
