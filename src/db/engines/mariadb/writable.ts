import { withConnection } from '../../connect/client.js';
import type { Executor } from '../../connect/connection.js';

/**
 * See `TransactionDialect.assertWritable`. A server that is set to be read (`read_only`) refuses to begin a transaction that
 * says that it writes, unless the user may write all the same (mariadb.com/kb/en/start-transaction).
 */
export async function assertWritable(executor: Executor): Promise<void> {
  await withConnection(executor, async (single) => {
    await single.executor.raw('START TRANSACTION READ WRITE');
    await single.executor.raw('ROLLBACK');
  });
}
