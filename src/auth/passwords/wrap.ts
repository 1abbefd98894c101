import { type AuditOptions, type LogEvent, logAlongside } from '../../audit/write.js';
import type { Connection } from '../../db/connect/connection.js';
import { hasLength } from '../../db/read/expressions.js';
import { outlast } from '../../db/transactions/outages.js';
import { repeatableTransaction } from '../../db/transactions/transaction.js';
import { readRow, selectColumns } from '../../db/write/rows.js';
import { storedField } from '../../registry/define.js';
import type { Model } from '../../registry/types.js';
import { counted } from '../../text.js';
import { userModelOf } from '../accounts/user-model.js';
import { wrapHash } from './hashers/wrapped.js';

const batchSize = 64;

const wrappedEvent = (model: Model, count: number): LogEvent => ({
  action: 'change',
  model,
  pk: null,
  repr: counted(count, model.verboseName),
  messages: [{ changed: { fields: ['password'] } }],
});

export interface WrapOptions extends AuditOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number) => void;
}

/**
 * Wraps all hashes that are MD5 or SHA1 of Django, several at a time. Each batch is a transaction of its own, and a wrapped hash
 * is none of them any more: a run that was ended goes on where it was. Sessions of those accounts end. The log gets one entry for all.
 */
export async function wrapHashes(
  connection: Connection,
  { signal, onProgress, ...audit }: WrapOptions = {},
): Promise<number> {
  const { registry, dialect, db } = connection;
  const { model, password } = userModelOf(registry);
  const { alongside: log } = logAlongside((count) => [wrappedEvent(model, count)], audit);
  const key = storedField(registry, model.primaryKey);
  const fields = [model.primaryKey, password];
  let wrapped = 0;
  let after: unknown;
  for (;;) {
    signal?.throwIfAborted();
    const query = db(model.table)
      .select(selectColumns(connection, fields))
      .orderBy(`${model.table}.${model.primaryKey.column}`)
      .limit(batchSize);
    query.where((either) => {
      either
        .where(password.column, 'like', 'md5$%')
        .orWhere(password.column, 'like', 'sha1$%')
        .orWhere((bare) => {
          bare
            .where(password.column, 'not like', '%$%')
            .where(password.column, 'not like', '!%')
            .whereRaw(hasLength(db, password.column, [32, 40]));
        });
    });
    if (after !== undefined) query.where(`${model.table}.${model.primaryKey.column}`, '>', after as string);
    const raw: Record<string, unknown>[] = await query;
    if (raw.length === 0) return wrapped;
    const rows = raw.map((each) => readRow(connection, fields, each));
    const made = await Promise.all(rows.map(async (row) => ({ row, to: await wrapHash(String(row[password.name])) })));
    wrapped += await outlast(connection, () =>
      repeatableTransaction(
        connection,
        async (bound) => {
          let changed = 0;
          for (const { row, to } of made) {
            if (to === undefined) continue;
            // A password that was changed meanwhile stays.
            changed += await bound
              .db(model.table)
              .where(model.primaryKey.column, dialect.bind(bound.db, key, row[model.primaryKey.name] ?? null))
              .where(password.column, String(row[password.name]))
              .update({ [password.column]: to });
          }
          if (changed > 0) await log(bound, { before: wrapped, after: wrapped + changed });
          return changed;
        },
        { partial: true },
      ),
    );
    after = dialect.bind(db, key, rows.at(-1)?.[model.primaryKey.name] ?? null);
    onProgress?.(wrapped);
  }
}
