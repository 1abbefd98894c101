import type { Knex } from 'knex';
import type { DbContext, Executor } from '../../db/connect/connection.js';
import { allOf, not } from '../../db/read/expressions.js';
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
      const alive = aliveAt(connection, executor, now);
      conditions.push(state === 'active' ? alive : not(executor, alive));
    }
    // With others named beside them, keys alone do not decide.
    if (keys !== undefined && users === undefined && !anonymous)
      conditions.push(connection.dialect.amongTexts(executor, key.column, keys));
    if (except !== undefined && except.size > 0) {
      conditions.push(not(executor, connection.dialect.amongTexts(executor, key.column, except)));
    }
    return allOf(executor, conditions);
  };
}

/** Whether {@link selectionSql} says it all. */
export function isDecidedBySql(selection: SessionSelection): boolean {
  return !needsDecoding(selection);
}
