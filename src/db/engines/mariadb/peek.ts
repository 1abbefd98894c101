import type { RowDataPacket } from 'mysql2';
import { quote } from '../../dialect/sql-text.js';
import type { Peek, Peeked, PeekOptions } from '../engine.js';
import { interruptConnections, type MariadbConnections } from './connection.js';
import { openFirst } from './first-server.js';
import { serversOf } from './server.js';
import type { MariadbTarget } from './url.js';

/** Asks a MariaDB or MySQL database: see `Engine`. */
export async function peekMariadb(
  target: MariadbTarget,
  questions: readonly Peek[],
  { timeoutMs }: PeekOptions,
): Promise<Peeked[][]> {
  const connections: MariadbConnections = { open: new Map(), interrupted: false };
  const timer = setTimeout(interruptConnections, timeoutMs, connections, target);
  try {
    const { connection } = await openFirst(await serversOf(target), {
      target,
      connections,
      lockTimeoutSeconds: Math.ceil(timeoutMs / 1000),
    });
    const answers: Peeked[][] = [];
    for (const { table, columns, startsWith, limit } of questions) {
      // What the session is told leaves LIKE without an escape: one character stands for each that means something to it.
      const where = startsWith === undefined ? '' : ` WHERE ${quote(startsWith.column)} LIKE ?`;
      const [rows] = await connection
        .promise()
        .query<RowDataPacket[]>(
          `SELECT ${columns.map(quote).join(', ')} FROM ${quote(table)}${where} ORDER BY ${quote(columns[0] ?? '')} LIMIT ${limit}`,
          startsWith === undefined ? [] : [`${startsWith.text.replaceAll(/[%_\\]/g, '_')}%`],
        );
      answers.push(rows);
    }
    return answers;
  } finally {
    clearTimeout(timer);
    for (const connection of connections.open.keys()) connection.destroy();
  }
}
