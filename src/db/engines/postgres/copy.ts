import type { Knex } from 'knex';
import type pg from 'pg';
import { isInteger, isText } from '../../../registry/field-types.js';
import type { Field } from '../../../registry/types.js';
import type { Value } from '../../dialect/dialect.js';
import { sqlAsIs } from '../../dialect/sql-as-is.js';
import type { BulkRows, PackedRows, Packing } from '../../write/bulk.js';
import { bindPostgres } from './values.js';

/** What each `COPY … FROM STDIN` of a query reads, in their order, in pieces. */
type CopyTexts = readonly (readonly (string | Buffer)[])[];

/** Statements that are sent with the texts which some of them read, as one message: the server then works by itself. */
interface CopyQuery {
  readonly copyTexts: CopyTexts;
  /** Is told of each statement that has succeeded. */
  readonly onStatement: () => void;
}

/**
 * Makes what inserts rows into one table after the other: all of them or none.
 *
 * `constraints` are deferred ones, as a list in SQL, that are checked meanwhile; false where that fails, which is no
 * error yet: what is referred to may still come.
 */
export function prepareCopy(
  tables: readonly (BulkRows | PackedRows)[],
): (executor: Knex, constraints: string) => Promise<boolean> {
  const texts = tables.map((rows) => ('rows' in rows ? copyTexts(rows) : [rows.bytes]));
  return (executor, constraints) => copy(executor, tables, texts, constraints);
}

async function copy(
  executor: Knex,
  tables: readonly (BulkRows | PackedRows)[],
  texts: CopyTexts,
  constraints: string,
): Promise<boolean> {
  const copies = tables.map(({ columns }) => `COPY ?? (${columns.map(() => '??').join(', ')}) FROM STDIN`);
  const names = tables.flatMap(({ table, columns }) => [table, ...columns.map(({ name }) => name)]);
  const inserting = ['SAVEPOINT new_rows', ...copies, 'RELEASE SAVEPOINT new_rows'];
  const list = sqlAsIs(constraints);
  const checking = [
    'SAVEPOINT new_references',
    `SET CONSTRAINTS ${list} IMMEDIATE`,
    `SET CONSTRAINTS ${list} DEFERRED`,
    'RELEASE SAVEPOINT new_references',
  ];
  let succeeded = 0;
  const copyQuery: CopyQuery = {
    copyTexts: texts,
    onStatement: () => {
      succeeded++;
    },
  };
  try {
    const statements = constraints === '' ? inserting : [...inserting, ...checking];
    await executor.raw(statements.join('; '), names).options(copyQuery);
    return true;
  } catch (error) {
    const savepoint = succeeded < inserting.length ? 'new_rows' : 'new_references';
    await executor.raw(`ROLLBACK TO SAVEPOINT ${savepoint}; RELEASE SAVEPOINT ${savepoint}`);
    if (succeeded < inserting.length) throw error;
    return false;
  }
}

export function copyQueryOf(query: unknown): CopyQuery | undefined {
  const { options } = query as { options?: Partial<CopyQuery> };
  const { copyTexts: texts, onStatement } = options ?? {};
  return texts === undefined || onStatement === undefined ? undefined : { copyTexts: texts, onStatement };
}

/** What `pg` takes in the place of a query of its own. */
interface Wire {
  query(sql: string): void;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
}

/** Runs a query whose statements read texts. */
export function runCopyQuery(client: pg.Client, sql: string, { copyTexts: texts, onStatement }: CopyQuery) {
  return new Promise<void>((resolve, reject) => {
    const query = {
      submit(wire: Wire) {
        wire.query(sql);
        // The server asks for each text when it gets there, and reads on if it never does.
        for (const pieces of texts) {
          for (const piece of pieces) wire.sendCopyFromChunk(typeof piece === 'string' ? Buffer.from(piece) : piece);
          wire.endCopyFrom();
        }
        return null;
      },
      handleCopyInResponse() {},
      handleCommandComplete: onStatement,
      handleError: reject,
      handleReadyForQuery: () => resolve(),
    };
    client.query(query as unknown as pg.Submittable);
  });
}

/** Characters of one piece, about. */
const PIECE = 1 << 16;

function copyTexts({ columns, rows }: BulkRows): string[] {
  const writers = columns.map(
    ({ field }) =>
      (value: Value) =>
        copyText(field, value),
  );
  const pieces: string[] = [];
  let piece = '';
  for (const row of rows) {
    for (let index = 0; index < writers.length; index++) {
      if (index > 0) piece += '\t';
      piece += writers[index]?.(row[index] ?? null) ?? '';
    }
    piece += '\n';
    if (piece.length > PIECE) {
      pieces.push(piece);
      piece = '';
    }
  }
  if (piece !== '') pieces.push(piece);
  return pieces;
}

const SPECIAL = /[\\\t\n\r]/;
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

/** A value in the text format of COPY (postgresql.org/docs/current/sql-copy.html). */
function copyText(field: Field, value: Value): string {
  const bound = bindPostgres(field, value);
  if (bound === null || bound === undefined) return '\\N';
  if (bound instanceof Uint8Array) return `\\\\x${Buffer.from(bound).toString('hex')}`;
  return escaped(String(bound));
}

const escaped = (text: string) =>
  SPECIAL.test(text) ? text.replace(/[\\\t\n\r]/g, (character) => ESCAPES[character] ?? character) : text;

/** What JSON says with an escape. */
const unescaped = (json: string) => Buffer.from(escaped(JSON.parse(decoded(json)))).toString('latin1');

const decoded = (text: string) => Buffer.from(text, 'latin1').toString();

/** In the text format of COPY, too. */
export const copyPacking: Packing = {
  cell({ type }) {
    const plain = (json: string) => (json === 'null' ? '\\N' : json);
    if (isInteger(type) || type === 'BooleanField') return plain;
    if (type === 'DateTimeField') return (json) => (json === 'null' ? '\\N' : json.slice(1, -1));
    if (!isText(type)) return undefined;
    return (json) => (json === 'null' ? '\\N' : json.includes('\\') ? unescaped(json) : json.slice(1, -1));
  },
  row: () => (cells) => `${cells.join('\t')}\n`,
  between: '',
};
