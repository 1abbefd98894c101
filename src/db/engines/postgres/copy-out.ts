import type { Knex } from 'knex';
import type pg from 'pg';
import { withPlaces } from '../../dialect/sql-as-is.js';
import { quoteText } from './sql-text.js';

/** A column of a row as the server sent it; null for NULL. */
export type RowBytes = readonly (Uint8Array | null)[];

/** What marks a query whose rows are wanted as bytes. */
const asBytes = { asBytes: true };

/**
 * Runs a query whose columns are texts, and resolves with their bytes in UTF-8. The driver makes texts of all that comes as
 * rows, which for long ones takes longer than all else that it does with them; what is copied out comes as it is.
 */
export async function readBytes(query: Knex.QueryBuilder): Promise<readonly RowBytes[]> {
  return query.options(asBytes);
}

export const wantsBytes = (query: unknown): boolean =>
  (query as { options?: Partial<typeof asBytes> }).options?.asBytes === true;

/** A statement as Knex has it before it numbers its places, with the values in them, since COPY takes none. */
export function withLiterals({ sql, bindings = [] }: { sql: string; bindings?: readonly unknown[] }): string {
  let at = 0;
  return withPlaces(sql, () => literal(bindings[at++]));
}

function literal(value: unknown): string {
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'string') throw new Error('Only texts and numbers are bound where rows are copied out.');
  return quoteText(value);
}

/** Runs a SELECT. */
export async function copyOut(client: pg.Client, select: string): Promise<readonly RowBytes[]> {
  const pieces: Buffer[] = [];
  await new Promise<void>((resolve, reject) => {
    const query = {
      submit(wire: { query(sql: string): void }) {
        wire.query(`COPY (${select}) TO STDOUT (FORMAT binary)`);
        return null;
      },
      handleCopyData({ chunk }: { readonly chunk: Buffer }) {
        // The driver uses its memory for what comes next.
        pieces.push(Buffer.from(chunk));
      },
      handleCommandComplete() {},
      handleError: reject,
      handleReadyForQuery: () => resolve(),
    };
    client.query(query as unknown as pg.Submittable);
  });
  return rowsIn(Buffer.concat(pieces));
}

/** Of a mark, flags and the length of what may follow, which nothing does (postgresql.org/docs/current/sql-copy.html). */
const HEADER = 19;

function rowsIn(bytes: Buffer): RowBytes[] {
  const rows: RowBytes[] = [];
  for (let at = HEADER, columns = 0; ; ) {
    columns = bytes.readInt16BE(at);
    at += 2;
    if (columns < 0) return rows;
    const row: (Uint8Array | null)[] = [];
    while (row.length < columns) {
      const length = bytes.readInt32BE(at);
      at += 4;
      row.push(length < 0 ? null : bytes.subarray(at, at + length));
      at += Math.max(0, length);
    }
    rows.push(row);
  }
}
