import { CommandError } from '../../../errors.js';
import type { ResetOptions, ResetResult } from '../engine.js';
import { runRaw } from './connection.js';
import { explainMariadb } from './errors.js';
import { openFirst } from './first-server.js';
import { placeOf, serversOf } from './server.js';
import { quote } from './sql-text.js';
import type { MariadbTarget } from './url.js';

/**
 * See `resetDatabase`. The server has no way to let a new database take the place of another one at once: it is dropped and
 * made with the same character set and collation. Rights to it stay, as the server keeps them apart.
 */
export async function resetMariadb(
  target: MariadbTarget,
  { closeSessions = false }: ResetOptions,
): Promise<ResetResult> {
  const { connection, server } = await openFirst(await serversOf(target), { target, database: null });
  const place = placeOf(server);
  const explained = (error: unknown): never => {
    throw explainMariadb(error, place) ?? error;
  };
  const name = quote(server.database);
  const run = <Row>(sql: string) => runRaw<Row>(connection, sql).catch(explained);
  try {
    const text = `'${server.database.replaceAll("'", "''")}'`;
    const [made] = await run<{ charset: string; collation: string }>(
      `SELECT DEFAULT_CHARACTER_SET_NAME AS charset, DEFAULT_COLLATION_NAME AS collation
       FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ${text}`,
    );
    if (made === undefined) {
      await run(`CREATE DATABASE ${name} CHARACTER SET utf8mb4`);
      return { notKept: [] };
    }
    const others = await run<{ id: number | string }>(
      `SELECT ID AS id FROM information_schema.PROCESSLIST WHERE DB = ${text} AND ID <> CONNECTION_ID()`,
    );
    if (others.length > 0 && !closeSessions) {
      throw new CommandError(`The database ${place.database} on ${place.server} is in use by other sessions.`, {
        code: 'database_in_use',
      });
    }
    for (const { id } of others) await runRaw(connection, `KILL ${Number(id)}`).catch(() => undefined);
    await run(`DROP DATABASE ${name}`);
    await run(`CREATE DATABASE ${name} CHARACTER SET ${made.charset} COLLATE ${made.collation}`);
    return { notKept: [] };
  } finally {
    connection.destroy();
  }
}
