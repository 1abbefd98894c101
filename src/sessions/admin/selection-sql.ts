import type { Knex } from 'knex';
import type { DbContext, Executor } from '../../db/connect/connection.js';
import { aliveAt, sessionTable } from '../store/table.js';
import { needsDecoding, type SessionSelection } from './selection.js';

/**
 * What the database can say of a selection. Where nothing has to be decoded that is all of it, else rows that it leaves out
 * are not meant and the others may be.
 */
export function selectionSql(
  connection: DbContext,
  selection: SessionSelection,
  now: Date,
): (executor: Executor) => Knex.Raw {
  const { key } = sessionTable(connection.registry);
  const { state, keys, except, users, anonymous = false } = selection;
  return (executor) => {
    const conditions: Knex.Raw[] = [];
    if (state !== undefined) {
      conditions.push(executor.raw(state === 'active' ? '?' : 'NOT (?)', [aliveAt(connection, executor, now)]));
    }
    // With others named beside them, keys alone do not decide.
    if (keys !== undefined && users === undefined && !anonymous)
      conditions.push(connection.dialect.amongTexts(executor, key.column, keys));
    if (except !== undefined && except.size > 0) {
      conditions.push(executor.raw('NOT (?)', [connection.dialect.amongTexts(executor, key.column, except)]));
    }
    if (conditions.length === 0) return executor.raw('1 = 1');
    return executor.raw(conditions.map(() => '?').join(' AND '), conditions);
  };
}

/** Whether {@link selectionSql} says it all. */
export function isDecidedBySql(selection: SessionSelection): boolean {
  return !needsDecoding(selection);
}
