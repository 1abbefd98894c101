import type { Client } from 'pg';
import { quote } from '../../dialect/sql-text.js';
import type { Peek, Peeked, PeekOptions } from '../engine.js';
import { interruptConnections, openConnection, type PostgresConnections } from './connection.js';
import { serversOf } from './server.js';
import type { PostgresTarget } from './url.js';

/** Asks a PostgreSQL database: see `Engine`. */
export async function peekPostgres(
  target: PostgresTarget,
  questions: readonly Peek[],
  { timeoutMs }: PeekOptions,
): Promise<Peeked[][]> {
  const connections: PostgresConnections = { clients: new Set(), interrupted: false };
  const timer = setTimeout(interruptConnections, timeoutMs, connections);
  try {
    const client = await openAny(target, connections);
    if (target.schema !== undefined) {
      const path = target.schema.split(',').map((name) => quote(name.trim()));
      await client.query(`BEGIN; SET LOCAL search_path TO ${path.join(', ')}`);
    }
    const answers: Peeked[][] = [];
    for (const { table, columns, startsWith, limit } of questions) {
      const where = startsWith === undefined ? '' : ` WHERE ${quote(startsWith.column)} LIKE $1`;
      const { rows } = await client.query(
        `SELECT ${columns.map(quote).join(', ')} FROM ${quote(table)}${where} ORDER BY ${quote(columns[0] ?? '')} LIMIT ${limit}`,
        startsWith === undefined ? [] : [`${startsWith.text.replaceAll(/[%_\\]/g, '\\$&')}%`],
      );
      answers.push(rows);
    }
    await client.end();
    return answers;
  } finally {
    clearTimeout(timer);
    interruptConnections(connections);
  }
}

/** A connection to the first server that answers, whatever it is. */
async function openAny(target: PostgresTarget, connections: PostgresConnections): Promise<Client> {
  let failure: unknown;
  for (const server of serversOf(target)) {
    try {
      return await openConnection(target, server, connections);
    } catch (error) {
      if (connections.interrupted) throw error;
      failure = error;
    }
  }
  throw failure;
}
