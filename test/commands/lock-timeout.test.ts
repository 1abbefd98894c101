import { expect, test } from 'vitest';
import { openProject } from '../../src/app/project.js';
import { transaction } from '../../src/db/transactions/transaction.js';
import { createDatabase, forEachEngine, sqliteDriver } from '../helpers/databases.js';
import { manage, temporaryFolder } from '../helpers/manage.js';

forEachEngine((engine) => {
  test.each([[['flush', '--no-input', '--cascade']], [['clearsessions']], [['clearsessions', '--dry-run']]])(
    '%j gives up after --lock-timeout',
    async (command) => {
      const db = await createDatabase(engine, { from: 'sample' });
      const holder = await (
        await openProject({ cwd: temporaryFolder(), env: { DATABASE_URL: db.url, MANAGE_SQLITE_DRIVER: sqliteDriver } })
      ).connect();
      const run = async () => {
        const { exitCode, stderr } = await manage([...command, '--lock-timeout', '1'], { db });
        expect({ exitCode, stderr }).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/lock/i) });
      };
      try {
        if (engine === 'sqlite') {
          await holder.db.raw('BEGIN EXCLUSIVE');
          await run();
          await holder.db.raw('ROLLBACK');
        } else if (engine === 'mariadb') {
          await db.query('LOCK TABLES auth_user WRITE, django_session WRITE');
          await run();
          await db.query('UNLOCK TABLES');
        } else {
          await transaction(holder, async ({ db: executor }) => {
            await executor.raw('LOCK TABLE auth_user, django_session IN ACCESS EXCLUSIVE MODE');
            await run();
          });
        }
      } finally {
        await holder.close();
        await db.drop();
      }
    },
  );
});
